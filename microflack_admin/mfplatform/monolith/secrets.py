"""List the monolith's secrets, and replace the key that tokens are signed with.

python -m mfplatform.monolith.secrets list | rotate | retire [--now]

One process signs and verifies, so one restart replaces the key, and nobody is signed
out by it.
"""

import sys
import time

from mfplatform.commands.secrets import describe_second, say
from mfplatform.monolith import process, up
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.token_keys import KEY, SECOND, TokenKeys, key_id

LINE = "{:22} {}"


def show(home: Home) -> None:
    """Print the name of each secret, and what there is to say of it."""
    keys = TokenKeys.of(home)
    notes = {KEY: f"key {key_id(keys.key)}", SECOND: describe_second(keys)}
    names = [name for name in home.secrets if not name.endswith("_UNTIL")]
    for name in dict.fromkeys([*names, SECOND]):
        print(LINE.format(name, notes.get(name, "")).rstrip())


def rotate(home: Home) -> str:
    """Replace the key; return what to say.

    :raises PlatformError: it was replaced a short time ago.
    """
    now, keys = time.time(), TokenKeys.of(home)
    if not keys.is_over(now) and not keys.is_coming:
        raise PlatformError(
            "it was replaced a short time ago. The one before has to be forgotten "
            f"first, {describe_second(keys)}: mfsecrets retire (with --now at once)"
        )
    new = keys if keys.is_coming else keys.with_new()
    new.changed_over(now).write(home)
    up.bring_up(home)
    keys = TokenKeys.of(home).signed_until(time.time())
    keys.write(home)
    return (
        f"tokens are signed with key {key_id(keys.key)} now. Those of the one before "
        f"are good, {describe_second(keys)}; after that: mfsecrets retire"
    )


def retire(home: Home, now: bool) -> str:
    """Forget the key before; return what to say.

    :param now: also if tokens that it has signed are still good.
    :raises PlatformError: they are.
    """
    keys = TokenKeys.of(home)
    if not now and not keys.is_over(time.time()):
        raise PlatformError(
            f"tokens of the one before are good, {describe_second(keys)}. Wait, or "
            "sign out who has one: mfsecrets retire --now"
        )
    keys.without_second().write(home)
    up.bring_up(home)
    return f"only key {key_id(keys.key)} is known now"


def main(arguments: list[str]) -> int:
    """Do what the command line says, which mfsecrets has checked."""
    home = Home.here()
    try:
        if arguments == ["list"]:
            show(home)
            return 0
        process.check_running(home)
        if arguments == ["rotate"]:
            say(f"mfsecrets: {rotate(home)}")
        else:
            say(f"mfsecrets: {retire(home, now='--now' in arguments)}")
    except (PlatformError, OSError) as error:
        print(f"mfsecrets: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
