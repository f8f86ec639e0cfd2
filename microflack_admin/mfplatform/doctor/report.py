"""Gather the facts, have all checks look at them, and tell what they find."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace

from mfplatform.doctor import (
    home_checks,
    home_files,
    machine,
    machine_checks,
    running_checks,
    watched_checks,
)
from mfplatform.doctor.facts import Facts, Finding, Running
from mfplatform.state import colours, intact, last_backup
from mfplatform.state.home import Home

CHECKS = (
    *machine_checks.ALL,
    *home_checks.ALL,
    *running_checks.ALL,
    *watched_checks.ALL,
)
# What asks a platform, or a monolith, that may not run.
Look = Callable[[Home], Running]


def gather(
    home: Home, look: Look, missing: Iterable[str], programs: Mapping[str, str]
) -> Facts:
    """Return all that is known.

    :param look: asks what runs. It is not called where that would trip over damage.
    :param missing: the Debian packages that are not there.
    :param programs: the programs that are needed, with their Debian packages.
    """
    unreadable = tuple(home_files.unreadable(home))
    damage = None if unreadable else intact.complaint(home)
    is_known = not (unreadable or damage)
    torn = tuple(home_files.torn_records(home))
    python = home.path / "tools" / "bin" / "python"
    facts = Facts(
        home=home.path,
        now=time.time(),
        settings=home.settings if is_known else {},
        missing_packages=tuple(missing),
        programs=tuple(machine.programs(programs)),
        tools_are_broken=python.is_symlink() and not python.exists(),
        unreadable=unreadable,
        damage=damage,
        torn=torn,
        backup=last_backup.read(home),
        running=look(home) if is_known and not torn else Running(),
    )
    return _with_files(home, _with_machine(home, facts))


def _with_machine(home: Home, facts: Facts) -> Facts:
    running = facts.running
    # What cannot be asked may run, and then the ports are its own.
    may_run = bool(running.status or running.problem or facts.tools_are_broken)
    may_run = may_run or bool(facts.unreadable or facts.damage or facts.torn)
    return replace(
        facts,
        disks=tuple(machine.disks(home)),
        memory=machine.memory(),
        open_files=machine.open_files(),
        taken_ports=() if may_run else tuple(machine.taken_ports(facts.settings)),
    )


def _with_files(home: Home, facts: Facts) -> Facts:
    return replace(
        facts,
        readable=tuple(home_files.readable(home)),
        foreign=tuple(home_files.foreign(home)),
        owner=home_files.owner(home),
        newest=home_files.newest(home),
    )


def examine(facts: Facts) -> list[Finding]:
    """Return what is wrong, in the order of the checks."""
    found = (check(facts) for check in CHECKS)
    return [one for one in found if one is not None]


def show(facts: Facts, findings: list[Finding], has_colours: bool = False) -> str:
    """Return it for people: what is wrong, and below it the command."""
    colour = colours.RED if has_colours else ""
    told = [f"{colours.painted(one.what, colour)}\n    {one.mend}" for one in findings]
    if not findings:
        told.append(f"Nothing is wrong: {len(CHECKS)} checks.")
    if facts.running.status is None and not facts.running.problem:
        told.append("Nothing runs, so only what stands still was looked at.")
    return "\n".join(told)


def run(
    home: Home, look: Look, missing: Iterable[str], programs: Mapping[str, str]
) -> int:
    """Print the report; return 1 when something is wrong.

    The command line may say --json.
    """
    facts = gather(home, look, missing, programs)
    findings = examine(facts)
    if "--json" in sys.argv:
        told = {
            "running": facts.running.status is not None,
            "checks": len(CHECKS),
            "findings": [asdict(one) for one in findings],
        }
        print(json.dumps(told, indent=2))
    else:
        print(show(facts, findings, colours.are_wanted(sys.stdout)))
    return 1 if findings else 0
