"""What the caretaker is told, and the memory that it counts."""

import subprocess
import sys

import pytest

from mfplatform.state import care, memory
from mfplatform.state.home import PlatformError


def test_memory_is_counted_with_that_of_children() -> None:
    script = "import subprocess, sys; b = b'x' * 40_000_000; print(flush=True); input()"
    parent = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {script!r}])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert 50_000_000 < memory.of_tree(process.pid) < memory.available()
        process.communicate(b"\n")
    assert memory.of_tree(process.pid) == 0


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"MF_ASKED_CARETAKER": "yes"}, "takes on, dry-run, off, not 'yes'"),
        ({"MF_ASKED_MAX_MEMORY": "much"}, "from 1 to 1000000, or 0 .*, not 'much'"),
        ({"MF_ASKED_MAX_MEMORY": "1000001"}, "not '1000001'"),
        ({"MF_ASKED_HOOK": "one\nanother"}, "MF_HOOK takes a command on one line"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    asked: dict[str, str], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        care.settle({}, asked)


def test_a_runtime_without_a_caretaker_says_so() -> None:
    care.check({care.CARETAKER: "off"}, "boats", ["etcd"])
    with pytest.raises(PlatformError, match="'boats' runs no caretaker"):
        care.check({care.CARETAKER: "on"}, "boats", ["etcd"])
