"""What an upgrade says to people."""

from collections.abc import Sequence

from mfplatform.commands.status import table
from mfplatform.upgrade.compare import verdict
from mfplatform.upgrade.state import (
    Seen,
    Upgrade,
    clock,
    new,
    new_counts,
    old_counts,
    old_left,
)
from mfplatform.upgrade.store import Entry

WAYS_OUT = "Complete it with: mfupgrade roll. Undo it with: mfupgrade abort"


def names(instances: Sequence[object]) -> str:
    """List instances by name."""
    return ", ".join(str(getattr(one, "name", one)) for one in instances) or "none"


def standing(upgrade: Upgrade, seen: Seen) -> str:
    """Say where an upgrade stands."""
    ours, left = new(upgrade, seen), old_left(upgrade, seen)
    begun = f"{upgrade.title}, begun by {upgrade.by} at {clock(upgrade.since)}"
    if upgrade.mode == "trial":
        return f"Trial of {begun}: {names(ours)} beside {names(left)}."
    if upgrade.mode == "undo":
        why = f" since {upgrade.reason}" if upgrade.reason else ""
        return f"Undoing {begun},{why} of the new version runs: {names(ours)}."
    done = len(upgrade.old) - len(left)
    return (
        f"Roll of {begun}: {done} of {len(upgrade.old)} instances replaced, "
        f"{upgrade.doing or 'at its beginning'}."
    )


def comparison(upgrade: Upgrade, seen: Seen) -> str:
    """Return old and new, side by side, by HAProxy's counters."""
    old, found = old_counts(upgrade, seen), new_counts(upgrade, seen)
    return f"old {upgrade.before}: {old}  |  new {upgrade.version}: {found}"


def judgement(upgrade: Upgrade, seen: Seen) -> str:
    """Return the verdict on a trial."""
    old, found = old_counts(upgrade, seen), new_counts(upgrade, seen)
    return f"{upgrade.title}: {verdict(old, found)} ({comparison(upgrade, seen)})"


def unseen(lines: Sequence[str], last: str) -> list[str]:
    """Return the lines of a log after the last one that was shown."""
    for index in range(len(lines) - 1, -1, -1):
        if lines[index] == last:
            return list(lines[index + 1 :])
    return list(lines)


def outcome(upgrade: Upgrade, what: str, serving: Sequence[object]) -> str:
    """Say what became of an upgrade."""
    return f"{upgrade.title}: {what}; {names(serving)} serving"


def refusal(upgrade: Upgrade, seen: Seen) -> str:
    """Say why another upgrade cannot begin."""
    return f"another upgrade is not finished. {standing(upgrade, seen)} {WAYS_OUT}"


def history(entries: Sequence[Entry]) -> str:
    """Lay the history out, the newest last."""
    columns = ("began", "seconds", "service", "from", "to", "command", "outcome", "by")
    rows = [
        entry
        | {
            "began": clock(entry["since"]),
            "seconds": f"{entry['until'] - entry['since']:.0f}",
        }
        for entry in entries
    ]
    shown = table(rows, columns).splitlines()
    for number in range(len(rows), 0, -1):
        if reason := rows[number - 1]["reason"]:
            shown.insert(number + 1, f"    {reason}")
    return "\n".join(shown)
