"""What is known of a platform and its machine, once, for all checks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mfplatform.state.last_backup import Outcome


@dataclass(frozen=True)
class Disk:
    """A file system that the platform writes to; ``holds`` is what is on it."""

    holds: Path
    used_share: float
    free: int


@dataclass(frozen=True)
class Program:
    """A server that the platform runs: what is wrong with its version, "" if nothing.

    :param package: the Debian package that it comes from.
    """

    name: str
    package: str
    problem: str


@dataclass(frozen=True)
class Release:
    """A service that runs: its oldest release that serves, and where newer ones are.

    ``built`` is the newest that mfbuild has made, "" if there is none; ``checkout``
    that of the folder.
    """

    service: str
    serving: str
    built: str
    checkout: str


@dataclass(frozen=True)
class RegistryFacts:
    """A registry that answers: whether its members agree, and what it holds.

    :param bytes: of keys and values.
    :param fullest: below which key most are.
    :param database_share: how full etcd's own database is, from 0 to 1.
    """

    has_quorum: bool = True
    keys: int = 0
    bytes: int = 0
    fullest: str = "/"
    database_share: float = 0.0


@dataclass(frozen=True)
class AlertFacts:
    """What Prometheus finds wrong, a sentence each; or why it does not tell.

    :param is_told: whether MF_HOOK says who is told.
    """

    problem: str = ""
    firing: tuple[str, ...] = ()
    is_told: bool = True


@dataclass(frozen=True)
class Running:
    """What a platform that runs tells; the default is one that does not.

    :param status: what mfstatus tells; None if nothing runs.
    :param problem: why it cannot be asked, where that is not simply that it is stopped.
    :param ways_out: what to do about a part whose data is damaged, by its name.
    :param registry: None if it does not answer.
    :param alerts: None where there is no Prometheus.
    """

    status: Mapping[str, Any] | None = None
    problem: str | None = None
    releases: tuple[Release, ...] = ()
    ways_out: Mapping[str, str] = field(default_factory=dict)
    registry: RegistryFacts | None = None
    alerts: AlertFacts | None = None


@dataclass(frozen=True)
class Facts:
    """All that is known; the default is a machine where all is well and nothing runs.

    :param now: Unix seconds.
    :param memory: bytes that the machine has, or this container may have; and those
        that are available now.
    :param open_files: how many one process may have open; None for any number.
    :param taken_ports: of what does not run: the setting, the port, and who has it.
    :param tools_are_broken: they are installed, but their Python has gone.
    :param unreadable: files of the platform that whoever asks may not read.
    :param readable: files with secrets that others may read.
    :param foreign: files that do not belong to who owns MF_HOME.
    :param torn: records of instances that cannot be read.
    :param backup: what came of the last one; None if there was none.
    :param newest: when the newest file was written, in Unix seconds.
    """

    home: Path = Path("/nowhere")
    now: float = 0
    settings: Mapping[str, str] = field(default_factory=dict)
    missing_packages: tuple[str, ...] = ()
    programs: tuple[Program, ...] = ()
    tools_are_broken: bool = False
    disks: tuple[Disk, ...] = ()
    memory: tuple[int, int] | None = None
    open_files: int | None = None
    taken_ports: tuple[tuple[str, int, str], ...] = ()
    damage: str | None = None
    unreadable: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    foreign: tuple[Path, ...] = ()
    owner: str = ""
    torn: tuple[Path, ...] = ()
    backup: Outcome | None = None
    newest: float = 0
    running: Running = field(default_factory=Running)

    @property
    def status(self) -> Mapping[str, Any]:
        """What mfstatus tells; nothing if nothing runs."""
        return self.running.status or {}


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, in a sentence, and the command that mends it."""

    check: str
    what: str
    mend: str
