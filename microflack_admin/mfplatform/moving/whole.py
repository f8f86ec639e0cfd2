"""Have a platform take over what the monolith in its home had: `mfup --move`.

    python -m mfplatform.moving.whole

The monolith does not run, and no service does yet. Each database is copied and
compared, and the registry's keys. Interrupted, it is called again; once all is written
down as moved, it is never copied again.
"""

import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing

from mfplatform.monolith import process, services
from mfplatform.moving import home as moving_home
from mfplatform.moving.copier import Copier
from mfplatform.moving.move import say
from mfplatform.moving.progress import Stage
from mfplatform.state import instances
from mfplatform.state.home import Home, PlatformError
from microflack_common.registry import Registry, RegistryError

KEYS = "SELECT key, value, expires_at FROM keys"


def take_over(home: Home) -> None:
    """Have the platform have all; nothing happens when it has.

    :raises PlatformError: it cannot be copied, or is not equal.
    """
    progress = moving_home.progress(home)
    with progress.locked() as lock:
        if progress.stage is not Stage.COPYING:
            return
        if running := instances.all_instances(home):
            raise PlatformError(
                f"{running[0].name} runs already, and could write while it is copied. "
                f"Stop it with: mfkill {running[0].name}"
            )
        python = moving_home.python(home)
        for one in services.in_checkout():
            if one.needs_database and _has(home, one.name):
                with Copier(home, home, one.name, python, lock) as copier:
                    copier.renew()
                    copier.migrate()
                    copier.finish(say)
        _copy_keys(home)
        progress.write(Stage.MOVED)
    kept = process.folder(home)
    say(f"Everything was moved; the monolith's own data stay in {kept}")


def _has(home: Home, name: str) -> bool:
    return (process.folder(home) / f"{name}.db").exists()


def _copy_keys(home: Home) -> None:
    """Copy what the registry has: rights, and what ended tokens."""
    registry = Registry(home.etcd)
    for key, value, ttl in _keys(home):
        registry.put(key, value, ttl)


def _keys(home: Home) -> Iterator[tuple[str, str, int | None]]:
    file = process.folder(home) / "registry.db"
    if not file.exists():
        return
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        for key, value, expires_at in connection.execute(KEYS):
            if expires_at is None:
                yield key, value, None
            elif (left := int(expires_at - time.time())) > 0:
                yield key, value, left


def main() -> int:
    """Take over, and report what stands in the way."""
    try:
        take_over(Home.here())
    except (PlatformError, RegistryError, OSError, sqlite3.Error) as error:
        print(f"mfup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
