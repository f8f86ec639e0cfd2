"""Ask the machine's Docker engine, through its own command line."""

import json
import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mfplatform.state.home import PlatformError

DEFAULT_SOCKET = "/var/run/docker.sock"
SETUP = "microflack_admin/install/setup-host.sh"
ANSWER_TIMEOUT_SECONDS = 60
# What the engine says, and what a person can do about it.
REASONS = (
    (
        r"permission denied.*(docker daemon socket|connect to the docker API)",
        "this user may not use the Docker engine. Let it, and log in again: "
        "sudo usermod --append --groups docker $USER",
    ),
    (
        r"cannot connect to the docker daemon|failed to connect to the docker API"
        r"|error during connect",
        "no Docker engine answers. Start it: sudo systemctl start docker, or set "
        f"this machine up: sudo {SETUP}",
    ),
    (
        r"no space left on device|disk quota exceeded",
        "the disk is full. See what can go: docker system df, docker system prune",
    ),
    (
        r"unable to find image|pull access denied|manifest unknown|not found: manifest"
        r"|failed to resolve (source|reference)|error response.*registry",
        "an image is not here and could not be pulled (is there a network, and is its "
        "name right?)",
    ),
)
# What its command line adds to any failure.
HINT = re.compile(r"(Run|See) 'docker .*--help'")


class EngineError(PlatformError):
    """Raised when the engine does not do what it is asked; its text says why."""


def explain(said: str) -> str:
    """Return what the engine's words mean for a person, with the words themselves."""
    lines = [line for line in said.splitlines() if line and not HINT.match(line)]
    for pattern, meaning in REASONS:
        if re.search(pattern, said, re.IGNORECASE | re.DOTALL):
            return f"{meaning}\n  docker says: {lines[-1]}"
    return "docker: " + "\n".join(lines)


def call(
    *arguments: str, timeout_seconds: float = ANSWER_TIMEOUT_SECONDS
) -> subprocess.CompletedProcess[str]:
    """Run docker with some arguments, whatever comes of it."""
    try:
        return subprocess.run(
            ["docker", *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=timeout_seconds,
            check=False,
            # Ctrl-C is for the command, which then says what becomes of a container.
            start_new_session=True,
        )
    except FileNotFoundError:
        raise EngineError(
            f"docker is not installed. Set this machine up: sudo {SETUP}"
        ) from None
    except subprocess.TimeoutExpired:
        raise EngineError(
            f"the Docker engine gave no answer to 'docker {arguments[0]}' in "
            f"{timeout_seconds:.0f} s"
        ) from None


def docker(*arguments: str, timeout_seconds: float = ANSWER_TIMEOUT_SECONDS) -> str:
    """Run docker with some arguments; return its output."""
    done = call(*arguments, timeout_seconds=timeout_seconds)
    if done.returncode:
        raise EngineError(explain(done.stderr))
    return done.stdout


def inspect(*names: str) -> list[dict[str, Any]]:
    """Return what there is to know of containers; those that are gone are left out."""
    if not names:
        return []
    done = call("container", "inspect", *names)
    if done.returncode and "no such container" not in done.stderr.lower():
        raise EngineError(explain(done.stderr))
    return list(json.loads(done.stdout))


def image(name: str) -> dict[str, Any] | None:
    """Return what there is to know of an image, None if there is none."""
    done = call("image", "inspect", name)
    if done.returncode:
        if "no such image" in done.stderr.lower():
            return None
        raise EngineError(explain(done.stderr))
    return dict(json.loads(done.stdout)[0])


def inspect_images(*ids: str) -> list[dict[str, Any]]:
    """Return what there is to know of images; those that are gone are left out."""
    if not ids:
        return []
    done = call("image", "inspect", *ids)
    if done.returncode and "no such image" not in done.stderr.lower():
        raise EngineError(explain(done.stderr))
    return list(json.loads(done.stdout))


def image_ids(repository: str) -> set[str]:
    """Return the ids of all images of one name."""
    return set(docker("image", "ls", "--quiet", "--no-trunc", repository).split())


def copy_out(image_name: str, patterns: Sequence[str], target: Path) -> None:
    """Copy what of an image matches some patterns, from its root, into a folder.

    :raises EngineError: it has no shell and tar, or nothing that matches.
    """
    look = "cd / && tar -cf - $(ls -d -- $* 2>/dev/null)"
    command = ["docker", "run", "--rm", "--network", "none", "--user", "0:0"]
    command += ["--entrypoint", "sh", image_name, "-c", look, "sh", *patterns]
    done = subprocess.run(
        command,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=ANSWER_TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode:
        raise EngineError(explain(done.stderr.decode(errors="replace")))
    subprocess.run(["tar", "-x", "-C", target], input=done.stdout, check=True)


def tags(repository: str) -> list[str]:
    """Return the tags that images of one name have."""
    listed = docker("image", "ls", "--format", "{{.Tag}}", repository).split()
    return [tag for tag in listed if tag != "<none>"]


def socket() -> Path:
    """Return the engine's socket; it has to be one of this machine."""
    host = os.environ.get("DOCKER_HOST") or f"unix://{DEFAULT_SOCKET}"
    if not host.startswith("unix://"):
        raise EngineError(
            f"the Docker engine must be this machine's, but DOCKER_HOST is {host}"
        )
    return Path(host.removeprefix("unix://"))
