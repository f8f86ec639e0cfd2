"""What may be wrong with the machine: one small check for each.

A check is a function of the facts that returns a finding, or None. Its docstring says
what it looks at.
"""

from mfplatform.commands.prepare import NEEDED_FILES
from mfplatform.doctor.facts import Facts, Finding
from mfplatform.state import disk

# A platform with one instance of each service takes 0.4 GB (docs/where-to-run.md).
LEAST_MEMORY = 700 * 1000**2
LEAST_AVAILABLE = 100 * 1000**2
# Files that were written so long from now tell that the clock was set back.
CLOCK_SECONDS = 120


def missing_packages(facts: Facts) -> Finding | None:
    """Programs that the platform needs, and that are not installed."""
    if not facts.missing_packages:
        return None
    names = " ".join(facts.missing_packages)
    mend = f"sudo apt-get install --no-install-recommends {names}"
    return Finding("packages", f"Debian packages are missing: {names}.", mend)


def program_versions(facts: Facts) -> Finding | None:
    """Servers that are too old, or too new."""
    wrong = [one for one in facts.programs if one.problem]
    if not wrong:
        return None
    what = "; ".join(one.problem for one in wrong)
    names = " ".join(one.package for one in wrong)
    mend = f"sudo apt-get update && sudo apt-get install --only-upgrade {names}"
    return Finding("versions", f"{what}. Debian 12 and 13 have some that do.", mend)


def tools(facts: Facts) -> Finding | None:
    """The platform's own Python packages, whose Python may have been replaced."""
    if not facts.tools_are_broken:
        return None
    what = "The Python that the platform's tools were made with is gone."
    return Finding("tools", what, "mfup")


def full_disks(facts: Facts) -> Finding | None:
    """File systems that are nearly full."""
    full = [one for one in facts.disks if one.used_share > disk.FULL_SHARE]
    if not full:
        return None
    told = (
        f"{one.holds} is {one.used_share:.0%} full, {disk.plain(one.free)} are left"
        for one in full
    )
    return Finding("disk", f"The disk of {'; that of '.join(told)}.", "mfprune")


def little_memory(facts: Facts) -> Finding | None:
    """Memory, of the machine or of this container."""
    if facts.memory is None:
        return None
    whole, available = facts.memory
    if whole < LEAST_MEMORY and facts.settings.get("MF_RUNTIME") != "monolith":
        what = f"There are only {disk.plain(whole)} of memory here."
        return Finding("memory", what, "mfup --monolith (in another MF_HOME)")
    if available < LEAST_AVAILABLE:
        what = f"Only {disk.plain(available)} of memory are left."
        return Finding("memory", what, "ps -eo rss,args --sort=-rss | head")
    return None


def few_open_files(facts: Facts) -> Finding | None:
    """How many files may be open at a time."""
    if facts.open_files is None or facts.open_files >= NEEDED_FILES:
        return None
    what = (
        f"Only {facts.open_files} files may be open at a time in this shell, and the "
        f"platform needs {NEEDED_FILES} (nofile in /etc/security/limits.conf)."
    )
    return Finding("open files", what, f"ulimit -n {NEEDED_FILES} && mfup")


def clock(facts: Facts) -> Finding | None:
    """Whether the clock was set back: tokens would be too new, or never expire."""
    ahead = facts.newest - facts.now
    if ahead < CLOCK_SECONDS:
        return None
    what = f"Files were written {ahead:.0f} s from now: the clock is wrong, or it was."
    return Finding("clock", what, "sudo timedatectl set-ntp true")


def taken_ports(facts: Facts) -> Finding | None:
    """Ports of a platform that does not run, which somebody else has."""
    if not facts.taken_ports or facts.running.problem:
        return None
    told = "; ".join(
        f"{f'port {port}' if port else name}: {why}"
        for name, port, why in facts.taken_ports
    )
    name, port, _ = facts.taken_ports[0]
    other = port + 1 if port > 1023 else port + 8000
    return Finding("ports", f"It cannot listen. {told}.", f"{name}={other} mfup")


ALL = (
    missing_packages,
    program_versions,
    tools,
    full_disks,
    little_memory,
    few_open_files,
    clock,
    taken_ports,
)
