"""What may be wrong with the registry, or is wrong as Prometheus finds: checks."""

import re

from mfplatform.doctor.facts import Facts, Finding
from mfplatform.state import disk

# A platform with ten instances of each service has some hundred. etcd holds all of
# them in memory, and whoever lists them reads all.
MANY_KEYS, MANY_BYTES = 20_000, 20 * 1000**2
NEARLY_FULL = 0.8
# Where a rule's text says what to look at.
SEE = re.compile(r"\bSee: (.+)$")


def registry_quorum(facts: Facts) -> Finding | None:
    """Whether the registry can be written to."""
    found = facts.running.registry
    if found is None or found.has_quorum:
        return None
    what = "The registry answers, and takes nothing new: its members do not agree."
    return Finding("quorum", what, "mflogs etcd registry")


def registry_keys(facts: Facts) -> Finding | None:
    """How much the registry holds: it has all of that in memory."""
    found = facts.running.registry
    if found is None or (found.keys <= MANY_KEYS and found.bytes <= MANY_BYTES):
        return None
    what = f"The registry holds {found.keys} keys, {disk.plain(found.bytes)} of text"
    told = f"{what}; most are below {found.fullest}."
    return Finding("keys", told, f"etcd-dump {found.fullest}")


def registry_database(facts: Facts) -> Finding | None:
    """How full etcd's own database is: the platform writes nothing there."""
    found = facts.running.registry
    if found is None or found.database_share <= NEARLY_FULL:
        return None
    folder, aside = facts.home / "etcd", facts.home / "etcd-full"
    what = (
        f"etcd's database is {found.database_share:.0%} full, of keys that are not the "
        "platform's. Without them, and the history of upgrades, it begins anew."
    )
    return Finding("database", what, f"mfdown; mv '{folder}' '{aside}'; mfup")


def alerts_unknown(facts: Facts) -> Finding | None:
    """Whether Prometheus tells its alerts, where there is to be one."""
    found = facts.running.alerts
    if found is None or not found.problem:
        return None
    what = f"Prometheus tells no alerts: {found.problem}."
    return Finding("prometheus", what, "mflogs prometheus")


def alerts_told(facts: Facts) -> Finding | None:
    """Whether anybody is told of Prometheus' alerts."""
    found = facts.running.alerts
    if found is None or found.is_told:
        return None
    what = "Nobody is told of Prometheus' alerts."
    return Finding("hook", what, "MF_HOOK='COMMAND or URL' mfup")


def alerts(facts: Facts) -> Finding | None:
    """What Prometheus finds wrong."""
    found = facts.running.alerts
    if found is None or not found.firing:
        return None
    told = [SEE.sub("", text).strip().removesuffix(".") for text in found.firing]
    mends = [match[1] for text in found.firing if (match := SEE.search(text))]
    mend = "; ".join(dict.fromkeys(mends)) or "mfstatus"
    return Finding("alerts", f"Prometheus finds: {'; '.join(told)}.", mend)


ALL = (
    registry_quorum,
    registry_keys,
    registry_database,
    alerts_unknown,
    alerts_told,
    alerts,
)
