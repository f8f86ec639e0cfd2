"""Show the secrets store, open it, close it.

python -m mfplatform.secrets_store.command status | unseal | seal
"""

import getpass
import sys
import time
from collections.abc import Iterator

from mfplatform.runtime import base
from mfplatform.secrets_store import client, move, store, tokens
from mfplatform.state.home import Home, PlatformError, write_private


def say(text: str) -> None:
    """Report what was done."""
    print(f"mfsecrets: {text}", file=sys.stderr, flush=True)


def status(home: Home) -> Iterator[str]:
    """Yield the lines of what there is to say."""
    if not store.is_used(home):
        yield "the secrets of services are in files of mode 0600, in no store"
        return
    who = f"by the key in {store.key_file(home)}"
    if not store.key_file(home).exists():
        who = "by you, with its key"
    is_sealed = client.anonymous(home).seal_status()["sealed"]
    yield f"the secrets store is {'sealed' if is_sealed else 'open'}; unsealed {who}"
    if problem := (store.state(home) or {})["problem"]:
        yield str(problem)
    if is_sealed:
        return
    found = tokens.of_instances(client.platform(home))
    for one in sorted(found, key=lambda one: one.instance):
        until = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(one.ends))
        yield f"{one.instance:22} until {until}, and renewed while it runs"


def unseal(home: Home) -> str:
    """Open the store; return what to say.

    :raises PlatformError: the key does not open it.
    """
    asked = client.anonymous(home)
    if asked.seal_status()["sealed"]:
        key = _key(home)
        asked.unseal(key)
        if home.settings[store.UNSEAL] == store.FILE:
            write_private(store.key_file(home), key)
    store.sealed_file(home).unlink(missing_ok=True)
    # What ended while it was sealed is not to be had again.
    move.replace_stale(home, base.running(home))
    return "the secrets store is open. What does not run comes back with: mfup"


def _key(home: Home) -> str:
    file = store.key_file(home)
    if file.exists():
        return file.read_text(encoding="utf-8").strip()
    if sys.stdin.isatty():
        return getpass.getpass("Key of the secrets store: ").strip()
    key = sys.stdin.readline().strip()
    if not key:
        raise PlatformError(
            "which key? Give it on standard input: mfsecrets unseal < FILE"
        )
    return key


def seal(home: Home) -> str:
    """Close the store; return what to say."""
    asked = client.platform(home)
    store.sealed_file(home).touch(mode=0o600)
    asked.call("PUT", "sys/seal")
    return (
        "the secrets store is sealed. What runs goes on until its lease ends: "
        "mfsecrets status"
    )


def main(arguments: list[str]) -> int:
    """Do what the command line says, which mfsecrets has checked."""
    home = Home.here()
    try:
        if arguments == ["status"]:
            print(*status(home), sep="\n")
            return 0
        if not store.is_used(home):
            raise PlatformError(
                "this platform has no secrets store. Have one: mfup --secrets openbao"
            )
        base.running(home)
        say(unseal(home) if arguments == ["unseal"] else seal(home))
    except KeyboardInterrupt:
        return 130
    except (PlatformError, OSError) as error:
        print(f"mfsecrets: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
