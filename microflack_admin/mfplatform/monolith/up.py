"""Have the monolith running, as its settings say; print its URL.

python -m mfplatform.monolith.up
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from mfplatform.monolith import prepare, probe, process, services
from mfplatform.moving import unfinished
from mfplatform.state import files_store, hosts, membership
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.patience import Deadline
from mfplatform.state.probes import log_tail

START_TIMEOUT_SECONDS = 60
POLL_SECONDS = 0.02
# What has died so often at its start will not work in a minute either.
MOST_STARTS = 2
SAID_LINES = 8


def say(text: str) -> None:
    """Report progress."""
    print(text, file=sys.stderr, flush=True)


def environment(home: Home) -> dict[str, str]:
    """Return all of the environment of the keeper and the server."""
    found, folder = home.settings, process.folder(home)
    own = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    own |= {
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.environ["MF_ADMIN"],
        "MF_ADMIN": os.environ["MF_ADMIN"],
        "MF_ROOT": os.environ["MF_ROOT"],
        "MF_HOME": str(home.path),
        "MONOLITH_FOLDER": str(folder),
        "MONOLITH_ADDRESS": f"{found['MF_BIND']}:{found['MF_PORT']}",
        "MONOLITH_WITHOUT": found.get("MF_WITHOUT", ""),
        "SERVICE_NAME": process.RUNTIME,
        "INSTANCE_NAME": process.RUNTIME,
        "ASYNC_MODE": "threading",
        "LB": found.get("MF_LB") or "local:",
        "ETCD": found.get("MF_ETCD") or f"local:{folder / 'registry.db'}",
        "REDIS": found.get("MF_REDIS") or "local:",
        "ACCESS": membership.access(found),
        "MF_LIMITS": found["MF_LIMITS"],
        files_store.VARIABLE: found.get(files_store.SETTING, ""),
        # Behind a load balancer it is known by the name of that one.
        "MF_HOSTS": "" if found.get("MF_LB") else hosts.allowed(found),
        "MF_TRUSTED_PROXIES": found.get("MF_TRUSTED_PROXIES", ""),
        # Each thread would have a heap of its own, up to eight for each processor.
        "MALLOC_ARENA_MAX": "2",
        # What is large is given back at once, such as what a password takes: 19 MiB.
        "MALLOC_MMAP_THRESHOLD_": "1048576",
    }
    kept = home.secrets
    names = (*prepare.SECRETS, "JWT_SECRET_KEY_BEFORE")
    own |= {name: kept.get(name, "") for name in names}
    return own | {"MONOLITH_FINGERPRINT": fingerprint(own)}


def fingerprint(settings: dict[str, str]) -> str:
    """Return what names the settings, and the code as it is now."""
    total = hashlib.sha256(repr(sorted(settings.items())).encode())
    for file in sorted(_code()):
        found = file.stat()
        total.update(f"{file} {found.st_size} {found.st_mtime_ns}\n".encode())
    return total.hexdigest()


def _code() -> Iterator[Path]:
    root = Path(os.environ["MF_ROOT"])
    yield from root.glob(f"{services.PREFIX}*/{services.PREFIX}*/**/*.py")
    yield from Path(__file__).parent.glob("*.py")


def bring_up(home: Home) -> None:
    """Have it running, from the code that there is now.

    :raises PlatformError: it does not work; the text ends with its last words.
    """
    for one in services.all_services():
        if not one.is_package:
            say(f"{one.name} is left out: there is no {one.package}/app.py to put in")
    wanted = environment(home)
    if process.is_running(home):
        found = process.read(home)
        is_wanted = found and found.fingerprint == wanted["MONOLITH_FINGERPRINT"]
        if is_wanted and process.is_kept(home):
            wait_ready(home)
            return
        say("Restarting the monolith")
        process.stop(home)
    else:
        say("Starting the monolith")
    keeper = start(home, wanted)
    _wait(lambda: _is_of(keeper.pid, process.read(home)) or keeper.poll() is not None)
    wait_ready(home)


def start(home: Home, wanted: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Start the keeper, in a session of its own that outlives this shell."""
    with open(home.logs / "keeper.log", "ab") as log:
        return subprocess.Popen(
            [sys.executable, "-S", "-P", "-m", "mfplatform.monolith.keeper"],
            env=wanted,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def wait_ready(home: Home) -> None:
    """Wait until all services are ready; stop it and raise PlatformError if not."""

    def is_over() -> bool:
        found = process.read(home)
        dies = found is not None and found.short_lives >= MOST_STARTS
        is_ready = probe.status(home) == 200
        return is_ready or dies or not process.is_running(home)

    _wait(is_over)
    if not process.is_running(home) or probe.status(home) != 200:
        process.stop(home)
        said = log_tail(home, process.RUNTIME, SAID_LINES)
        raise PlatformError(f"the monolith does not work. Its log ends:\n{said}")


def _is_of(keeper: int, found: process.Running | None) -> bool:
    return found is not None and found.keeper == keeper


def _wait(condition: Callable[[], bool]) -> None:
    deadline = Deadline(START_TIMEOUT_SECONDS)
    while not condition() and not deadline.is_over():
        time.sleep(POLL_SECONDS)


def main() -> int:
    """Bring it up and print where it is."""
    home = Home.here()
    try:
        bring_up(home)
    except (PlatformError, OSError) as error:
        print(f"mfup: {error}", file=sys.stderr)
        return 1
    for sentence in unfinished.waited_for(home):
        say(sentence)
    print(f"{home.url}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
