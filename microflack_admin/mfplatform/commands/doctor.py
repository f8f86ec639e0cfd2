"""Tell what is wrong with a platform or its machine, and what mends it.

    python3 -m mfplatform.commands.doctor [--json]

Changes nothing. Runs with any Python 3, too, where the tools are missing.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mfplatform.commands import packages
from mfplatform.doctor import home_files, report
from mfplatform.doctor.facts import Release, Running
from mfplatform.runtime import base
from mfplatform.runtime.base import Runtime
from mfplatform.state import damage
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.releases import place


def look(home: Home) -> Running:
    """Ask the platform."""
    try:
        # They need the tools, which may be missing; then nothing runs.
        from mfplatform.commands import status
        from mfplatform.doctor import watched
    except ImportError:
        return Running()
    runtime = base.create(home)
    if not home.was_started or not runtime.is_running():
        told = runtime.absence() if home.was_started else ""
        # Only what is more than that nothing runs.
        return Running(problem=told if told != Runtime.absence(runtime) else None)
    found = status.complete(home, runtime)
    return Running(
        status=found,
        releases=tuple(releases(runtime, found["instances"])),
        ways_out=dict(ways_out(home, runtime, found["parts"])),
        registry=watched.registry(home),
        alerts=watched.found_by_prometheus(home),
    )


def releases(runtime: Runtime, rows: list[dict[str, Any]]) -> Iterator[Release]:
    """Yield what is known of the releases of each service of the checkout that runs."""
    own = [one for one in rows if one["version"] is not None]
    for service in dict.fromkeys(one["service"] for one in own):
        serving = [one["version"] for one in own if one["service"] == service]
        folder = Path(os.environ["MF_ROOT"]) / f"microflack_{service}"
        if (folder / "VERSION").is_file():
            checkout = (folder / "VERSION").read_text(encoding="utf-8").strip()
            oldest = min(serving, key=place)
            yield Release(service, oldest, _built(runtime, service), checkout)


def _built(runtime: Runtime, service: str) -> str:
    try:
        return runtime.image(service, "latest").version
    except PlatformError:
        return ""


def ways_out(
    home: Home, runtime: Runtime, parts: list[dict[str, Any]]
) -> Iterator[tuple[str, str]]:
    """Yield the parts whose data is damaged, and what to do."""
    for one in parts:
        if one["state"] != "running":
            name = one["name"]
            if advice := damage.way_out(home, name, runtime.log_tail(name)):
                yield name, advice


def needed(home: Home) -> tuple[Iterable[str], Mapping[str, str]]:
    """Return the packages that are missing, and the programs of the way to run."""
    if any(home_files.unreadable(home)):
        # Which way that is, nobody can tell.
        return (), {}
    return packages.missing(home.runtime), base.create(home).programs


def main() -> int:
    """Print the report."""
    home = Home.here()
    try:
        return report.run(home, look, *needed(home))
    except (PlatformError, OSError) as error:
        print(f"mfdoctor: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
