"""Know who is an administrator and who was deactivated.

The users service writes ``/rights/users/ID`` into the registry for those who are one of
them: JSON such as ``{"admin": true}``. It writes ``/rights/complete`` after all others.
Every instance watches these keys and has them in memory. Where the last one was seen
once and is gone, the registry has lost its data, and nothing is known until it is there
again; beside releases that never write it, nobody is either.
"""

import json
import logging
from collections.abc import Iterator

from flask import current_app

from microflack_common.errors import ServiceUnavailable
from microflack_common.registry import Registry
from microflack_common.registry_pulse import RegistryPulse
from microflack_common.watched_keys import WatchedKeys

logger = logging.getLogger(__name__)

ROOT = "/rights"


class Rights:
    """Who may do more, or nothing any more.

    ``keys`` are those that the users service completes.

    :param registry: where that stands; without one, this process alone knows it.
    :param pulse: shared by those that watch the same registry.
    """

    def __init__(
        self, registry: Registry | None, pulse: RegistryPulse | None = None
    ) -> None:
        self.keys = WatchedKeys(registry, ROOT, "rights", pulse)
        self._was_complete = False
        self._admins: set[int] = set()
        self._deactivated: set[int] = set()
        self.keys.on_change(self._on_change)

    def is_admin(self, user_id: int | None) -> bool:
        """Say whether a user is an administrator, and has not been deactivated.

        Raises ServiceUnavailable as long as that cannot be known.
        """
        self._wait()
        return user_id in self._admins and user_id not in self._deactivated

    def is_deactivated(self, user_id: int | None) -> bool:
        """Say whether a user was deactivated; raises as ``is_admin`` does."""
        if user_id in self._deactivated:
            return True
        self._wait()
        return user_id in self._deactivated

    def write(self, user_id: int, *, admin: bool, deactivated: bool) -> None:
        """Have this known, here at once and everywhere within a second.

        Raises RegistryError if the registry is away.
        """
        rights = {"admin": admin, "deactivated": deactivated}
        if any(rights.values()):
            held = {name: True for name, has in rights.items() if has}
            self.keys.put(f"users/{user_id}", json.dumps(held))
        else:
            self.keys.delete(f"users/{user_id}")

    def _wait(self) -> None:
        self.keys.wait()
        if self._was_complete and "complete" not in self.keys.values:
            sentence = "It is not known right now who may do what. Try again shortly."
            raise ServiceUnavailable(sentence)

    def _on_change(self, _key: str) -> None:
        if "complete" in self.keys.values:
            self._was_complete = True
        self._admins = set(self._users_who_are("admin"))
        self._deactivated = set(self._users_who_are("deactivated"))

    def _users_who_are(self, what: str) -> Iterator[int]:
        for key, value in self.keys.values.items():
            folder, _, user_id = key.rpartition("/")
            if folder == "users" and user_id.isdecimal():
                try:
                    rights = dict(json.loads(value))
                except (ValueError, TypeError):
                    logger.warning("Left out %s: it makes no sense", key)
                else:
                    if rights.get(what):
                        yield int(user_id)


def is_admin(user_id: int | None) -> bool:
    """Say whether a user is an administrator of the current application's platform.

    Raises ServiceUnavailable as long as that cannot be known.
    """
    return _rights().is_admin(user_id)


def is_deactivated(user_id: int | None) -> bool:
    """Say whether a user was deactivated; raises as ``is_admin`` does."""
    return _rights().is_deactivated(user_id)


def _rights() -> Rights:
    rights: Rights = current_app.extensions["microflack_revocations"].rights
    return rights
