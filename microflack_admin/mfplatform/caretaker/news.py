"""What there is to tell: what is wrong now, but nothing twice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mfplatform.caretaker import store
from mfplatform.commands.list import crash_loop
from mfplatform.state import last_backup, nightly
from mfplatform.state.disk import FULL_SHARE
from mfplatform.upgrade.store import Entry

# What ended and begins again within that time is the same.
SAME_SECONDS = 600.0
# What happened is told if it was so lately.
LATELY_SECONDS = 600.0
LAST_DAYS = 7
DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Condition:
    """Something that an operator should know as long as it is so.

    :param event: its kind, in a word.
    :param subject: what tells it from others of its kind.
    """

    event: str
    subject: str
    text: str

    @property
    def key(self) -> str:
        """Return what stays the same as long as it is so."""
        return f"{self.event} {self.subject}"


def fresh(
    conditions: Sequence[Condition], told: Mapping[str, float], now: float
) -> tuple[list[Condition], dict[str, float]]:
    """Return what is to be told now, and what is told then.

    :param told: what was told before: the key, and when it was last so.
    """
    kept = {key: at for key, at in told.items() if now - at < SAME_SECONDS}
    new = [one for one in conditions if one.key not in kept]
    return new, kept | {one.key: now for one in conditions}


def crash_loops(states: Mapping[str, Mapping[str, Any]]) -> Iterator[Condition]:
    """Yield the parts and instances that die again and again."""
    for name, state in states.items():
        if state["state"] != "running" and (why := crash_loop(state)):
            yield Condition("crash-loop", name, f"{name} is {why}. See: mflogs {name}")


def upgrades(history: Sequence[Entry], now: float) -> Iterator[Condition]:
    """Yield upgrades that came to nothing.

    :param now: Unix seconds.
    """
    for one in history:
        if one["outcome"] != "rolled" and now - one["until"] < LATELY_SECONDS:
            title = f"{one['service']} {one['from']} -> {one['to']}"
            why = one["reason"] or "somebody aborted it"
            text = f"The upgrade {title} was {one['outcome']}: {why}"
            yield Condition("upgrade", f"{one['service']} {one['since']}", text)


def care(actions: Sequence[store.Entry], now: float) -> Iterator[Condition]:
    """Yield what the caretaker has rolled back, or could not do."""
    for one in actions:
        is_told = one["outcome"] == store.FAILED or one["kind"] == "RollBack"
        if is_told and now - one["at"] < LATELY_SECONDS:
            text = f"{one['command']} ({one['outcome']}): {one['why']}"
            problem = f". {one['problem']}" if one["problem"] else ""
            yield Condition("caretaker", f"{one['command']}", text + problem)


def disk(used: int, free: int) -> Iterator[Condition]:
    """Yield that the disk is nearly full."""
    share = used / (used + free or 1)
    if share > FULL_SHARE:
        text = f"The disk is {share:.0%} full. See: mfprune --dry-run"
        yield Condition("disk", "", text)


def alerts_unknown(why: str) -> Condition:
    """Return that nobody knows what Prometheus would find wrong."""
    text = f"Prometheus tells no alerts: {why}. See: mflogs prometheus"
    return Condition("alert", "unknown", text)


def backups(
    settings: Mapping[str, str], found: last_backup.Outcome | None, now: float
) -> Iterator[Condition]:
    """Yield that no backup was made by night, where that is wanted.

    :param found: what came of the last one.
    """
    if found is not None and found["problem"] and settings.get(nightly.FOLDER):
        yield Condition("backup", "failed", last_backup.sentence(found))
    elif nightly.is_old(settings, found, now):
        yield Condition("backup", "old", f"{nightly.OLD}. See: mfstatus")


def certificate(found: Mapping[str, Any] | None, now: float) -> Iterator[Condition]:
    """Yield that the certificate ends soon, or that something is wrong with it.

    :param found: what mfstatus tells of it.
    """
    if found is None:
        return
    if found["problem"]:
        yield Condition("certificate", "problem", f"Certificate: {found['problem']}")
    if found["until"] is None:
        return
    days = (found["until"] - now) / DAY_SECONDS
    # One that lives for days only is renewed later.
    life = (found["until"] - found["since"]) / DAY_SECONDS
    if days < min(LAST_DAYS, life / 4):
        when = f"ends in {days:.0f} days" if days > 0 else "has ended"
        yield Condition("certificate", "end", f"The certificate {when}. See: mfstatus")
