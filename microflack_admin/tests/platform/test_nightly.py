"""Backups by night: when one is due, what is kept, and what is refused."""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from datetime import time as clock_time
from pathlib import Path

import pytest
from daemons import wait_for

from mfplatform.backup import nightly as runner
from mfplatform.backup.nightly import Made, Nightly
from mfplatform.caretaker import news
from mfplatform.state import last_backup, nightly
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.last_backup import Outcome
from mfplatform.state.nightly import Attempt

# As in the middle of Europe: summer from 29 March to 25 October 2026.
ZONE = "CET-1CEST,M3.5.0,M10.5.0/3"


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have clocks here show the time of ZONE."""
    with monkeypatch.context() as changed:
        changed.setenv("TZ", ZONE)
        time.tzset()
        yield
    time.tzset()


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize(
    ("after", "at", "expected"),
    [
        ("2026-05-05T01:00+02:00", "03:00", "2026-05-05T03:00+02:00"),
        ("2026-05-05T03:00+02:00", "03:00", "2026-05-06T03:00+02:00"),
        ("2026-12-31T23:59+01:00", "00:00", "2027-01-01T00:00+01:00"),
        # The night that is an hour short, before, in and after what is left out.
        ("2026-03-28T12:00+01:00", "02:30", "2026-03-29T03:30+02:00"),
        ("2026-03-29T03:30+02:00", "02:30", "2026-03-30T02:30+02:00"),
        ("2026-03-28T03:00+01:00", "03:00", "2026-03-29T03:00+02:00"),
        # The night that has an hour twice: once is enough.
        ("2026-10-24T12:00+02:00", "02:30", "2026-10-25T02:30+02:00"),
        ("2026-10-25T02:30+02:00", "02:30", "2026-10-26T02:30+01:00"),
        ("2026-10-25T02:40+01:00", "02:30", "2026-10-26T02:30+01:00"),
    ],
)
def test_the_next_time_is_the_next_that_clocks_show(
    after: str, at: str, expected: str
) -> None:
    assert nightly.next_time(moment(after), clock_time.fromisoformat(at)) == moment(
        expected
    )


BEGUN = "2026-05-05T03:00+02:00"
WHOLE, BROKEN = Attempt(moment(BEGUN), True), Attempt(moment(BEGUN), False)


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, BEGUN, True),
        (WHOLE, "2026-05-06T02:59+02:00", False),
        (WHOLE, "2026-05-06T03:00+02:00", True),
        # The machine was off.
        (WHOLE, "2026-05-09T11:00+02:00", True),
        (BROKEN, "2026-05-05T03:59+02:00", False),
        (BROKEN, "2026-05-05T04:00+02:00", True),
        # A clock that was put back a bit, and one that had been wrong.
        (WHOLE, "2026-05-05T02:59+02:00", False),
        (WHOLE, "2025-05-05T03:00+02:00", True),
    ],
)
def test_missed_nights_are_made_up_for_once(
    last: Attempt | None, now: str, due: bool
) -> None:
    assert nightly.is_due(last, moment(now), clock_time(3)) == due


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"MF_ASKED_BACKUP_AT": "24:00"}, "MF_BACKUP_AT must be .*, not '24:00'"),
        ({"MF_ASKED_BACKUP_AT": "at three"}, "MF_BACKUP_AT must be a time such as"),
        ({"MF_ASKED_BACKUP_AT": "3:60"}, "MF_BACKUP_AT must be .*, not '3:60'"),
        ({"MF_ASKED_BACKUP_KEEP": "0"}, "MF_BACKUP_KEEP must be a number from 1 to"),
        ({"MF_ASKED_BACKUP_KEEP": "all"}, "MF_BACKUP_KEEP must be .*, not 'all'"),
        ({"MF_ASKED_BACKUP": "/a\n/b"}, "MF_BACKUP takes a folder on one line"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        nightly.settle({}, asked)


def test_what_was_asked_for_is_remembered(tmp_path: Path) -> None:
    assert nightly.settle({}, {}) == {}
    secret = {"MF_BACKUP_PASSPHRASE_FILE": str(tmp_path / "passphrase")}
    kept = nightly.settle({}, {"MF_ASKED_BACKUP": str(tmp_path)} | secret)
    later = nightly.settle(kept, {"MF_ASKED_BACKUP_AT": "4", "MF_ASKED_BACKUP": ""})
    found = nightly.plan(later)
    assert found is not None
    assert (found.folder, found.at, found.keep) == (tmp_path, clock_time(4), 7)
    assert found.passphrase_file == str(tmp_path / "passphrase")
    assert nightly.plan(nightly.settle(later, {"MF_ASKED_BACKUP": "none"})) is None


def test_a_folder_in_which_no_backup_would_be_safe_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    (home.path / "backups").mkdir(parents=True)
    (tmp_path / "file").touch()
    for folder, problem in {
        tmp_path / "missing": "there is no folder .*missing. Make it first",
        tmp_path / "file": "there is no folder",
        home.path / "backups": "would be lost together with",
        # Nobody makes files there, whoever it is.
        Path("/proc"): "nothing can be written into /proc",
    }.items():
        wanted = {"MF_BACKUP": str(folder)}
        with pytest.raises(PlatformError, match=f"^MF_BACKUP: .*{problem}"):
            nightly.check(home, {}, wanted)
        # What is as it was keeps nothing from starting.
        nightly.check(home, wanted, wanted)


def test_a_failure_and_a_backup_that_is_old_are_told(tmp_path: Path) -> None:
    on = {"MF_BACKUP": "/b"}
    fine = Outcome(file="/b/a", at=1_000_000, problem=None)
    failed = Outcome(file="/b/a", at=1_000_000, problem="it is full")
    soon, late = 1_000_000 + 2 * 86_400.0, 1_000_001 + 2 * 86_400.0

    def told(*arguments: object) -> list[str]:
        return [one.subject for one in news.backups(*arguments)]  # type: ignore[arg-type]

    assert told(on, fine, soon) == told(on, None, late) == told({}, fine, late) == []
    assert (told(on, fine, late), told(on, failed, soon)) == (["old"], ["failed"])
    assert told({}, failed, late) == []
    home = Home(tmp_path)
    home.record(MF_BACKUP="/b")
    assert nightly.sentences(nightly.described(home)) == [
        "Backups: at 03:00 each night, in /b, without secrets; 7 are kept"
    ]


def ours(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("microflack-*.mfbackup"))


def test_the_last_ones_are_kept_and_files_of_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, folder = Home(tmp_path / "home"), tmp_path / "backups"
    program = tmp_path / "bin" / "mfbackup"
    for made in (home.path, folder, program.parent):
        made.mkdir()
    program.write_text('#!/bin/sh\n[ ! -e "$MF_HOME/fails" ] || exit 3\n: >"$1"\n')
    program.chmod(0o755)
    monkeypatch.setenv("MF_ADMIN", str(tmp_path))
    home.record(MF_BACKUP=str(folder), MF_BACKUP_KEEP="2")
    others = folder / "microflack-2020-01-01-000000.mfbackup"
    others.touch()

    def one_more(night: int) -> Made:
        """Have one made as if the last one had been long ago."""
        # A second at least is between two of them.
        wait_for(lambda: not (folder / time.strftime(runner.NAME)).exists(), 60)
        last = runner.read(home)
        if last is not None:
            past = {"begun": 1_000_000.0 + night, "files": last.files}
            text = {"file": last.file, "is_whole": last.is_whole} | past
            (home.path / "nightly.json").write_text(json.dumps(text))
        by_night = Nightly(home, pause_seconds=0)
        by_night.look()
        assert by_night._process is not None
        by_night._process.wait()
        by_night.look()
        found = runner.read(home)
        assert found is not None
        return found

    names = [Path(one_more(night).file).name for night in range(3)]
    assert ours(folder) == [others.name, *names[1:]]
    (home.path / "fails").touch()
    assert not one_more(3).is_whole
    assert ours(folder) == [others.name, *names[1:]]
    told = last_backup.read(home)
    assert told is not None and "mfbackup ended with 3" in str(told["problem"])
    # Whoever had begun it is gone, but it is there.
    broken = runner.read(home)
    assert broken is not None
    Path(broken.file).touch()
    Nightly(home, pause_seconds=0).look()
    kept = runner.read(home)
    assert kept is not None and kept.is_whole
    assert ours(folder) == [others.name, names[2], Path(kept.file).name]
