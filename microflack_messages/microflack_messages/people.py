"""Know who there is, and by which nickname: what the users service says.

It is kept in memory, and asked for again when it is needed and older than a second.
"""

import time
from collections.abc import Callable
from hashlib import blake2b
from threading import Lock
from typing import NamedTuple

from flask import Flask, current_app

from microflack_common import rights
from microflack_common.errors import ServiceUnavailable
from microflack_common.outage import Outage
from microflack_messages.models import MAX_ID
from microflack_messages.users_client import User, UsersClient, may_ask

MAX_AGE_SECONDS = 1.0
# While the service is away, what is known has to do; it is asked again after this.
RETRY_SECONDS = 5.0
# Everything is asked for again after so long: a backup may have been restored there.
RENEWAL_SECONDS = 600.0


class Person(NamedTuple):
    """What is known of somebody."""

    nickname: str
    # Was deactivated, or has deleted the account.
    is_away: bool
    # Unix seconds
    since: int


class People:
    """All users. It can be shared by threads.

    :param base_url: the load balancer; empty where the service runs alone, and knows
        nobody.
    :param clock: the time in seconds.
    """

    def __init__(
        self, base_url: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._client = UsersClient(base_url) if base_url else None
        self._lock = Lock()
        self._outage = Outage(
            "The users service is away, names may be old", "Names are known again"
        )
        self._known: dict[int, Person] = {}
        self._digest = ""
        self._asked_at = self._complete_at = self._failed_at = float("-inf")

    def find(self, user_id: int) -> Person | None:
        """Return somebody, or None if there is nobody with this id.

        Where the service runs alone, there is everybody. Raises ServiceUnavailable if
        that cannot be known.
        """
        if self._client is None:
            return Person(f"User {user_id}", is_away=False, since=0)
        if user_id not in self._known and 0 < user_id <= MAX_ID:
            # Perhaps it is somebody who has come just now.
            user = self._client.one(user_id)
            with self._lock:
                self._keep(self._known | _persons([user] if user else []))
        return self._known.get(user_id)

    def nickname(self, user_id: int) -> str:
        """Return how somebody is called, as far as that is known."""
        person = self._known.get(user_id)
        return person.nickname if person else f"User {user_id}"

    def all(self) -> dict[int, Person]:
        """Return all who are known, by their ids."""
        return dict(self._known)

    def count(self) -> int:
        """Return how many of those who are known are not away."""
        return sum(not one.is_away for one in self.all().values())

    def digest(self) -> str:
        """Return another text whenever somebody is called differently, comes or goes.

        It is the same in all instances that know the same.
        """
        return self._digest

    def refresh(self, max_age_seconds: float = MAX_AGE_SECONDS) -> None:
        """Have what is known be of the last second, if the users service answers.

        Or not older than ``max_age_seconds``, for somebody who may have come just now.
        Who asks while another one does so waits only where nothing is known yet. Where
        it answers members only, nothing is asked beside the requests of one.
        """
        if self._client is None or not self._is_due(max_age_seconds) or not may_ask():
            return
        if not self._lock.acquire(blocking=not self._known):
            return
        try:
            if self._is_due(max_age_seconds):
                self._refresh(self._client)
        except ServiceUnavailable as error:
            self._failed_at = self._clock()
            self._outage.begin(error)
        finally:
            self._lock.release()

    def _is_due(self, max_age_seconds: float) -> bool:
        now = self._clock()
        is_old = now - self._asked_at >= max_age_seconds
        return is_old and now - self._failed_at >= RETRY_SECONDS

    def _refresh(self, client: UsersClient) -> None:
        now = self._clock()
        if now - self._complete_at >= RENEWAL_SECONDS:
            self._keep(_persons(client.all()))
            self._complete_at = now
        else:
            self._keep(self._known | _persons(client.changed()))
        self._asked_at = now
        self._outage.end()

    def _keep(self, known: dict[int, Person]) -> None:
        if known != self._known:
            self._known, self._digest = known, _digest(known)


def init_app(app: Flask) -> None:
    """Let ``app`` ask the users service behind its load balancer."""
    app.extensions["microflack_people"] = People(app.config["LB"])


def people() -> People:
    """Return who there is, for the current application."""
    found: People = current_app.extensions["microflack_people"]
    return found


def problem_with(user_id: int) -> str | None:
    """Return why somebody cannot come into a room, if that is so.

    Raises ServiceUnavailable if it cannot be known.
    """
    person = people().find(user_id)
    if person is None:
        return f"There is no user {user_id}."
    if person.is_away or rights.is_deactivated(user_id):
        return f"User {user_id} was deactivated."
    return None


def _persons(users: list[User]) -> dict[int, Person]:
    return {
        one["id"]: Person(
            one["nickname"], bool(one.get("deactivated")), one["created_at"]
        )
        for one in users
    }


def _digest(known: dict[int, Person]) -> str:
    """Return what names all this, in whatever order it came."""
    total = 0
    for user_id, person in known.items():
        named = f"{user_id}:{person.is_away}:{person.nickname}".encode()
        total ^= int.from_bytes(blake2b(named, digest_size=8).digest())
    return f"{total:x}"
