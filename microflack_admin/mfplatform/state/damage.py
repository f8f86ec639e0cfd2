"""Parts whose data is damaged: how that shows in their logs, and the way out."""

import re
from pathlib import Path
from typing import NamedTuple

from mfplatform.state.home import Home


class _Damage(NamedTuple):
    """``signs`` are looked for in the last lines that a part has logged.

    So are ``unsure`` ones, which count where the folder has a file like ``proof``.
    """

    signs: re.Pattern[str]
    folder: str
    cost: str
    unsure: re.Pattern[str] | None = None
    proof: str = ""


_DAMAGES = {
    "etcd": _Damage(
        re.compile(
            r"crc mismatch|cannot be repaired|max entry size limit exceeded"
            r"|wal: |walpb: |snap: |proto: |unmarshal|unexpected EOF"
            r"|failed to (find|read|recover|load|open|get) [^\n]*(wal|snap|backend|db)"
            r"|invalid database|freelist|panic: ",
            re.IGNORECASE,
        ),
        "etcd",
        "Services write their keys anew, revoked tokens and rights, too. What is lost "
        "is the history of upgrades, and where one under way stood: mfupgrade rollback "
        "then knows no version before (take it by mfupgrade roll SERVICE TAG)",
        # It cuts its log off where that is torn, and may lose who it is by that.
        re.compile("failed to publish local member"),
        "*.wal.broken",
    ),
    "mariadb": _Damage(
        re.compile(
            r"InnoDB: [^\n]*(corrupt|checksum|missing|does not exist|invalid|different|"
            r"unable|cannot|can\'t|failed|page)|aria[^\n]*(recovery|checksum|control)"
            r"|storage engine: InnoDB|crashed|got error|incorrect information in file"
            r"|plugin table|privilege tables",
            re.IGNORECASE,
        ),
        "mariadb",
        "ALL ACCOUNTS AND MESSAGES ARE LOST by that: put a backup in its place "
        "instead, if there is one (docs/operate.md), or have what can still be read "
        'dumped ("InnoDB Recovery Modes" in MariaDB\'s manual)',
    ),
}


def way_out(home: Home, part: str, log: str) -> str | None:
    """Return what to do about a part that does not start, if its data is damaged.

    :param log: the last lines that it has logged.
    """
    found = _DAMAGES.get(part)
    if found is None:
        return None
    folder = home.path.resolve() / found.folder
    if not found.signs.search(log) and not _is_proved(found, folder, log):
        return None
    aside = _free(folder.with_name(f"{folder.name}-damaged"))
    return (
        "Its data seems to be damaged. Have it begin with nothing, and keep the old "
        f"for a look: mfdown; mv '{folder}' '{aside}'; mfup\n{found.cost}."
    )


def _is_proved(found: _Damage, folder: Path, log: str) -> bool:
    if found.unsure is None or not found.unsure.search(log):
        return False
    return any(folder.rglob(found.proof))


def _free(path: Path) -> Path:
    number = 1
    found = path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.name}-{number}")
    return found
