"""What is damaged on the disk: the way out is said, and leads out."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from platforms import Platform

from mfplatform.state import damage
from mfplatform.state.home import Home

pytest_plugins = ["platform_fixtures"]


def overwrite(file: Path, start: int, count: int) -> None:
    """Write noise over a part of a file, whose size stays."""
    with open(file, "r+b") as out:
        out.seek(start)
        out.write(os.urandom(count))


def damage_wal(platform: Platform) -> None:
    (first, *_) = sorted((platform.home / "etcd").rglob("*.wal"))
    overwrite(first, 64, 4000)


def damage_snapshot(platform: Platform) -> None:
    (file,) = (platform.home / "etcd").rglob("snap/db")
    overwrite(file, 0, 60_000)


def damage_tables(platform: Platform) -> None:
    (file,) = (platform.home / "mariadb").rglob("ibdata1")
    overwrite(file, 0, 200_000)


def damage_redo_log(platform: Platform) -> None:
    (file,) = (platform.home / "mariadb").rglob("ib_logfile0")
    overwrite(file, 0, 20_000)


@pytest.mark.parametrize(
    ("part", "harm", "cost"),
    [
        ("etcd", damage_wal, "the history of upgrades"),
        ("etcd", damage_snapshot, "the history of upgrades"),
        ("mariadb", damage_tables, "ALL ACCOUNTS AND MESSAGES ARE LOST"),
        ("mariadb", damage_redo_log, "ALL ACCOUNTS AND MESSAGES ARE LOST"),
    ],
)
def test_the_way_out_of_damaged_data_leads_out(
    platform: Platform, part: str, harm: object, cost: str
) -> None:
    platform.done("mfdown")
    assert callable(harm)
    harm(platform)
    failed = platform.mf("mfup")
    assert failed.returncode == 1, failed.stderr
    assert f"{part} does not work" in failed.stderr
    assert "data seems to be damaged" in failed.stderr, failed.stderr
    assert cost in failed.stderr
    way = re.search(r"mfdown; (mv '.*' '.*'); mfup", failed.stderr)
    assert way is not None
    platform.done("mfdown")
    assert platform.processes() == []
    subprocess.run(["bash", "-c", way[1]], check=True)
    platform.done("mfup")
    assert platform.works()
    assert list(platform.home.glob(f"{part}-damaged*"))


def test_a_queue_with_torn_files_starts(platform: Platform) -> None:
    platform.done("mfdown")
    for name in ("dump.rdb", "appendonly.aof"):
        (platform.home / "redis" / name).write_bytes(b"REDIS0009\xfa torn")
    platform.done("mfup")
    assert platform.works()


@pytest.mark.parametrize(
    ("part", "log"),
    [
        ("etcd", "listen tcp 127.0.0.1:2379: bind: address already in use"),
        ("mariadb", "Can't start server: Bind on TCP/IP port: Address already in use"),
        ("haproxy", "InnoDB: page corruption"),
    ],
)
def test_other_trouble_is_no_damage(tmp_path: Path, part: str, log: str) -> None:
    assert damage.way_out(Home(tmp_path), part, log) is None
