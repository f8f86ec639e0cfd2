"""Decide which tokens of instances are renewed, and which have to end.

An instance's token is made at its start, and what it got with it ends with it: its user
of the database. It is good for one lease at a time.
"""

from collections.abc import Iterable
from dataclasses import dataclass

# Renewed when that much of a lease is left; so there is time to notice what is wrong.
RENEW_AT = 0.75


@dataclass(frozen=True)
class Token:
    """What an instance's start got; known by its accessor, which opens nothing.

    :param made: when it was made, and ``ends`` when it ends, in Unix seconds.
    """

    accessor: str
    instance: str
    made: float
    ends: float


@dataclass(frozen=True)
class Renew:
    """Make a token good for another lease."""

    accessor: str


@dataclass(frozen=True)
class Revoke:
    """End a token."""

    accessor: str


@dataclass(frozen=True)
class Forget:
    """Remove the role and the policy of an instance that is gone."""

    instance: str


Action = Renew | Revoke | Forget


def newest(tokens: Iterable[Token]) -> dict[str, Token]:
    """Return the token that each instance has now: the one of its last start."""
    return {one.instance: one for one in sorted(tokens, key=lambda one: one.made)}


def decide(
    tokens: Iterable[Token],
    roles: Iterable[str],
    instances: Iterable[str],
    lease_seconds: float,
    now: float,
) -> list[Action]:
    """Return what is to be done.

    :param roles: the instances that have a role.
    :param instances: those that there are, looked up after ``roles`` and ``tokens``.
    :param now: Unix seconds.
    """
    tokens, known = list(tokens), set(instances)
    current = newest(tokens)
    # First, since a role could make another token.
    actions: list[Action] = [Forget(one) for one in roles if one not in known]
    for token in tokens:
        if token.instance not in known or token is not current[token.instance]:
            actions.append(Revoke(token.accessor))
        elif token.ends - now < RENEW_AT * lease_seconds:
            actions.append(Renew(token.accessor))
    return actions
