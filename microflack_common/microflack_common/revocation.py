"""Know which tokens were revoked before they expired.

The registry keeps, until those tokens would have expired (RFC 7519, 4.1.7: "jti"):

- ``/revoked-tokens/JTI``: one token;
- ``/revocations/sessions/SID``: all tokens of a session;
- ``/revocations/users/ID/NUMBER`` and ``/revocations/everybody/NUMBER``: all tokens
  from before, of a user or of everybody. Their value is JSON, see ``Cut``.

Every instance watches these keys and has them in memory, so verifying a token costs no
call. The tokens service writes ``/revocations/complete`` after all others. Without that
the registry has lost its data, and no token is good until it is there again. Releases
that know nothing of sessions never write it: who has never seen it, nor a token of a
session, asks which release serves.
"""

import json
import logging
import time
from collections.abc import Callable
from typing import NamedTuple

from flask import Flask

from microflack_common import registries
from microflack_common.claims import Claims
from microflack_common.errors import ServiceUnavailable
from microflack_common.lifecycle import at_start
from microflack_common.registry import Registry
from microflack_common.registry_pulse import RegistryPulse
from microflack_common.rights import Rights
from microflack_common.tokens_release import UNKNOWN, TokensRelease
from microflack_common.watched_keys import WatchedKeys
from microflack_common.within_requests import has_background

logger = logging.getLogger(__name__)

TOKENS = "/revoked-tokens"
ROOT = "/revocations"

REVOKED = "The token has been revoked. Sign in again."
ENDED = "The session has been ended. Sign in again."
DEACTIVATED = "This account has been deactivated."


class Cut(NamedTuple):
    """Ends all tokens from before, of a user or of everybody.

    :param number: one more than any before it. Tokens that carry the number of the
        last cut when they were signed in for are compared by it, without a clock.
    :param at: Unix seconds: ends tokens without such a number, if they are as old.
    :param spared: the id of a session, or of a token, that is not ended.
    """

    number: int
    at: int
    spared: str = ""

    @classmethod
    def from_json(cls, number: int, value: str) -> "Cut":
        """Return a cut as it stands in the registry; raise ValueError if it is none."""
        written = json.loads(value)
        try:
            return cls(number, int(written["at"]), str(written["spared"]))
        except (LookupError, TypeError) as error:
            raise ValueError(value) from error

    def to_json(self) -> str:
        """Return what stands in the registry."""
        return json.dumps({"at": self.at, "spared": self.spared})

    def ends(self, claims: Claims) -> bool:
        """Say whether a token with these claims is ended."""
        if self.spared and self.spared in (claims.session_id, claims.token_id):
            return False
        if claims.generation is None:
            return claims.issued_at <= self.at
        return claims.generation < self.number


class Revocations:
    """What ends tokens, and who may do what, as the registry says.

    ``keys`` are those that the tokens service completes.

    :param registries: one for revoked tokens, one for other revocations and one for
        rights; none for a service that runs alone.
    :param load_balancer: its URL, where the tokens service can be asked.
    """

    def __init__(self, *registries: Registry, load_balancer: str = "") -> None:
        one, two, three = registries or (None, None, None)
        pulse = RegistryPulse()
        self.rights = Rights(three, pulse)
        self._tokens = WatchedKeys(one, TOKENS, "revoked tokens", pulse)
        self.keys = WatchedKeys(two, ROOT, "revocations", pulse)
        self._cuts: dict[str, list[Cut]] = {}
        self._is_alone = two is None
        self._is_expected = False
        self._release = TokensRelease(load_balancer)
        self.keys.on_change(self._on_change)
        self._watched = (self._tokens, self.keys, self.rights.keys)

    def start(self) -> None:
        """Keep up with the registry from now on, in threads."""
        for keys in self._watched:
            keys.start()

    def ask_each_time(self) -> None:
        """Ask the registry for each token instead of keeping up with it."""
        for keys in self._watched:
            keys.ask_each_time()

    def on_change(self, callback: Callable[[], object]) -> None:
        """Call ``callback`` whenever a token that was good may be so no more."""
        for keys in self._watched:
            keys.on_change(lambda _key: callback())

    def check(self) -> None:
        """Return if all is up to date; raise RegistryError if it may not be."""
        for keys in self._watched:
            keys.check()

    def expect_complete(self) -> None:
        """Let no token be good before ``complete`` is there: somebody writes it."""
        self._is_expected = True

    def reason(self, claims: Claims) -> str | None:
        """Return why a token with these claims is not good any more; None if it is.

        Raises ServiceUnavailable as long as that cannot be known.
        """
        self._tokens.wait()
        self.keys.wait()
        if claims.token_id in self._tokens.values:
            return REVOKED
        if f"sessions/{claims.session_id}" in self.keys.values:
            return ENDED
        for whose in ("everybody", f"users/{claims.user_id}"):
            if any(cut.ends(claims) for cut in self._cuts.get(whose, ())):
                return ENDED
        if self.rights.is_deactivated(claims.user_id):
            return DEACTIVATED
        self._wait_until_complete(claims)
        return None

    def revoke_token(self, token_id: str, expires_at: int) -> None:
        """Refuse a token, here at once and everywhere within a second.

        :param expires_at: Unix seconds; the registry forgets it then.

        Raises RegistryError if the registry is away: then nothing was revoked.
        """
        self._tokens.put(token_id, str(expires_at), _seconds_left(expires_at))

    def end_session(self, session_id: str, until: int) -> None:
        """Refuse the tokens of a session; likewise.

        :param until: when the last one of them expires.
        """
        key = f"sessions/{session_id}"
        self.keys.put(key, str(until), _seconds_left(until))

    def end_all(self, cut: Cut, user_id: int | None, until: int) -> None:
        """Refuse what a cut ends, of a user or, without one, of everybody; likewise."""
        whose = "everybody" if user_id is None else f"users/{user_id}"
        key = f"{whose}/{cut.number}"
        self.keys.put(key, cut.to_json(), _seconds_left(until))

    def _wait_until_complete(self, claims: Claims) -> None:
        if self._is_alone or "complete" in self.keys.values:
            return
        if claims.session_id is not None:
            # It comes from a release that writes the key.
            self.expect_complete()
        if self._is_expected or self._release.writes_complete():
            raise ServiceUnavailable(UNKNOWN)

    def _on_change(self, key: str) -> None:
        if "complete" in self.keys.values:
            self.expect_complete()
        if key.startswith(("sessions/", "complete")):
            return
        cuts: dict[str, list[Cut]] = {}
        for one, value in self.keys.values.items():
            whose, _, number = one.rpartition("/")
            if not number.isdecimal() or whose == "sessions":
                continue
            try:
                cut = Cut.from_json(int(number), value)
            except ValueError:
                logger.warning("Left out %s: it makes no sense", one)
            else:
                cuts.setdefault(whose, []).append(cut)
        self._cuts = cuts


def _seconds_left(expires_at: int) -> int:
    return max(1, expires_at - int(time.time()) + 1)


def init_app(app: Flask, registry: Registry | None = None) -> Revocations:
    """Have ``app`` refuse revoked tokens; give ``check`` of the result to its health.

    The setting ETCD says where the registry is, unless one is given; LB, where the
    tokens service can be asked.
    """
    if registry is not None:
        three = [registry] * 3
    else:
        # Watches that share one would make new connections all the time.
        address = app.config.get("ETCD")
        three = [registries.connect(address) for _ in range(3)] if address else []
    load_balancer = app.config.get("LB") or ""
    revocations = Revocations(*three, load_balancer=load_balancer)
    app.extensions["microflack_revocations"] = revocations
    if has_background(app):
        at_start(app, revocations.start)
    else:
        revocations.ask_each_time()
    return revocations
