"""What a package's folder holds now, and what it held at each of its releases.

python -m mfplatform.packaging.sources SERVICE RELEASE DIR

Puts a service's source into DIR (RELEASE may be empty: the working tree) and prints the
tags that an image made of it gets. Needs nothing but Python itself and, for releases,
git.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from mfplatform.state.home import PlatformError

# A commit that completes a release says so: "Release: users 1".
TRAILER = re.compile(r"([a-z][a-z0-9_]*) +([0-9][0-9A-Za-z.]*)")
# Never source, whether git has been told to ignore it or not.
NOT_SOURCE = ["__pycache__", ".git", ".env", ".venv", "venv", "wheelhouse"]
NOT_SOURCE += [".mypy_cache", ".pytest_cache", ".ruff_cache"]
# What an image does not run need not make a new image of it.
NOT_RUN = ("tests", "*.md")


# What git prints must not depend on how its user has set it up.
OWN_SETTINGS = (
    "core.autocrlf=false",
    "core.quotePath=false",
    "core.excludesFile=",
    "log.showSignature=false",
    "tar.umask=0002",
)


class UnknownReleaseError(PlatformError):
    """Asked for something that was never released."""


def git(folder: Path, *arguments: str) -> bytes:
    """Return what git prints about a folder."""
    settings = [word for setting in OWN_SETTINGS for word in ("-c", setting)]
    command = ["git", "-C", str(folder), *settings, *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


def releases(folder: Path, name: str) -> dict[str, str]:
    """Return the commit of each release of a package, the newest first."""
    form = "--format=%H %(trailers:key=Release,valueonly,separator=%x2C)"
    found: dict[str, str] = {}
    # This branch's history goes first; the rest is there for somebody who has checked
    # out an old release and wants to go back to a newer one.
    for revisions in ("HEAD", "--all"):
        try:
            lines = git(folder, "log", form, revisions).decode().splitlines()
        except (subprocess.CalledProcessError, FileNotFoundError):
            return found
        for line in lines:
            commit, _, trailers = line.partition(" ")
            for package, release in TRAILER.findall(trailers):
                if package == name:
                    found.setdefault(release, commit)
    return found


def commit_of(folder: Path, name: str, release: str) -> str:
    """Return the commit of a release, or say which releases there are."""
    known = releases(folder, name)
    if release not in known:
        there_are = " ".join(reversed(known)) or "none in this history"
        raise UnknownReleaseError(
            f"{name} has no release '{release}'. Releases: {there_are}"
            + _why_history_is_missing(folder)
        )
    return known[release]


def _why_history_is_missing(folder: Path) -> str:
    """Return why releases cannot be seen, and the way out; "" if they can."""
    try:
        shallow = git(folder, "rev-parse", "--is-shallow-repository")
    except FileNotFoundError:
        return ". Releases are in the history: install git"
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode(errors="replace").strip()
        return f". Releases are in the history, which git cannot read:\n{reason}"
    if shallow.strip() == b"true":
        return (
            ". This checkout has only the newest part of the history. "
            "Fetch the rest with: git fetch --unshallow"
        )
    return ""


def export_commit(folder: Path, commit: str, target: Path) -> None:
    """Put a folder as it was at a commit into an empty one."""
    archive = git(folder, "archive", commit)
    subprocess.run(["tar", "-x", "-C", target], input=archive, check=True)


def export_tree(folder: Path, target: Path) -> None:
    """Put a folder as it is now, without what git ignores, into an empty one."""
    for name in _files(folder):
        source, copy = folder / name, target / name
        if source.is_symlink() or source.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy, follow_symlinks=False)


def _files(folder: Path) -> Iterator[str]:
    ignore = [f"--exclude={name}" for name in NOT_SOURCE]
    try:
        listed = git(folder, "ls-files", "-coz", "--exclude-standard", *ignore)
    except (subprocess.CalledProcessError, FileNotFoundError):
        listed = b""
    if listed:
        yield from filter(None, os.fsdecode(listed).split("\0"))
        return
    for path, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in NOT_SOURCE]
        for name in set(files).difference(NOT_SOURCE):
            yield os.path.relpath(os.path.join(path, name), folder)


def prune(folder: Path) -> None:
    """Remove what an image does not run."""
    for pattern in NOT_RUN:
        for path in folder.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def digest(folder: Path) -> str:
    """Return a hash of all that a folder holds: names, contents, what is executable."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            content, kind = os.fsencode(path.readlink()), "l"
        elif path.is_file():
            content = path.read_bytes()
            kind = "x" if path.stat().st_mode & 0o100 else "f"
        else:
            continue
        name = path.relative_to(folder).as_posix()
        total.update(f"{kind} {name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def stage(folder: Path, name: str, release: str, target: Path) -> list[str]:
    """Put what an image is made of into a folder; return the tags for that image.

    A number always means the release of that number: a working tree that has gone on
    since is only the latest.
    """
    if release:
        export_commit(folder, commit_of(folder, name, release), target)
        prune(target)
        return [release]
    export_tree(folder, target)
    prune(target)
    version = (target / "VERSION").read_text(encoding="utf-8").strip()
    commit = releases(folder, name).get(version)
    if commit is None or _is_same(folder, commit, target):
        return [version, "latest"]
    return ["latest"]


def _is_same(folder: Path, commit: str, target: Path) -> bool:
    with TemporaryDirectory() as scratch:
        export_commit(folder, commit, Path(scratch))
        prune(Path(scratch))
        return digest(Path(scratch)) == digest(target)


def main(arguments: list[str]) -> int:
    """Stage one service of the checkout."""
    service, release, target = arguments
    folder = Path(os.environ["MF_ROOT"]) / f"microflack_{service}"
    try:
        tags = stage(folder, service, release, Path(target))
    except UnknownReleaseError as error:
        print(f"mfbuild: {error}", file=sys.stderr)
        return 2
    except (PlatformError, OSError) as error:
        print(f"mfbuild: {service}: {error}", file=sys.stderr)
        return 1
    print(*tags)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
