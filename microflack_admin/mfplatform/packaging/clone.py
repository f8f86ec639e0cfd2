"""Make a repository of each package, with its own history and tags, from this one.

python -m mfplatform.packaging.clone CHECKOUT DIR

Needs nothing but Python itself and git.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from mfplatform.packaging.sources import git, releases
from mfplatform.state.home import PlatformError

# Four fields a commit; a NUL can stand in none of them.
FIELDS = "--format=%H%x00%an <%ae> %ad%x00%cn <%ce> %cd%x00%B"


@dataclass(frozen=True)
class Commit:
    """One commit of the checkout, as its package's repository needs it."""

    name: str
    author: bytes
    committer: bytes
    message: bytes


def history(checkout: Path) -> list[Commit]:
    """Return all commits of the current branch, the oldest first."""
    order = ("--topo-order", "--reverse", "--date=raw", "-z")
    fields = git(checkout, "log", *order, FIELDS, "HEAD").split(b"\0")
    quads = zip(*[iter(fields)] * 4, strict=False)
    return [Commit(name.decode(), *rest) for name, *rest in quads]


def packages(checkout: Path) -> list[str]:
    """Return the folders that become repositories."""
    listed = git(checkout, "ls-tree", "-d", "--name-only", "HEAD").decode().split("\n")
    return [name for name in listed if name.startswith("microflack_")]


def trees(checkout: Path, commits: list[Commit], folder: str) -> list[str | None]:
    """Return what a folder was at each commit; None where it was not there."""
    asked = "".join(f"{commit.name}:{folder}\n" for commit in commits)
    command = ["git", "-C", str(checkout), "cat-file", "--batch-check"]
    done = subprocess.run(
        command, input=asked, text=True, check=True, capture_output=True
    )
    words = (line.split() for line in done.stdout.splitlines())
    return [found[0] if found[1:2] == ["tree"] else None for found in words]


def script(checkout: Path, commits: list[Commit], folder: str) -> bytes:
    """Return the package's history and tags as `git fast-import` reads them."""
    tags = releases(checkout, folder.removeprefix("microflack_"))
    lines: list[bytes] = []
    last, mark = None, 0
    for commit, tree in zip(commits, trees(checkout, commits, folder), strict=True):
        if tree and (tree != last or commit.name in tags.values()):
            last, mark = tree, mark + 1
            lines += _commit(commit, tree, mark)
        for tag in (tag for tag, name in tags.items() if name == commit.name and mark):
            lines += [f"reset refs/tags/{tag}".encode(), f"from :{mark}".encode(), b""]
    return b"\n".join(lines) + b"\n"


def _commit(commit: Commit, tree: str, mark: int) -> list[bytes]:
    parent = [f"from :{mark - 1}".encode()] if mark > 1 else []
    return [
        b"commit refs/heads/main",
        f"mark :{mark}".encode(),
        b"author " + commit.author,
        b"committer " + commit.committer,
        f"data {len(commit.message)}".encode(),
        commit.message,
        *parent,
        f'M 040000 {tree} ""'.encode(),
        b"",
    ]


def make(checkout: Path, commits: list[Commit], folder: str, target: Path) -> None:
    """Make one package's repository, with its files checked out."""
    git(checkout, "init", "--quiet", "--initial-branch=main", str(target))
    # The contents are borrowed from this repository, then copied by the repack.
    objects = git(
        checkout, "rev-parse", "--path-format=absolute", "--git-path", "objects"
    )
    borrowed = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": os.fsdecode(objects).strip()}
    for arguments, text in (
        (("fast-import", "--quiet"), script(checkout, commits, folder)),
        (("repack", "-a", "-d", "--quiet"), b""),
        (("reset", "--hard", "--quiet", "main"), b""),
    ):
        subprocess.run(
            ["git", "-C", str(target), *arguments],
            input=text,
            env=os.environ | borrowed,
            check=True,
            capture_output=True,
        )


def clone(checkout: Path, target: Path) -> list[Path]:
    """Make all packages' repositories in a new or empty folder."""
    _check(checkout, target)
    commits = history(checkout)
    made = []
    try:
        for folder in packages(checkout):
            made.append(target / folder)
            make(checkout, commits, folder, made[-1])
    except BaseException:
        for path in made:
            shutil.rmtree(path, ignore_errors=True)
        raise
    return made


def _check(checkout: Path, target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise PlatformError(f"{target} is there already and is not an empty folder")
    try:
        prefix = git(checkout, "rev-parse", "--show-prefix").strip()
        git(checkout, "rev-parse", "--verify", "HEAD")
    except subprocess.CalledProcessError:
        prefix = b"none"
    if prefix:
        raise PlatformError(
            f"{checkout} is not the repository of all packages and their history"
        )
    if git(checkout, "rev-parse", "--is-shallow-repository").strip() == b"true":
        raise PlatformError("history is cut off here. Get it: git fetch --unshallow")
    if git(checkout, "status", "--porcelain").strip():
        print("mfclone: uncommitted changes stay behind", file=sys.stderr)


def main(arguments: list[str]) -> int:
    """Make the repositories and print where they are."""
    checkout, target = Path(arguments[0]), Path(arguments[1])
    try:
        made = clone(checkout, target)
    except (PlatformError, OSError) as error:
        print(f"mfclone: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"mfclone: {error.stderr.decode().strip()}", file=sys.stderr)
        return 1
    print(*made, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
