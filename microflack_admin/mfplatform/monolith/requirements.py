"""What the monolith's environment needs: all that its services do, in one.

    python3 -m mfplatform.monolith.requirements

Prints one requirement a line. Services pin the same versions, since one of them is
installed. Where they do not, the highest is taken; what only works with another one
must not be used here, such as Gunicorn's worker for eventlet.
"""

import os
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from mfplatform.monolith import services
from mfplatform.state.home import PlatformError

# With what it depends on (PEP 508: "markers") and the hashes of its files, if given.
PINNED = re.compile(
    r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([0-9][0-9A-Za-z.]*)((?:\s*;|\s+--hash=).*)?"
)
# It is taken from the checkout.
OWN = "microflack-common"
# What commands need beside the services: mfup installs by "uv", and shows a link as a
# picture by "segno"; mfbackup encrypts.
OF_COMMANDS = ("cffi", "cryptography", "pycparser", "segno", "uv")

Pin = tuple[str, str, str]


def union(pins: Collection[Pin]) -> Iterator[str]:
    """Yield requirements of several files, each line once.

    What one service needs only here and there can be needed everywhere by another, so a
    package has a line for each of its conditions.

    :param pins: a package's name, its version, and what else its line says.
    """
    chosen: dict[str, Pin] = {}
    for one in pins:
        chosen[one[0]] = max(chosen.get(one[0], one), one, key=_numbers)
    for name, version, rest in sorted(set(pins)):
        if name != OWN and version == chosen[name][1]:
            yield f"{name}=={version}{rest}"


def pinned(file: Path) -> Iterator[Pin]:
    """Yield what a file of requirements names.

    :raises PlatformError: something has no version.
    """
    text = file.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        wanted = " ".join(re.sub(r"(^|\s)#.*", "", line).split())
        if not wanted:
            continue
        if not (found := PINNED.fullmatch(wanted)):
            raise PlatformError(f"{file}: '{wanted}' is not pinned")
        yield re.sub(r"[-_.]+", "-", found[1]).lower(), found[2], found[3] or ""


def _numbers(pin: Pin) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", pin[1])]


def main() -> int:
    """Print them."""
    commands = Path(os.environ["MF_ADMIN"]) / "requirements.txt"
    try:
        pins = [one for one in pinned(commands) if one[0] in OF_COMMANDS]
        for service in services.in_checkout():
            pins += pinned(service.folder / "requirements.txt")
        print(*union(pins), sep="\n")
    except (PlatformError, OSError) as error:
        print(f"mfup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
