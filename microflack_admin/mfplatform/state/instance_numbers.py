"""The numbers in the names of instances: none is given twice."""

import re

from mfplatform.state.home import Home, write_private

# Of each instance that there was there is a log.
NUMBERED = re.compile(r"[^.]+-(\d+)\.log(\.\d+)?")


def take(home: Home, service: str) -> int:
    """Return the number of a new instance; one process at a time may ask."""
    # Kept apart from the instances, since a name is never used again.
    file = home.instances / ".numbers" / service
    try:
        number = int(file.read_text(encoding="utf-8")) + 1
    except FileNotFoundError:
        number = 1
    except ValueError:
        number = _last_seen(home, service) + 1
    write_private(file, str(number))
    return number


def _last_seen(home: Home, service: str) -> int:
    """Return the highest number that anything tells of; what should tell it is torn."""
    names = [path.name for path in home.logs.glob(f"{service}-*.log*")]
    names += [f"{path.name}.log" for path in home.instances.glob(f"{service}-*")]
    found = filter(None, map(NUMBERED.fullmatch, names))
    return max((int(one[1]) for one in found), default=0)
