"""Which clients may hear what: by the token that each of them used last.

That holds until the token ends. Whether one has ended is looked at when the registry
says so, not for each event.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask

from microflack_common import access, audience
from microflack_common.errors import ServiceUnavailable
from microflack_common.tokens import Claims, InvalidToken, check_claims
from microflack_socketio.engineio_adapter import Engine


@dataclass
class Listener:
    """A client, and the token that it used last.

    :param token: as it was sent.
    :param hears: whether that token is good, as far as is known.
    :param notified: whether the client was told that it is not.
    """

    claims: Claims
    token: str
    hears: bool = False
    notified: bool = False


class Listeners:
    """The clients of this instance that have used a token, by their ids.

    :param changed: is told when a client hears by another token, or by none.
    :param notify_expired: tells a client that its token is no longer good.
    :param catch_up: tells a client that it may have missed something.
    """

    def __init__(
        self,
        app: Flask,
        engine: Engine,
        changed: Callable[[str], None],
        notify_expired: Callable[[str], None],
        catch_up: Callable[[str], None],
    ) -> None:
        self._app = app
        self._engine = engine
        self._changed = changed
        self._notify_expired = notify_expired
        self._catch_up = catch_up
        self._by_id: dict[str, Listener] = {}
        # Clients that were let in with a token that is not good.
        self._refused: set[str] = set()
        self._must_check = False

    def items(self) -> list[tuple[str, Listener]]:
        """Return all of them."""
        return list(self._by_id.items())

    def get(self, sid: str) -> Listener | None:
        """Return one; None for a client that never used a token."""
        return self._by_id.get(sid)

    def user_of(self, sid: str) -> int | None:
        """Return the user by whose token a client hears; None without a good one."""
        listener = self._by_id.get(sid)
        return listener.claims.user_id if listener and listener.hears else None

    def hears(self, sid: str) -> bool:
        """Say whether a client hears what is for everybody."""
        if access.is_open_in(self._app):
            return True
        listener = self._by_id.get(sid)
        return listener is not None and listener.hears

    def use(self, sid: str, claims: Claims, token: str) -> None:
        """Have a client hear what the user of this token may."""
        before = self._by_id.get(sid)
        if before and before.claims.user_id != claims.user_id:
            self._hush(sid)
        hears = before is not None and before.hears
        listener = self._by_id[sid] = Listener(claims, token, hears)
        # Now, since what ended it may have come just before it was noted here.
        if not self._is_good(listener):
            self._hush(sid)
            self._must_check = True
        elif not hears:
            self._let_hear(sid, listener)
        self._changed(sid)

    def refuse(self, sid: str) -> None:
        """Tell a client soon, which just connects, that its token is not good."""
        self._refused.add(sid)

    def end(self, sid: str) -> None:
        """Have a client hear no more than one without a token."""
        self._hush(sid)
        if listener := self._by_id.get(sid):
            listener.notified = True
        self._changed(sid)

    def remove(self, sid: str) -> Listener | None:
        """Forget a client that has gone, and return what was known of it."""
        self._refused.discard(sid)
        return self._by_id.pop(sid, None)

    def check_all(self) -> None:
        """Have all tokens checked soon: some may have been ended."""
        self._must_check = True

    def check(self) -> None:
        """Notify those whose token has ended. Call it several times a second."""
        while self._refused:
            self._notify_expired(self._refused.pop())
        must_check, self._must_check = self._must_check, False
        now = time.time()
        for sid, listener in self.items():
            if listener.notified:
                continue
            if must_check or listener.claims.expires_at <= now:
                self._check(sid, listener)

    def _check(self, sid: str, listener: Listener) -> None:
        is_good = self._is_good(listener)
        if is_good is False:
            self._notify_expired(sid)
        elif is_good is None:
            # Until it is known, it hears nothing.
            self._hush(sid)
            self._must_check = True
            self._changed(sid)
        elif not listener.hears:
            self._let_hear(sid, listener)
            self._changed(sid)
            self._catch_up(sid)

    def _is_good(self, listener: Listener) -> bool | None:
        """Say whether a token is good; None when that cannot be known."""
        try:
            with self._app.app_context():
                check_claims(listener.claims)
        except InvalidToken:
            return False
        except ServiceUnavailable:
            return None
        return True

    def _let_hear(self, sid: str, listener: Listener) -> None:
        listener.hears = True
        own = audience.user(listener.claims.user_id)
        self._engine.set_in_room(sid, own, True)

    def _hush(self, sid: str) -> None:
        listener = self._by_id.get(sid)
        if listener and listener.hears:
            listener.hears = False
            own = audience.user(listener.claims.user_id)
            self._engine.set_in_room(sid, own, False)
