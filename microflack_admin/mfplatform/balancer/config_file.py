"""Make haproxy.cfg from routes, and have HAProxy check it."""

import hashlib
import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mfplatform.balancer.latency_buckets import ranges
from mfplatform.balancer.routes import Service
from mfplatform.balancer.server_address import Upstream
from mfplatform.balancer.settings import RendererSettings

TEMPLATES = Path(__file__).with_name("templates")
MOST_THREADS = 4
# Who waits for an instance that is found down is told at once, and can try another.
CHECK = "check inter 1s downinter 250ms fall 2 rise 1 on-marked-down shutdown-sessions"
# What HAProxy says when it answers itself.
ERRORS = {
    400: "The request is malformed.",
    401: "A user name and a password are needed.",
    403: "This is not allowed.",
    408: "The request took too long to arrive.",
    413: "The request is too large.",
    500: "The load balancer failed.",
    502: "The service gave no usable answer.",
    503: "The service is not available at the moment.",
    504: "The service took too long to answer.",
}


class InvalidConfig(Exception):
    """Raised when HAProxy refuses a configuration; its text says why."""


def server_options(upstream: Upstream) -> str:
    """Return what follows a server's name, in the file and in the runtime API."""
    words = [upstream.endpoint, CHECK, f"weight {upstream.weight}"]
    if upstream.maxconn:
        words.append(f"maxconn {upstream.maxconn}")
    if upstream.backup:
        words.append("backup")
    return " ".join(words)


def quoted(text: str) -> str:
    """Return ``text`` as one word of HAProxy's configuration language."""
    return "'" + text.replace("'", "'\\''") + "'"


class Rendering:
    """Render configurations for one load balancer."""

    def __init__(self, settings: RendererSettings) -> None:
        self._settings = settings
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,
        )
        environment.filters |= {"quoted": quoted, "server_options": server_options}
        self._template = environment.get_template("haproxy.cfg.j2")

    def render(self, services: Mapping[str, Service]) -> tuple[str, str]:
        """Return the configuration and its shape.

        The shape stands for everything but the servers. HAProxy tells it (as its
        description), so that anybody can see which shape a running HAProxy has.
        """
        bare = {name: replace(s, instances={}) for name, s in services.items()}
        shape = hashlib.sha256(self._text(bare, "").encode()).hexdigest()[:16]
        return self._text(services, shape), shape

    def _text(self, services: Mapping[str, Service], shape: str) -> str:
        # The longest location first: HAProxy takes the first rule that matches.
        by_length = sorted(services.values(), key=lambda s: (-len(s.location), s.name))
        return self._template.render(
            settings=self._settings,
            threads=min(os.cpu_count() or 1, MOST_THREADS),
            shape=shape,
            errors=ERRORS,
            times=ranges(),
            services=by_length,
        )


def check(file: Path) -> None:
    """Have HAProxy check ``file``; InvalidConfig if it refuses it."""
    try:
        result = subprocess.run(
            ["haproxy", "-c", "-q", "-f", str(file)],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InvalidConfig(f"haproxy cannot be asked: {error}") from error
    if result.returncode:
        raise InvalidConfig((result.stderr or result.stdout).strip()[-2000:])
