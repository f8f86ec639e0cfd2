"""What the disk holds: measured now and then, told with the time of that."""

import time
from pathlib import Path

import pytest

from mfplatform.commands import status
from mfplatform.state import measured_disk
from mfplatform.state.home import Home, write_env
from mfplatform.state.measured_disk import Measured

NOW = 1_000_000.0


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return the folder of a platform whose data takes 100 kB."""
    found = Home(tmp_path / "home")
    write_env(found.settings_file, {"MF_RUN": str(tmp_path / "run")})
    (found.path / "data").write_bytes(bytes(100_000))
    return found


def test_what_was_measured_is_told_again_with_its_age(home: Home) -> None:
    asked: list[int] = []

    def images_bytes() -> int:
        asked.append(7)
        # It took long, as far as anybody can tell.
        measured_disk.file(home).parent.mkdir(exist_ok=True)
        return 7

    first = measured_disk.usage(home, images_bytes)
    assert first.data is not None and first.data > 100_000
    assert first.images == 7 and abs(first.measured - time.time()) < 60
    slow = Measured(time.time() - 5, 3600.0, 200_000, None, 0)
    measured_disk.file(home).write_text(slow.text())
    told = measured_disk.usage(home, images_bytes)
    assert (told.data, told.images, len(asked)) == (200_000, None, 1)
    shown = {"data": 200_000, "images": None, "logs": 0, "free": 1}
    text = status.disk_line(shown | {"measured": time.time() - 5.4})
    assert text == "Disk: data 200 kB, images unknown, logs 0 B (5 s ago); 1 B free"
    measured_disk.forget(home)
    assert measured_disk.usage(home, images_bytes).images == 7


@pytest.mark.parametrize(
    ("took", "age", "is_good"),
    [
        (1.0, 0.0, True),
        (1.0, 19.0, True),
        (1.0, 20.0, False),
        (60.0, 299.0, True),
        (60.0, 300.0, False),
        (1.0, -1.0, False),
        (0.0, 0.0, False),
    ],
)
def test_the_longer_it_takes_the_longer_it_is_good(
    took: float, age: float, is_good: bool
) -> None:
    assert Measured(NOW - age, took, 1, 1, 1).is_good(NOW) is is_good


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"at": 1}', '{"at": "x"}', "\xff"])
def test_what_is_damaged_is_measured_anew(home: Home, text: str) -> None:
    measured_disk.file(home).parent.mkdir()
    measured_disk.file(home).write_text(text)
    assert measured_disk.usage(home, lambda: None).data
