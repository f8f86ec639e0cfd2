"""What an upgrade says to people."""

from collections.abc import Sequence
from typing import Any

from mfplatform.commands.status import table
from mfplatform.upgrade.compare import verdict
from mfplatform.upgrade.state import (
    Observation,
    ObservedInstance,
    Upgrade,
    format_time,
    new_counts,
    new_instances,
    old_counts,
    remaining_old,
)
from mfplatform.upgrade.store import Entry

WAYS_OUT = "Complete it with: mfupgrade roll. Undo it with: mfupgrade abort"


def names(instances: Sequence[ObservedInstance]) -> str:
    """List instances by name."""
    return ", ".join(one.name for one in instances) or "none"


def stepping(upgrade: Upgrade) -> str:
    """Say over which releases an upgrade leads."""
    stops = [upgrade.old_version, upgrade.version]
    shown = " -> ".join([*stops, *(stop.version for stop in upgrade.ahead)])
    return (
        f"{upgrade.service} {upgrade.goal.version} may not run beside "
        f"{upgrade.old_version}, so it is reached by steps: {shown}"
    )


def beginning(upgrade: Upgrade) -> str:
    """Say what an upgrade, or a part of one, is going to do."""
    return f"{upgrade.title}: {len(upgrade.old)} instances to be replaced"


def progress(upgrade: Upgrade, seen: Observation) -> str:
    """Say where an upgrade stands."""
    started, left = new_instances(upgrade, seen), remaining_old(upgrade, seen)
    begun = f"{upgrade.title}, begun by {upgrade.by} at {format_time(upgrade.since)}"
    if upgrade.mode == "trial":
        return f"Trial of {begun}: {names(started)} beside {names(left)}."
    if upgrade.mode == "undo":
        why = f" since {upgrade.reason}" if upgrade.reason else ""
        then = f" {upgrade.origin.version} follows." if upgrade.behind else ""
        return f"Undoing {begun},{why} of the new version runs: {names(started)}.{then}"
    replaced = len(upgrade.old) - len(left)
    then = f" {upgrade.goal.version} follows." if upgrade.ahead else ""
    return (
        f"Roll of {begun}: {replaced} of {len(upgrade.old)} instances replaced, "
        f"{upgrade.doing or 'at its beginning'}.{then}"
    )


def described(upgrade: Upgrade, stands: str) -> dict[str, Any]:
    """Return what programs want to know of the upgrade under way.

    :param stands: what ``progress`` says of it.
    """
    return {
        "service": upgrade.service,
        "from": upgrade.origin.version,
        "to": upgrade.goal.version,
        "command": upgrade.command,
        "mode": upgrade.mode,
        "by": upgrade.by,
        "since": upgrade.since,
        "reason": upgrade.reason,
        "progress": stands,
    }


def comparison(upgrade: Upgrade, seen: Observation) -> str:
    """Return old and new, side by side, by HAProxy's counters."""
    old, new = old_counts(upgrade, seen), new_counts(upgrade, seen)
    return f"old {upgrade.old_version}: {old}  |  new {upgrade.version}: {new}"


def trial_result(upgrade: Upgrade, seen: Observation) -> str:
    """Return the verdict on a trial."""
    old, new = old_counts(upgrade, seen), new_counts(upgrade, seen)
    return f"{upgrade.title}: {verdict(old, new)} ({comparison(upgrade, seen)})"


def lines_after(lines: Sequence[str], last: str) -> list[str]:
    """Return the lines of a log after the last one that was shown."""
    for index in range(len(lines) - 1, -1, -1):
        if lines[index] == last:
            return list(lines[index + 1 :])
    return list(lines)


def outcome(upgrade: Upgrade, what: str, serving: Sequence[ObservedInstance]) -> str:
    """Say what became of an upgrade."""
    return f"{upgrade.title}: {what}; {names(serving)} serving"


def unfinished(upgrade: Upgrade, seen: Observation) -> str:
    """Say why another upgrade cannot begin."""
    return f"another upgrade is not finished. {progress(upgrade, seen)} {WAYS_OUT}"


def history(entries: Sequence[Entry]) -> str:
    """Lay the history out, the newest last."""
    columns = ("began", "seconds", "service", "from", "to", "command", "outcome", "by")
    rows = [
        entry
        | {
            "began": format_time(entry["since"]),
            "seconds": f"{entry['until'] - entry['since']:.0f}",
        }
        for entry in entries
    ]
    shown = table(rows, columns).splitlines()
    for number in range(len(rows), 0, -1):
        if reason := rows[number - 1]["reason"]:
            shown.insert(number + 1, f"    {reason}")
    return "\n".join(shown)
