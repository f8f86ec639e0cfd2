"""The key that people's tokens are signed with, and how it is replaced.

Two keys are known while one is replaced. First the new one takes the second place: what
it will sign is good everywhere before anybody signs with it. Then both change places.
At last the old one is forgotten, when all that it has signed has expired.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from mfplatform.secrets_store import kept
from mfplatform.state.home import Home, read_env
from mfplatform.state.instances import Instance, environment_file

KEY, SECOND = "JWT_SECRET_KEY", "JWT_SECRET_KEY_BEFORE"
# Until when tokens of the second key can be good, in Unix seconds; while it is the one
# that comes, nothing.
GOOD_UNTIL = "JWT_SECRET_KEY_BEFORE_UNTIL"
# A token lives for an hour; clocks of several machines differ a little.
LIFETIME_SECONDS = 3600 + 60


@dataclass(frozen=True)
class TokenKeys:
    """What is known of the keys.

    :param second: another key whose tokens are good, "" if there is none.
    :param good_until: when the last token of the second key ends, in Unix seconds;
        None while it has signed nothing, because it is the one that comes.
    """

    key: str
    second: str
    good_until: float | None

    @classmethod
    def of(cls, home: Home) -> "TokenKeys":
        """Read them."""
        found, until = kept.read(home), home.secrets.get(GOOD_UNTIL)
        return cls(found[KEY], found.get(SECOND, ""), float(until) if until else None)

    def write(self, home: Home) -> None:
        """Write them down; what is started from now on is given them."""
        until = f"{self.good_until:.0f}" if self.good_until else ""
        keys, note = {KEY: self.key, SECOND: self.second}, {GOOD_UNTIL: until}
        # What is interrupted must not leave an old key that looks like one to come.
        kept.write(home, keys, note, note_first=bool(until))

    def with_new(self) -> "TokenKeys":
        """Return them with a new key that is to come."""
        return TokenKeys(self.key, secrets.token_hex(32), None)

    def changed_over(self, now: float) -> "TokenKeys":
        """Return them with the key that was to come in use.

        :param now: when the old key has signed its last token, in Unix seconds.
        """
        return TokenKeys(self.second, self.key, now + LIFETIME_SECONDS)

    def signed_until(self, now: float) -> "TokenKeys":
        """Return them when the key before has signed its last token just now."""
        return TokenKeys(self.key, self.second, now + LIFETIME_SECONDS)

    def without_second(self) -> "TokenKeys":
        """Return the key in use alone."""
        return TokenKeys(self.key, "", None)

    @property
    def is_coming(self) -> bool:
        """Whether the second key is one that has not signed yet."""
        return bool(self.second) and self.good_until is None

    def is_over(self, now: float) -> bool:
        """Tell whether no token of the second key can be good any more.

        :param now: Unix seconds.
        """
        return not self.is_coming and now >= (self.good_until or 0)

    def is_given_to(self, instance: Mapping[str, str]) -> bool:
        """Tell whether an instance was started with these keys, or needs none."""
        own = {KEY: self.key, SECOND: self.second}
        return all(own[name] == instance[name] for name in instance)


def key_id(key: str) -> str:
    """Return a key's name (RFC 7515, 4.1.4: "kid"), as tokens carry it."""
    return sha256(b"microflack key " + key.encode()).hexdigest()[:12]


def given(home: Home, instance: Instance) -> dict[str, str]:
    """Return the keys that an instance was started with; none if it needs none."""
    found = read_env(environment_file(home, instance.name))
    names = [name for name in (KEY, SECOND) if name in found]
    return {name: kept.given(home, found[name]) for name in names}
