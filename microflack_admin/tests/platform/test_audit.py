"""Who changed what is written down, and nobody else can read it."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from platforms import ADMIN

# A command as those of bin/, which ends as it is told.
COMMAND = """\
source {admin}/lib/common.bash
mf_load
mf_audit "${{@:2}}"
exit "$1"
"""


def called(home: Path, status: int, *words: str) -> dict[str, str]:
    """Call a command that changes something; return the line that it leaves."""
    script = COMMAND.format(admin=ADMIN)
    command = ["bash", "-c", script, "mfchange", str(status), *words]
    environment = os.environ | {"MF_HOME": str(home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (status, "")
    lines = (home / "logs" / "audit.log").read_text().splitlines()
    return dict(json.loads(lines[-1]))


def test_a_change_leaves_a_line_with_who_what_and_the_outcome(tmp_path: Path) -> None:
    line = called(tmp_path, 0, "users-1")
    assert (line["message"], line["outcome"]) == ("mfchange users-1", "done")
    assert line["by"].endswith(f"({os.getuid()})")
    assert called(tmp_path, 3)["outcome"] == "failed with 3"
    file = tmp_path / "logs" / "audit.log"
    assert len(file.read_text().splitlines()) == 2
    assert oct(file.stat().st_mode & 0o777) == "0o600"


def test_values_of_settings_are_left_out(tmp_path: Path) -> None:
    line = called(tmp_path, 0, "users", "--", "TOKEN=a secret")
    assert line["message"] == "mfchange users -- TOKEN=..."


@pytest.mark.parametrize("word", ['"', "\\", "a\nb", "ü", "}{"])
def test_any_word_makes_one_line(tmp_path: Path, word: str) -> None:
    assert called(tmp_path, 0, word)["message"] == f"mfchange {word}".replace("\n", " ")


CHANGING = {
    "mfup",
    "mfdown",
    "mfbuild",
    "mfrun",
    "mfkill",
    "mfupgrade",
    "mfdev",
    "mfenv",
}
READING = {"mfstatus", "mftop", "mfdoctor", "mflogs", "etcd-dump"}
# They change nothing but platforms of their own.
READING |= {"mfclone", "mftest", "mfbench", "mftour", "mfchaos"}


def test_every_command_that_changes_something_is_audited() -> None:
    audited = {
        file.name
        for file in (ADMIN / "bin").iterdir()
        if "mf_audit " in file.read_text()
    }
    assert audited == {file.name for file in (ADMIN / "bin").iterdir()} - READING
    assert audited >= CHANGING
