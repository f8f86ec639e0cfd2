"""Tell what is wrong with a monolith or its machine, and what mends it.

    python3 -m mfplatform.monolith.doctor [--json]

Changes nothing. Runs with any Python 3, too, where the tools are missing.
"""

import sys

from mfplatform.doctor import report
from mfplatform.doctor.facts import Running
from mfplatform.monolith import process
from mfplatform.state.home import Home, PlatformError


def look(home: Home) -> Running:
    """Ask the monolith."""
    try:
        # It is of the tools, which may be missing; then nothing runs.
        from mfplatform.monolith import status
    except ImportError:
        return Running()
    if not process.is_running(home):
        return Running()
    try:
        return Running(status=status.status(home))
    except PlatformError as error:
        return Running(problem=str(error))


def main() -> int:
    """Print the report."""
    try:
        # It needs nothing but Python.
        return report.run(Home.here(), look, (), {})
    except (PlatformError, OSError) as error:
        print(f"mfdoctor: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
