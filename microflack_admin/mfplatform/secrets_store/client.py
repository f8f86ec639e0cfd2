"""Ask the secrets store (OpenBao's HTTP API, which is Vault's)."""

import time
from http.client import HTTPException
from typing import Any

from mfplatform.secrets_store import start, store
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.patience import Deadline

READY_TIMEOUT_SECONDS = 60
# The role of the platform itself; no instance is called so.
PLATFORM = "platform"
# Where the secrets are: the engine "KV" in its version 2.
KV = "kv/data"


class StoreError(PlatformError):
    """Raised when the store does not do what it is asked; ``status`` is its answer's.

    ``status`` is 0 when there was no answer.
    """

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class Sealed(StoreError):
    """Raised when the store has to be unsealed first."""


class Client:
    """The store, asked with one token.

    :param address: HOST:PORT.
    """

    def __init__(self, address: str, token: str = "") -> None:
        self._address = address
        self.token = token

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Return what it answers; nothing where there is nothing to read or list.

        :raises StoreError: it does not answer, or refuses.
        """
        try:
            status, told = start.ask(
                self._address, method, f"/v1/{path}", self.token, body
            )
        except (OSError, HTTPException) as error:
            raise StoreError(
                f"the secrets store does not answer: {error}. Start it: mfup; "
                "what it says: mflogs openbao"
            ) from error
        if status == 404 and method in ("GET", "LIST"):
            return {}
        if status == 503:
            raise Sealed(start.SEALED, status)
        if status >= 400:
            why = "; ".join(map(str, told.get("errors", []))).strip()
            what = f"{method} {path.partition('?')[0]}"
            raise StoreError(f"the secrets store refuses {what}: {why}", status)
        return told

    def seal_status(self) -> dict[str, Any]:
        """Return whether it is ``initialized`` and ``sealed``."""
        return self.call("GET", "sys/seal-status")

    def unseal(self, key: str) -> None:
        """Open it, and wait until it serves.

        :raises StoreError: the key does not open it.
        """
        try:
            told = self.call("PUT", "sys/unseal", {"key": key, "reset": True})
            told = self.call("PUT", "sys/unseal", {"key": key})
        except StoreError as error:
            if error.status not in (400, 500):
                raise
            raise StoreError("this key does not open the secrets store") from error
        if told.get("sealed", True):
            raise StoreError("this key does not open the secrets store")
        self.wait_until_active()

    def wait_until_active(self) -> None:
        """Wait until it serves: a store that was just opened elects itself first."""
        deadline = Deadline(READY_TIMEOUT_SECONDS)
        while True:
            try:
                self.call("GET", "sys/health?standbycode=500")
                return
            except StoreError:
                if deadline.is_over():
                    raise
            time.sleep(0.05)

    def log_in(self, role_id: str, secret_id: str) -> None:
        """Ask as a role from now on."""
        pair = {"role_id": role_id, "secret_id": secret_id}
        told = self.call("POST", "auth/approle/login", pair)
        self.token = str(told["auth"]["client_token"])

    def read(self, path: str) -> tuple[dict[str, str], int]:
        """Return the fields of a secret and its version: {} and 0 if there is none."""
        told = self.call("GET", f"{KV}/{path}")
        if not told or not told["data"]["data"]:
            return {}, 0
        return start.fields(told), int(told["data"]["metadata"]["version"])

    def write(self, path: str, values: dict[str, str]) -> int:
        """Have a secret with these fields; return its version."""
        found, version = self.read(path)
        if found == values:
            return version
        told = self.call("POST", f"{KV}/{path}", {"data": values})
        return int(told["data"]["version"])

    def names(self, path: str) -> list[str]:
        """Return the names of what there is under a path."""
        return list(self.call("LIST", path).get("data", {}).get("keys") or ())


def anonymous(home: Home) -> Client:
    """Return the platform's store, asked without a token."""
    return Client(store.address(home))


def platform(home: Home) -> Client:
    """Return the platform's store, asked by the platform.

    :raises StoreError: it does not answer, or is sealed.
    """
    own = store.login(home)
    if not own:
        raise StoreError("the secrets store is not set up yet. Complete it: mfup")
    client = anonymous(home)
    client.log_in(own["ROLE_ID"], own["SECRET_ID"])
    return client
