"""What is installed is what was pinned: everywhere, and by the hashes of its files."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LISTED = ["git", "ls-files", "-co", "--exclude-standard"]
FILES = [
    ROOT / name
    for name in subprocess.run(
        LISTED, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    if (ROOT / name).is_file()
]
SOURCES = [file for file in FILES if file.name.endswith("requirements.in")]
COMPILED = [file for file in FILES if file.name.endswith("requirements.txt")]
# Built here, and so in no requirements.txt.
OWN = {"microflack-common", "python-etcd"}
# A name, what is added to it, its version, and on which systems.
LINE = re.compile(r"^([A-Za-z0-9._-]+)(\[[^]]*\])?(?:==(\S+))?(?: *;.*)?$")
INSTALLS = re.compile(
    r"\bpip\b[^|;&\n]*\b(install|wheel)\b|\"pip\", \"(install|wheel)\""
)
# What mkwheel builds with, and each caller says which of the two it is.
HASHED = r"--require-hashes|--no-index|--no-build-isolation -w"
# How releases are installed that had no hashes, and what is tried by building (in
# test_hashes.py).
NOT_READ = {"Dockerfile.unhashed", "environments.py"}


def named(source: Path) -> dict[str, str | None]:
    """Return the version of each package that a person named; None: any."""
    found = {}
    for line in source.read_text().splitlines():
        if line and not line.startswith(("#", "-c ")):
            parts = LINE.match(line)
            assert parts, line
            found[canonical(parts[1])] = parts[3]
    return found


def constrained_by(source: Path) -> list[Path]:
    names = re.findall(r"^-c (\S+)$", source.read_text(), re.MULTILINE)
    return [(source.parent / name).resolve() for name in names]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def entries(compiled: Path) -> dict[str, tuple[str, list[str], str]]:
    """Return version, hashes and the reasons of each package that is installed."""
    found = {}
    text = re.sub(r"\A(#.*\n)*", "", compiled.read_text()).partition("\n# The ")[0]
    for entry in re.split(r"\n(?=[A-Za-z0-9])", text):
        head = entry.split(" \\\n", 1)[0]
        parts = LINE.match(head.strip())
        assert parts and parts[3], head
        hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", entry)
        reasons = entry.partition("# via")[2].replace("#", "")
        found[canonical(parts[1])] = (parts[3], hashes, reasons)
    return found


def told(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("source", SOURCES, ids=told)
def test_what_is_compiled_is_what_was_named(source: Path) -> None:
    installed = entries(source.with_suffix(".txt"))
    wanted = {k: v for k, v in named(source).items() if k not in OWN}
    for name, version in wanted.items():
        assert version in (None, installed[name][0]), name
    said = f"-r {source.name}"
    assert {name for name, (_, _, why) in installed.items() if said in why} == set(
        wanted
    )


@pytest.mark.parametrize("source", SOURCES, ids=told)
def test_nothing_is_left_of_what_is_not_needed_any_more(source: Path) -> None:
    installed = entries(source.with_suffix(".txt"))
    known = {*installed, *OWN}
    for name, (_, _, why) in installed.items():
        reasons = [
            line for line in why.splitlines() if not line.strip().startswith("-c")
        ]
        wanted_by = {canonical(line.strip()) for line in reasons if line.strip()}
        wanted_by = {one for one in wanted_by if not one.startswith("-r ")}
        assert f"-r {source.name}" in why or wanted_by, name
        assert wanted_by <= known, name


@pytest.mark.parametrize("source", SOURCES, ids=told)
def test_each_package_has_hashes(source: Path) -> None:
    for name, (_, hashes, _) in entries(source.with_suffix(".txt")).items():
        assert hashes, name
        assert len(set(hashes)) == len(hashes), name


@pytest.mark.parametrize("source", SOURCES, ids=told)
def test_what_is_installed_together_has_the_same_versions(source: Path) -> None:
    installed = entries(source.with_suffix(".txt"))
    for other in constrained_by(source):
        for name, (version, hashes, _) in entries(other).items():
            assert installed.get(name, (version, hashes))[:2] == (version, hashes), name


def test_all_that_a_service_installs_is_compiled() -> None:
    services = [file.parent for file in FILES if file.name == "service.env"]
    for service in services:
        if service.parent == ROOT:
            assert (service / "requirements.in") in SOURCES
            assert (service / "tests" / "requirements.in") in SOURCES
    # The service of the tests needs nothing.
    bare = {file for file in COMPILED if file.with_suffix(".in") not in SOURCES}
    assert {file.parent.name for file in bare} == {"echo_service"}


def commands(file: Path) -> list[str]:
    """Return the lines of a file, each with those that it is continued on."""
    return re.sub(r" *\\\n\s*", " ", file.read_text(errors="replace")).splitlines()


def test_nothing_is_installed_without_hashes_or_from_an_index() -> None:
    looked_at = 0
    for file in FILES:
        if file.name in NOT_READ or file in COMPILED or file == Path(__file__):
            continue
        for line in commands(file):
            if INSTALLS.search(line) and not line.lstrip().startswith("#"):
                looked_at += 1
                assert re.search(HASHED, line), f"{file}: {line}"
    # Those of the guides, the tools, the wheel, the images and the environments.
    assert looked_at > 20


def test_no_index_is_named() -> None:
    for file in (*SOURCES, *COMPILED):
        assert not re.search(
            r"https?://|^--?(i|index|extra|find)", file.read_text(), re.M
        )
