"""What an environment holds: packages known by their hashes, and wheels made here.

Beside a requirements.txt with hashes lies the requirements.in that it was compiled
from. That alone names the microflack_common wheel, which is made on this machine, as is
that of python-etcd, which an index has as source only: the same source gives other
bytes where zlib is another, so there is no hash of them to be written down. They are
installed after the rest, by their files and without an index, so that nothing can take
their place.

Releases of before have no requirements.in, and are installed as they were.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mfplatform.state.home import Home, PlatformError

# Without a version it is that of this checkout.
WHEEL = re.compile(r"^microflack-common(\[[^]]*\])?(?:==(\S+))?$", re.MULTILINE)
CHECKOUT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Needs:
    """What an environment is made of.

    :param text: the requirements of all files, as pip reads them.
    :param hashed: each of them has its hashes, and ``wheels`` are not among them.
    :param wheels: files of the wheelhouse.
    """

    text: str
    hashed: bool
    wheels: Sequence[Path]

    def contents(self) -> bytes:
        """Return the bytes of the wheels: they change while a version is made."""
        return b"".join(wheel.read_bytes() for wheel in self.wheels)


def read(home: Home, *files: Path) -> Needs:
    """Return what some requirements.txt ask for.

    :raises PlatformError: a wheel that they need is not in the wheelhouse.
    """
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    sources = [file.with_suffix(".in") for file in files]
    if not any(source.exists() for source in sources):
        return _unhashed(home, text)
    named = "\n".join(each.read_text("utf-8") for each in sources if each.exists())
    return Needs(text, True, list(_wheels(home, named)))


def _wheels(home: Home, named: str) -> Iterator[Path]:
    versions = {found[2] or _own_version() for found in WHEEL.finditer(named)}
    for version in sorted(versions):
        yield _wheel(home, version)
    if versions:
        yield from sorted((home.path / "wheelhouse").glob("python_etcd-*.whl"))


def _own_version() -> str:
    return (CHECKOUT / "microflack_common" / "VERSION").read_text("utf-8").strip()


def _wheel(home: Home, version: str) -> Path:
    wheel = home.path / "wheelhouse" / f"microflack_common-{version}-py3-none-any.whl"
    if not wheel.is_file():
        raise PlatformError(f"{wheel} is missing. Build it with: mkwheel {version}")
    return wheel


def _unhashed(home: Home, text: str) -> Needs:
    """Return the needs of a release of before, with the wheel named by its file."""
    wheels = []

    def with_file(found: re.Match[str]) -> str:
        wheels.append(_wheel(home, found[2] or _own_version()))
        return f"microflack-common{found[1] or ''} @ {wheels[-1].as_uri()}"

    return Needs(WHEEL.sub(with_file, text), False, wheels)
