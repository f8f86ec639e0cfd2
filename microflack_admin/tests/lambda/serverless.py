"""The chat as functions, with a MariaDB of its own, as the template sets it up."""

import secrets
import threading
from contextlib import contextmanager

import template
from functions import Functions, emulator, environments
from gateway import Gateway, event_of

from mfplatform.state import database
from mftools.testing import scratch

PARAMETERS = {"Access": "open", "LinkCards": "yes"}


def missing():
    """Return what is not here that is needed, or nothing."""
    if not emulator():
        return "AWS's runtime interface emulator is not here: mftest lambda installs it"
    for service in template.functions():
        if not (environments() / f"lambda-{service}").exists():
            return f"the function {service} has no environment: mftest lambda makes it"
    return ""


def make_secrets(home):
    """Return the secret that the template asks for, with databases that are there.

    They are reached as those of RDS are, and not by a socket.
    """
    urls = {
        "REGISTRY_URL" if name == "registry" else f"{name.upper()}_DATABASE_URL":
        database.ensure(home, name).partition("&unix_socket")[0]
        for name in ("users", "tokens", "messages", "registry")
    }  # fmt: skip
    keys = {name: secrets.token_hex(32) for name in ("JWT_SECRET_KEY", "SERVICE_KEY")}
    return urls | keys


class Serverless:
    """What runs: its URL, its functions and its secret."""

    def __init__(self, folder, secret):
        self.secret = secret
        self._gateway = Gateway(template.routes(), None)
        self.url = self._gateway.url
        self.settings = {
            service: template.resolve(own, secret, PARAMETERS, self.url)
            # Many requests come from one address, as no person asks.
            | {"MF_LIMITS": "off"}
            for service, own in template.functions().items()
        }
        self.functions = self._gateway.functions = Functions(self.settings, folder)

    @contextmanager
    def running(self):
        """Answer requests while the block runs."""
        thread = threading.Thread(target=self._gateway.serve_forever, args=[0.05])
        thread.start()
        try:
            self.functions.warm(
                event_of("", "GET", "/", [], b"", "127.0.0.1", "127.0.0.1")
            )
            yield self
        finally:
            self._gateway.shutdown()
            thread.join()
            self._gateway.server_close()
            self.functions.stop()


@contextmanager
def serverless(folder):
    """Run it all while the block runs."""
    with (
        scratch.server() as home,
        Serverless(folder, make_secrets(home)).running() as it,
    ):
        yield it
