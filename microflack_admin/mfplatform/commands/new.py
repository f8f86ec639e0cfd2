"""Make a service: a folder beside the others, from the template that is kept here.

    python3 -m mfplatform.commands.new NAME

The template is a service that works, called "example": wherever that word stands in it,
the new one has its own name. Needs nothing but Python itself.
"""

import keyword
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mfplatform.monolith import services
from mfplatform.state import accounts, parts
from mfplatform.state.home import PlatformError

EXAMPLE = "example"
# What tools leave behind in a folder that somebody has tried out.
NOT_COPIED = ("__pycache__", ".*_cache", ".env", "venv", "instance")
# So that no line of the code becomes too long.
LONGEST = 16
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# What the commands or the database take for something else than a service.
NO_SERVICES = (
    *("admin", "common", "all", "lint", "audit", "commands", "packages", "supervisor"),
    *("mysql", "information_schema", "performance_schema"),
    *accounts.RESERVED,
)
# Statements that import one of our packages; they are in the order of the alphabet.
IMPORTS = re.compile(
    r"(?:^from microflack_[\w.]+ import (?:\([^)]*\)|[^(\n]*)\n)+", re.MULTILINE
)
IMPORT = re.compile(r"from (microflack_[\w.]+) import (?:\([^)]*\)|[^(\n]*)\n")


def check_name(name: str, root: Path) -> None:
    """Refuse what no service can be called here.

    :raises ValueError: says why, and what would do.
    """
    if not NAME.fullmatch(name) or len(name) > LONGEST:
        raise ValueError(
            f"'{name}' is no name for a service: take up to {LONGEST} small letters, "
            "digits and single underscores, a letter first, such as notes"
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise ValueError(f"'{name}' is a word of Python's own: take another name")
    if name in sys.stdlib_module_names:
        raise ValueError(
            f"'{name}' is a module of Python's standard library: take another name, "
            f"such as {name}s"
        )
    tests = root / "microflack_admin" / "tests"
    used = {*NO_SERVICES, *(spec.name for spec in parts.SPECS)}
    if name in used or (tests / name).is_dir():
        raise ValueError(f"'{name}' means something else here: take another name")


def check_place(name: str, root: Path) -> None:
    """Refuse to make a service where there is one, or no checkout.

    :raises PlatformError: says which.
    """
    if not (root / "microflack_common" / "VERSION").is_file():
        raise PlatformError(
            f"{root} is no checkout of MicroFlack, since microflack_common is not in "
            "it: call the mfnew of a checkout"
        )
    for one in services.all_services():
        if one.name == name:
            raise PlatformError(f"there is a service '{name}' already: {one.folder}")
        if f"/api/{name}" in one.locations:
            raise PlatformError(
                f"/api/{name} belongs to {one.name} already: take another name"
            )
    if os.path.lexists(root / f"microflack_{name}"):
        raise PlatformError(
            f"{root / f'microflack_{name}'} exists already, and is no service: remove "
            "it, or take another name"
        )


def make(name: str, root: Path, template: Path) -> Path:
    """Make the folder of a service, whole or not at all; return it."""
    folder = root / f"microflack_{name}"
    with tempfile.TemporaryDirectory(dir=root, prefix=".mfnew-") as scratch:
        new = Path(scratch) / folder.name
        shutil.copytree(template, new, ignore=shutil.ignore_patterns(*NOT_COPIED))
        # Before the files, which are then where their new paths say.
        (new / f"microflack_{EXAMPLE}").rename(new / folder.name)
        for file in _texts(new):
            file.write_text(named(file.read_text(encoding="utf-8"), name), "utf-8")
        new.rename(folder)
    return folder


def named(text: str, name: str) -> str:
    """Return a text of the template as it is in the service of this name."""
    return IMPORTS.sub(_sorted, text.replace(EXAMPLE, name))


def _sorted(found: re.Match[str]) -> str:
    statements = IMPORT.finditer(found[0])
    return "".join(one[0] for one in sorted(statements, key=lambda one: one[1]))


def _texts(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def main(arguments: list[str]) -> int:
    """Make one, and say how it goes on."""
    (name,) = arguments
    root, admin = Path(os.environ["MF_ROOT"]), Path(os.environ["MF_ADMIN"])
    try:
        check_name(name, root)
        check_place(name, root)
        folder = make(name, root, admin / "templates" / "service")
    except ValueError as error:
        print(f"mfnew: {error}", file=sys.stderr)
        return 2
    except (PlatformError, OSError) as error:
        print(f"mfnew: {error}", file=sys.stderr)
        return 1
    print(folder)
    print(
        f"With the platform up (mfup): mfbuild {name} && mfrun {name}\n"
        f"Then: curl -f $LB/api/{name}\nIts tests: mftest {name}",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
