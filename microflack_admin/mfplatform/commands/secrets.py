"""List the secrets, and replace the key that tokens are signed with.

python -m mfplatform.commands.secrets list | rotate | retire [--now]
"""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from mfplatform.commands import kill, run
from mfplatform.runtime import base
from mfplatform.runtime.base import Runtime
from mfplatform.secrets_store import kept, store
from mfplatform.state import instances
from mfplatform.state.home import Home, PlatformError, read_env
from mfplatform.state.instances import Instance
from mfplatform.state.token_keys import KEY, SECOND, TokenKeys, given, key_id
from mfplatform.upgrade.lock import LockLost, UpgradeLock
from microflack_common.registry import Registry, RegistryError

LINE = "{:22} {:42} {}"


def say(text: str) -> None:
    """Report progress."""
    print(text, file=sys.stderr, flush=True)


def lines(home: Home) -> Iterator[str]:
    """Yield a line for each secret: its name, what there is to say, who has it."""
    holders: dict[str, set[str]] = {}
    for one in instances.all_instances(home):
        for name, value in read_env(instances.environment_file(home, one.name)).items():
            if name not in kept.PATHS or kept.given(home, value):
                holders.setdefault(name, set()).add(one.service)
    keys = TokenKeys.of(home)
    notes = {KEY: f"key {key_id(keys.key)}", SECOND: describe_second(keys)}
    names = [name for name in (*kept.read(home), *home.secrets) if _is_secret(name)]
    for name in dict.fromkeys([*names, SECOND]):
        who = " ".join(sorted(holders.get(name, ())))
        yield LINE.format(name, notes.get(name, ""), who).rstrip()
    for file in sorted((home.path / "secrets").glob("*.env")):
        for name in read_env(file):
            if name.endswith("_PASSWORD"):
                yield LINE.format(name, "", file.stem)


def _is_secret(name: str) -> bool:
    return name != store.MARK and not name.endswith("_UNTIL")


def describe_second(keys: TokenKeys) -> str:
    """Return what there is to say of the second key."""
    if not keys.second:
        return "none"
    if keys.good_until is None:
        return f"key {key_id(keys.second)}, which is to come"
    until = time.strftime("%Y-%m-%d %H:%M", time.localtime(keys.good_until))
    return f"key {key_id(keys.second)}, until {until}"


def rotate(home: Home, runtime: Runtime) -> str:
    """Replace the key, or complete what was begun; return what to say.

    :raises PlatformError: an instance can know one key only, or does not start; the key
        was replaced a short time ago.
    """
    keys = TokenKeys.of(home)
    if keys.is_over(time.time()):
        _refuse_single_keys(home)
        keys = keys.with_new()
        keys.write(home)
    elif not keys.is_coming and not stale(home, keys):
        raise PlatformError(
            "it was replaced a short time ago. The one before has to be forgotten "
            f"first, {describe_second(keys)}: mfsecrets retire (with --now at once)"
        )
    if keys.is_coming:
        replace(home, runtime, stale(home, keys), "know the new key")
        keys = keys.changed_over(time.time())
        keys.write(home)
    replace(home, runtime, stale(home, keys), "use the new key")
    # Until now one of them may have signed with the old key.
    keys = keys.signed_until(time.time())
    keys.write(home)
    return (
        f"tokens are signed with key {key_id(keys.key)} now. Those of the one before "
        f"are good, {describe_second(keys)}; after that: mfsecrets retire"
    )


def _refuse_single_keys(home: Home) -> None:
    for one in instances.all_instances(home):
        keys = given(home, one)
        if KEY in keys and SECOND not in keys:
            raise PlatformError(
                f"{one.name} (release {one.version}) can know one key only. "
                f"Upgrade it first: mfupgrade roll {one.service}"
            )


def retire(home: Home, runtime: Runtime, now: bool) -> str:
    """Forget the key before; return what to say.

    :param now: also if tokens that it has signed are still good.
    :raises PlatformError: they are, or the key is just being replaced.
    """
    keys = TokenKeys.of(home)
    if keys.is_coming:
        raise PlatformError("the key is being replaced. Complete it: mfsecrets rotate")
    if not now and not keys.is_over(time.time()):
        raise PlatformError(
            f"tokens of the one before are good, {describe_second(keys)}. Wait, or "
            "sign out who has one: mfsecrets retire --now"
        )
    keys = keys.without_second()
    keys.write(home)
    replace(home, runtime, stale(home, keys), "know one key only")
    return f"only key {key_id(keys.key)} is known now"


def stale(home: Home, keys: TokenKeys) -> list[Instance]:
    """Return the instances that were started with other keys."""
    known = instances.all_instances(home)
    return [one for one in known if not keys.is_given_to(given(home, one))]


def replace(home: Home, runtime: Runtime, olds: Iterable[Instance], what: str) -> None:
    """Replace instances, one by one, without losing a request.

    :param what: what those that take their place do, for the person who waits.
    """
    for old in olds:
        new = run.run(home, runtime, old.service, old.image, old.settings)
        kill.kill(home, runtime, old)
        say(f"{new} takes the place of {old.name}: all are to {what}")


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """Hold the lock of upgrades meanwhile: both replace instances."""
    lock = UpgradeLock(Registry(home.etcd))
    if holder := lock.acquire("mfsecrets"):
        raise PlatformError(f"an upgrade is under way: {holder}. Wait for its end")
    try:
        yield
    finally:
        lock.release()


def main(arguments: list[str]) -> int:
    """Do what the command line says, which mfsecrets has checked."""
    home = Home.here()
    try:
        if arguments == ["list"]:
            print(*lines(home), sep="\n")
            return 0
        runtime = base.running(home)
        with alone(home):
            if arguments == ["rotate"]:
                say(f"mfsecrets: {rotate(home, runtime)}")
            else:
                say(f"mfsecrets: {retire(home, runtime, now='--now' in arguments)}")
    except KeyboardInterrupt:
        return 130
    except (PlatformError, RegistryError, LockLost, OSError) as error:
        print(f"mfsecrets: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
