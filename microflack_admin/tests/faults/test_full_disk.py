"""A full disk: what was acknowledged stays, and all works when there is room again."""

import subprocess
import time

import pytest
from chat import Person
from conftest import Doubled
from crowd import Crowd

SIZE_MB = 1200


@pytest.fixture
def small_disk(tmp_path):
    """Return a small file system of its own."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=700", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system cannot be mounted here: that takes root")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.fixture
def platform(small_disk):
    """Bring everything up on the small disk."""
    platform = Doubled(small_disk / "home")
    try:
        platform.run("mfup")
        yield platform
    finally:
        platform.run("mfdown", check=False)


def test_a_full_disk_loses_nothing_and_is_recovered_from(platform, small_disk):
    crowd = Crowd(Person(platform.url, "somebody"))
    with crowd.listening():
        crowd.wait_until_it_works()
        filler = small_disk / "filler"
        with crowd.busy(writers=2, readers=1):
            fill(filler)
            wait_for_answers(crowd, 20)
            filler.unlink()
            crowd.wait_until_it_works()
        crowd.check()


def fill(file):
    """Leave no room on the file system of ``file``."""
    with open(file, "wb", buffering=0) as out:
        block = b"x" * 2**20
        while block:
            try:
                out.write(block)
            except OSError:
                block = block[: len(block) // 2]


def wait_for_answers(crowd, count, patience=60):
    """Wait until people were told so often that it worked, or that it did not."""
    end = time.monotonic() + patience
    wanted = told(crowd) + count
    while told(crowd) < wanted:
        assert time.monotonic() < end, "nobody is told anything"
        time.sleep(0.05)


def told(crowd):
    return len(crowd.acknowledged) + len(crowd.failed_posts)
