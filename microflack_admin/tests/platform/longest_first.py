"""The order in which files of tests begin, so that in the end nobody waits for one."""

# What takes more than half a minute, the longest first. New files need not be here.
LONGEST_FIRST = (
    "test_bench",
    "test_upgrade",
    "test_upgrade_steps",
    "test_guides_operate",
    "test_guides_talk",
    "test_guides",
    "test_recovery",
    "test_certificate_keeper",
    "test_up",
    "test_kill",
    "test_caretaker",
    "test_upgrade_interrupted",
    "test_clone",
    "test_dev",
    "test_run",
    "test_places",
    "test_scale",
    "test_run_version",
    "test_members_only",
    "test_restarts",
    "test_secrets",
)


def place(module: str) -> int:
    """Return the place of a file: a lower one begins earlier."""
    known = module in LONGEST_FIRST
    return LONGEST_FIRST.index(module) if known else len(LONGEST_FIRST)
