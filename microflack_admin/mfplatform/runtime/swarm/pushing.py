"""Bring images to all hosts of the swarm, through a registry of images."""

import re
import socket
from collections.abc import Mapping

from mfplatform.runtime.docker import engine, images
from mfplatform.runtime.swarm import hosts
from mfplatform.state.asked_settings import asked_for
from mfplatform.state.home import Home
from mfplatform.state.probes import http_status

# The registry that the platform has where nobody names another one.
PART, PORT = "images", "IMAGES_PORT"
SETTING = "MF_PUSH_TO"
ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[a-z0-9._/-]+)?")
PUSH_TIMEOUT_SECONDS = 900
# A registry without a port has that of https.
DEFAULT_PORT = 443
CONNECT_TIMEOUT_SECONDS = 10
DIGEST = re.compile(r"digest: (sha256:[0-9a-f]{64})")


def asked(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the registry that mfup was told, to be recorded; "own" is the platform's.

    :raises ValueError: it is no address.
    """
    told = asked_for(SETTING, environ)
    if told and not ADDRESS.fullmatch(told):
        raise ValueError(f"{SETTING} takes HOST:PORT or HOST:PORT/PATH, not '{told}'")
    return {SETTING: "" if told == "own" else told} if told else {}


def own_registry(home: Home) -> str:
    """Return the address of the platform's own registry, whether it runs or not."""
    return f"{home.host}:{home.settings[PORT]}"


def is_wanted(home: Home) -> bool:
    """Tell whether the platform has to have a registry of its own."""
    return not home.settings.get(SETTING) and hosts.are_many()


def answers(home: Home) -> bool:
    """Tell whether that works."""
    return http_status(own_registry(home), "/v2/") == 200


def check(home: Home) -> None:
    """Refuse a registry of somebody else's at whose address nobody answers.

    :raises EngineError: it says how to go on.
    """
    if registry := home.settings.get(SETTING):
        host, _, port = registry.partition("/")[0].partition(":")
        try:
            address = (host, int(port or DEFAULT_PORT))
            socket.create_connection(address, CONNECT_TIMEOUT_SECONDS).close()
        except (OSError, OverflowError) as error:
            raise engine.EngineError(
                f"no registry of images answers at {registry} ({error}). Start it, or "
                f"choose another one: {SETTING}=HOST:PORT mfup, or the platform's: "
                f"{SETTING}=own mfup"
            ) from error


def shared_part(home: Home, name: str) -> str:
    """Return the name by which each host finds an image of the platform; have it there.

    :raises EngineError: the registry does not take it.
    """
    found = engine.image(name)
    if found is None:
        raise engine.EngineError(f"the image {name} is gone. Have it made: mfup")
    return shared(home, name.partition(":")[0], str(found["Id"]))


def shared(home: Home, service: str, image_id: str) -> str:
    """Return the name by which each host finds an image; have it there.

    It names the content, so that nothing else is run that somebody may have pushed. On
    the only host of a swarm it is the image's own id, and nothing is pushed.

    :param image_id: its full id.
    :raises EngineError: the registry does not take it.
    """
    registry = home.settings.get(SETTING, "")
    if not registry and is_wanted(home):
        registry = own_registry(home)
    if not registry:
        return image_id
    repository = f"{registry}/{images.name(service)}"
    name = f"{repository}:{image_id.removeprefix('sha256:')[:12]}"
    engine.docker("image", "tag", image_id, name)
    done = engine.call("image", "push", name, timeout_seconds=PUSH_TIMEOUT_SECONDS)
    # Under that name `mfprune` would take it for somebody else's.
    engine.call("image", "rm", "--no-prune", name)
    told = DIGEST.search(done.stdout)
    if done.returncode or told is None:
        raise _refused(registry, service, done.stderr)
    return f"{repository}@{told[1]}"


def _refused(registry: str, service: str, said: str) -> engine.EngineError:
    last = (said.strip().splitlines() or ["no word"])[-1]
    return engine.EngineError(
        f"the registry of images at {registry} does not take {service}. Does it run, "
        'and do the engines of all hosts trust it ("insecure-registries", see '
        f"{hosts.GUIDE})? Choose another one: {SETTING}=HOST:PORT mfup\n"
        f"  docker says: {last}"
    )
