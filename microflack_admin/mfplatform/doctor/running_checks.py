"""What may be wrong with a platform that runs: one small check for each."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mfplatform.doctor.facts import Facts, Finding, Release
from mfplatform.logs.shipping import progress
from mfplatform.state import disk
from mfplatform.state.releases import place

DAY_SECONDS = 86400
# A certificate is renewed with a third of its time left. One that somebody else looks
# after may need a person.
SOON_SECONDS = 2 * DAY_SECONDS
SOON_BY_HAND_SECONDS = 14 * DAY_SECONDS
# As `mfstatus` has it.
RESTARTED_OFTEN = 3
FINE = {"ready", "answers"}
ON_THE_WAY = {"starting", "stopping"}


def not_looked_after(facts: Facts) -> Finding | None:
    """What runs, but would not be started again when it dies; or cannot be asked."""
    problem = facts.running.problem or facts.status.get("problem")
    if not problem:
        return None
    command = "mfup --monolith" if facts.status.get("runtime") == "monolith" else "mfup"
    return Finding("platform", _sentence(problem), command)


def damaged_parts(facts: Facts) -> Finding | None:
    """Parts that do not work since their data is damaged."""
    for name, way_out in facts.running.ways_out.items():
        what, _, command = way_out.partition(": ")
        mend, _, cost = command.partition("\n")
        return Finding("data", f"{name} does not work. {what}. {cost}".strip(), mend)
    return None


def parts(facts: Facts) -> Finding | None:
    """Parts of the platform that do not work, or die again and again."""
    wrong = {
        one["name"]: one["state"]
        for one in facts.status.get("parts", ())
        if one["state"] not in {"running", *ON_THE_WAY} or _dies_often(one)
        if one["name"] not in facts.running.ways_out
    }
    if not wrong:
        return None
    told = ", ".join(
        f"{name} ({'restarts often' if state == 'running' else state})"
        for name, state in wrong.items()
    )
    what = f"Not all parts work: {told}."
    return Finding("parts", what, f"mflogs {next(iter(wrong))}")


def instances(facts: Facts) -> Finding | None:
    """Instances that do not answer, die again and again, or get no requests."""
    wrong = {
        one["instance"]: _trouble(one) for one in facts.status.get("instances", ())
    }
    if not (wrong := {name: why for name, why in wrong.items() if why}):
        return None
    told = ", ".join(f"{name} ({why})" for name, why in wrong.items())
    what = f"Not all instances work: {told}."
    return Finding("instances", what, f"mflogs {next(iter(wrong))}")


def releases(facts: Facts) -> Finding | None:
    """Services of which a newer release is built, or in the checkout."""
    old = [one for one in facts.running.releases if _is_old(one)]
    if not old:
        return None
    told = (f"{one.service} {one.serving} serves, and {_newer(one)}" for one in old)
    mend = " && ".join(_upgrade(one) for one in old)
    return Finding("releases", f"{'; '.join(told)}.", mend)


def certificate(facts: Facts) -> Finding | None:
    """The certificate that is served: its end, and what keeps it from being renewed."""
    found = facts.status.get("certificate")
    if not found:
        return None
    by_hand = facts.settings.get("MF_TLS") == "file"
    mend = "MF_CERT=FILE mfup" if by_hand else "mflogs certificates"
    if found["problem"]:
        return Finding("certificate", _sentence(found["problem"]), mend)
    soon = SOON_BY_HAND_SECONDS if by_hand else SOON_SECONDS
    if found["until"] is None or found["until"] - facts.now > soon:
        return None
    end = datetime.fromtimestamp(found["until"], UTC).strftime("%Y-%m-%d %H:%M UTC")
    return Finding("certificate", f"The certificate ends at {end}.", mend)


def secrets_store(facts: Facts) -> Finding | None:
    """The store of secrets, if there is one."""
    found = facts.status.get("secrets_store")
    if not found or not found["problem"]:
        return None
    return Finding("secrets", _sentence(found["problem"]), "mfsecrets status")


def logs_to(facts: Facts) -> Finding | None:
    """Who is sent all logs, if that one takes none."""
    found = facts.status.get("logs_to")
    if not found or not found["away_since"]:
        return None
    waiting, lost = disk.plain(found["waiting"]), disk.plain(found["given_up"])
    return Finding("logs", progress.sentence(found, waiting, lost), "mflogs logs")


def _dies_often(found: Mapping[str, Any]) -> bool:
    return int(found.get("short_lives", 0)) >= RESTARTED_OFTEN


def _trouble(found: Mapping[str, Any]) -> str:
    if found["health"] not in FINE:
        return str(found["health"])
    return "" if found["routed"] != "no" else "gets no requests"


def _is_old(one: Release) -> bool:
    newest = max(place(one.built), place(one.checkout))
    return bool(newest) and place(one.serving) < newest


def _newer(one: Release) -> str:
    if place(one.built) >= place(one.checkout):
        return f"{one.built} is built"
    return f"the checkout has {one.checkout}"


def _upgrade(one: Release) -> str:
    roll = f"mfupgrade roll {one.service}"
    is_built = place(one.built) >= place(one.checkout)
    return roll if is_built else f"mfbuild {one.service} && {roll}"


def _sentence(text: str) -> str:
    first = text[:1].upper() + text[1:]
    return first if first.endswith(".") else f"{first}."


ALL = (
    not_looked_after,
    damaged_parts,
    parts,
    instances,
    releases,
    certificate,
    secrets_store,
    logs_to,
)
