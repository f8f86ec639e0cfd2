"""Which parts of the tests a change can affect.

    python -m mftools.testing.changed CHECKOUT BASE PART...

Prints those of the parts that have to run for what differs from the commit BASE in the
working tree, new files included. Of a part that can affect little only some files run:
"platform:test_logs.py".
"""

import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from mfplatform.state.home import PlatformError

EVERYTHING = "*"
# They are run for a change of their own files only, as they take long and need much.
PLACES = ("lambda", "ecs", "swarm", "kubernetes", "clusters")
# A path below the checkout, as a pattern in which * also stands for slashes, and what
# has to run. The first pattern that matches counts, and "lint" always runs as well.
TABLE = """
*.md                    platform:test_documents.py platform:test_guides.py
LICENSE
*.gitignore
.ci/*                                       platform:test_mftest.py

microflack_admin/tests/platform/test_*.py   platform:{file}
microflack_admin/tests/platform/*           platform runtimes
microflack_admin/tests/e2e/test_*.py        e2e
microflack_admin/tests/e2e/conftest.py      e2e
microflack_admin/tests/e2e/*                e2e skew faults fuzz monolith
microflack_admin/tests/monolith/*           monolith
microflack_admin/tests/lambda/*             lambda
microflack_admin/tests/ecs/*                ecs
microflack_admin/tests/swarm/*              swarm
microflack_admin/tests/kubernetes/*         kubernetes
microflack_admin/tests/clusters/*           clusters
microflack_admin/tests/runtimes/*           runtimes
microflack_admin/tests/skew/*               skew
microflack_admin/tests/faults/*             faults
microflack_admin/tests/fuzz/*               fuzz
microflack_admin/tests/tour/*               tour

microflack_admin/bin/mftest                 platform:test_mftest.py
microflack_admin/lib/test*                  platform:test_mftest.py
microflack_admin/mftools/testing/mig*       platform:test_migrations.py
microflack_admin/mftools/testing/*  platform:test_mftest.py platform:test_left_behind.py
microflack_admin/bin/mfbench                platform:test_bench*.py
microflack_admin/benchmarks/*               platform:test_bench*.py
microflack_admin/mftools/bench/*            platform:test_bench*.py tour
microflack_admin/bin/mfchaos                platform:test_chaos.py faults
microflack_admin/mftools/chaos/*            platform:test_chaos.py faults
microflack_admin/bin/mftour                 platform:test_tour.py tour
microflack_admin/mftools/tour/*             platform:test_tour.py tour

microflack_admin/bin/mfnew          platform:test_new.py platform:test_guides.py
microflack_admin/templates/*.in     platform:test_requirements.py
microflack_admin/templates/*.txt    platform:test_requirements.py
microflack_admin/templates/*        platform:test_new.py platform:test_guides.py

microflack_admin/mfplatform/doctor/*    platform:test_doctor.py platform:test_status.py
microflack_admin/mfplatform/monolith/*      platform:test_walls.py monolith
microflack_admin/mfplatform/moving/*        platform:test_walls.py monolith
microflack_admin/lib/monolith.bash          platform monolith
microflack_admin/mfplatform/balancer/*      platform e2e faults monolith
microflack_admin/mfplatform/upgrade/*   platform:test_upgrade*.py runtimes skew tour
microflack_admin/mfplatform/clusters/*      platform:test_clusters.py clusters
microflack_admin/mfplatform/logs/swarm*     swarm
microflack_admin/mfplatform/logs/*          platform runtimes
microflack_admin/mfplatform/packaging/*     platform runtimes e2e
microflack_admin/mfplatform/runtime/docker/*    runtimes
microflack_admin/mfplatform/runtime/swarm/* swarm
microflack_admin/images/images/*            swarm
microflack_admin/images/*                   runtimes
microflack_admin/install/lambda/*           lambda
microflack_admin/install/ecs/*              ecs platform:test_ecs_templates.py
microflack_admin/install/kubernetes/*       kubernetes platform:test_kuber*.py
microflack_admin/mfplatform/kubernetes/*    kubernetes platform:test_kuber*.py
microflack_admin/install/*                  runtimes
microflack_admin/Vagrantfile                runtimes
microflack_admin/*          platform runtimes skew e2e monolith faults fuzz tour

microflack_common/tests/*                   common
microflack_common/*                         *
microflack_ui/tests/visitor.py              ui e2e runtimes monolith
microflack_*/tests/*                        {service}
microflack_*/service.env    {service} skew e2e monolith fuzz platform:test_kuber*.py
microflack_*/*                              {service} skew e2e monolith fuzz
*                                           *
"""
ROWS = [row.split() for row in TABLE.splitlines() if row]


def affected(paths: Iterable[str], known: Sequence[str]) -> list[str]:
    """Return what has to run for changes of these files, in the order of ``known``."""
    wanted = {word for path in paths for word in ("lint", *_row(path))}
    usual = [part for part in known if part not in PLACES]
    whole = [p for p in known if p in wanted or (EVERYTHING in wanted and p in usual)]
    chosen: dict[str, list[str]] = {}
    for name, _, file in (one.partition(":") for one in sorted(wanted)):
        if file and name in known and name not in whole:
            chosen.setdefault(name, []).append(file)
    some = [f"{name}:{','.join(files)}" for name, files in chosen.items()]
    return [*whole, *some]


def _row(path: str) -> Iterator[str]:
    """Yield what the table says of a file."""
    service = path.partition("/")[0].removeprefix("microflack_")
    words = next(row[1:] for row in ROWS if fnmatchcase(path, row[0]))
    for word in words:
        yield word.format(service=service, file=Path(path).name)


def changes(checkout: Path, base: str) -> list[str]:
    """Return the files that differ from a commit; raise PlatformError without git."""
    commands = (
        ["diff", "--name-only", "--no-renames", "-z", base, "--"],
        ["ls-files", "--others", "--exclude-standard", "-z"],
    )
    found: list[str] = []
    for command in commands:
        done = subprocess.run(
            ["git", "-C", str(checkout), *command],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PlatformError(f"git cannot tell what changed: {done.stderr.strip()}")
        found += filter(None, done.stdout.split("\0"))
    return found


def main(arguments: list[str]) -> int:
    """Print the parts, one a line."""
    checkout, base, *known = arguments
    try:
        found = affected(changes(Path(checkout), base), known)
    except (PlatformError, OSError) as error:
        print(f"mftest: {error}", file=sys.stderr)
        return 1
    print("".join(f"{part}\n" for part in found), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
