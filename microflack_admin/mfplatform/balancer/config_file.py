"""Render haproxy.cfg from the routed services, and have HAProxy check it."""

import hashlib
import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mfplatform.balancer import tls
from mfplatform.balancer.latency_buckets import bucket_ranges
from mfplatform.balancer.limits import METHODS, Limits
from mfplatform.balancer.routes import Service
from mfplatform.balancer.server_address import ServerAddress
from mfplatform.balancer.settings import BalancerSettings

TEMPLATES = Path(__file__).with_name("templates")
MAX_THREADS = 4
CHECK_TIMEOUT_SECONDS = 30
MAX_PROBLEM_CHARACTERS = 2000
CONFIG_HASH_CHARACTERS = 16
# Who refuses connections, or answers with an error, is dead within two seconds. Who is
# silent may only be slow (see `timeout check`): decide.py says when it is dead, and if
# nobody does, it is after a minute. Who waits for a dead one is told at once.
HEALTH_CHECK = (
    "check inter 1s fastinter 50ms downinter 250ms fall 20 rise 1 "
    "on-marked-down shutdown-sessions"
)
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
    """Raised when HAProxy rejects a configuration; its text says why."""


def server_options(address: ServerAddress) -> str:
    """Return what follows a server's name, in the file and in the runtime API."""
    words = [address.endpoint, HEALTH_CHECK, f"weight {address.weight}"]
    if address.maxconn:
        words.append(f"maxconn {address.maxconn}")
    if address.backup:
        words.append("backup")
    return " ".join(words)


def quoted(text: str) -> str:
    """Return ``text`` as one word of HAProxy's configuration language."""
    return "'" + text.replace("'", "'\\''") + "'"


class ConfigTemplate:
    """The template of one load balancer's configuration."""

    def __init__(self, settings: BalancerSettings) -> None:
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
        """Return the configuration, and the hash of all of it but the servers.

        Servers change without a reload, so they are no part of the hash. HAProxy tells
        it (as its description): anybody can see which configuration a process has.
        """
        bare = {name: replace(s, servers={}) for name, s in services.items()}
        digest = hashlib.sha256(self._render(bare, "").encode()).hexdigest()
        config_hash = digest[:CONFIG_HASH_CHARACTERS]
        return self._render(services, config_hash), config_hash

    def _render(self, services: Mapping[str, Service], config_hash: str) -> str:
        routes = [
            (location, service.name)
            for service in services.values()
            for location in service.locations
        ]
        return self._template.render(
            settings=self._settings,
            threads=min(os.cpu_count() or 1, MAX_THREADS),
            config_hash=config_hash,
            errors=ERRORS,
            bucket_ranges=bucket_ranges(),
            limits=Limits(),
            methods=METHODS,
            # The longest first: HAProxy takes the first rule that matches.
            routes=sorted(routes, key=lambda route: (-len(route[0]), route)),
            services=sorted(services.values(), key=lambda service: service.name),
            ciphers=tls.CIPHERS,
            cipher_suites=tls.CIPHER_SUITES,
            strict_transport_security=tls.STRICT_TRANSPORT_SECURITY,
        )


def check(file: Path) -> None:
    """Have HAProxy check ``file``; InvalidConfig if it rejects it."""
    try:
        result = subprocess.run(
            ["haproxy", "-c", "-q", "-f", str(file)],
            capture_output=True,
            text=True,
            timeout=CHECK_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InvalidConfig(f"haproxy cannot be asked: {error}") from error
    if result.returncode:
        problem = (result.stderr or result.stdout).strip()
        raise InvalidConfig(problem[-MAX_PROBLEM_CHARACTERS:])
