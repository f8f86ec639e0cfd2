"""What may be wrong with files and settings in MF_HOME: one small check for each."""

from ipaddress import IPv4Address
from shlex import quote

from mfplatform.doctor.facts import Facts, Finding
from mfplatform.state import last_backup, membership, nightly

MOST_NAMED = 3


def damage(facts: Facts) -> Finding | None:
    """Settings and secrets that a crash or a copy has torn."""
    if facts.damage is None:
        return None
    return Finding("damage", facts.damage, "mfdown")


def unreadable(facts: Facts) -> Finding | None:
    """Files of the platform that belong to another user, who has to ask."""
    if not facts.unreadable:
        return None
    named = [quote(str(path)) for path in facts.unreadable]
    what = f"You may not read {_some(named)}, so nobody knows what else is wrong."
    return Finding("unreadable", what, "sudo -E mfdoctor")


def torn_records(facts: Facts) -> Finding | None:
    """Records of instances that cannot be read."""
    if not facts.torn:
        return None
    names = ", ".join(file.parent.name for file in facts.torn)
    what = f"The records of these instances cannot be read: {names}."
    # It sets them aside.
    return Finding("records", what, "mfstatus")


def open_to_all(facts: Facts) -> Finding | None:
    """Files with secrets that others on this machine may read."""
    if not facts.readable:
        return None
    named = [quote(str(path)) for path in facts.readable]
    return Finding(
        "modes",
        f"Others on this machine may read what is secret: {_some(named)}.",
        f"chmod go= {' '.join(named)}",
    )


def foreign_files(facts: Facts) -> Finding | None:
    """Files that belong to somebody else, as after `sudo mfup`."""
    if not facts.foreign:
        return None
    named = [quote(str(path)) for path in facts.foreign]
    return Finding(
        "owner",
        f"Not all in {facts.home} belongs to {facts.owner}: {_some(named)}.",
        f"sudo chown -hR {quote(facts.owner)} {' '.join(named)}",
    )


def no_tls(facts: Facts) -> Finding | None:
    """Passwords that cross a network in clear text."""
    if not _is_in_network(facts) or facts.settings.get("MF_TLS", "off") != "off":
        return None
    # Somebody else speaks TLS in front of it.
    if facts.settings.get("MF_TRUSTED_PROXIES"):
        return None
    address = facts.settings["MF_BIND"]
    what = f"It is open to the network at {address} without TLS: passwords can be read."
    return Finding("tls", what, "mfup --tls own (or: mfup --domain NAME)")


def anybody(facts: Facts) -> Finding | None:
    """Whether everybody in a network may read and register."""
    if not _is_in_network(facts):
        return None
    if membership.access(facts.settings) != membership.OPEN:
        return None
    what = "Everybody in the network may read and register."
    return Finding("access", what, "MF_ACCESS=members mfup")


def no_limits(facts: Facts) -> Finding | None:
    """Whether it is counted what each address and user asks for."""
    if facts.settings.get("MF_LIMITS", "on") != "off":
        return None
    what = "Limits are off: passwords can be guessed, and nobody is refused."
    return Finding("limits", what, "MF_LIMITS=on mfup")


def failed_backup(facts: Facts) -> Finding | None:
    """The last backup, which a timer may have made while nobody looked."""
    if facts.backup is None or not facts.backup["problem"]:
        return None
    what = last_backup.sentence(facts.backup).removesuffix(".")
    return Finding("backup", f"{what}.", f"mfbackup {quote(facts.backup['file'])}")


def old_backup(facts: Facts) -> Finding | None:
    """The last backup, where one is to be made each night."""
    if failed_backup(facts) or not nightly.is_old(
        facts.settings, facts.backup, facts.now
    ):
        return None
    return Finding("nightly", f"{nightly.OLD}.", "mfup")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _is_in_network(facts: Facts) -> bool:
    try:
        return not IPv4Address(facts.settings.get("MF_BIND", "127.0.0.1")).is_loopback
    except ValueError:
        # Torn settings: another check tells that.
        return False


ALL = (
    damage,
    unreadable,
    torn_records,
    open_to_all,
    foreign_files,
    no_tls,
    anybody,
    no_limits,
    failed_backup,
    old_backup,
)
