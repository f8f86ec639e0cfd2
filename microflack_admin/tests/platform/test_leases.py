"""What is renewed, what has to end, and what mfup takes: decided without a store."""

import pytest

from mfplatform.secrets_store import options, start, store
from mfplatform.secrets_store.leases import Action, Forget, Renew, Revoke, Token, decide

NOW, LEASE = 10_000.0, 100.0
FRESH = Token("fresh", "users-1", NOW, NOW + LEASE)
HALF = Token("half", "users-1", NOW - 50, NOW + 50)
OLD = Token("old", "users-1", NOW - 500, NOW + LEASE)
OTHER = Token("other", "users-2", NOW - 10, NOW + 90)

CASES = {
    "nothing at all": ([], [], [], []),
    "a fresh one stays": ([FRESH], ["users-1"], ["users-1"], []),
    "one is renewed in time": ([HALF], ["users-1"], ["users-1"], [Renew("half")]),
    "the one before its last start ends, though it was renewed": (
        [FRESH, OLD],
        ["users-1"],
        ["users-1"],
        [Revoke("old")],
    ),
    "an instance that is gone gets nothing more": (
        [FRESH, OTHER],
        ["users-1", "users-2"],
        ["users-1"],
        [Forget("users-2"), Revoke("other")],
    ),
    "one without a token yet is left alone": ([], ["users-3"], ["users-3"], []),
}


@pytest.mark.parametrize(
    ("tokens", "roles", "instances", "expected"), CASES.values(), ids=CASES
)
def test_leases_are_renewed_and_ended(
    tokens: list[Token], roles: list[str], instances: list[str], expected: list[Action]
) -> None:
    assert decide(tokens, roles, instances, LEASE, NOW) == expected
    assert decide(tokens[::-1], roles, instances, LEASE, NOW) == expected


def test_what_is_said_counts_before_what_is_recorded() -> None:
    assert options.settings({}, {}) == store.DEFAULTS
    found = {"MF_SECRETS": "openbao", "MF_SECRETS_LEASE": "60"}
    wanted = options.settings(found, {"MF_ASKED_UNSEAL": "ask", "MF_ASKED_SECRETS": ""})
    assert wanted == found | {"MF_UNSEAL": "ask"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRETS", "vault"),
        ("UNSEAL", "never"),
        ("SECRETS_LEASE", "9"),
        ("SECRETS_LEASE", "1h"),
        ("SECRETS_LEASE", "-20"),
        ("SECRETS_LEASE", "99999999999"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"MF_{name} takes .*not '{value}'"):
        options.settings({}, {f"MF_ASKED_{name}": value})


def test_an_environment_without_references_stays_as_it_is() -> None:
    assert start.complete({"JWT_SECRET_KEY": "x"}) == {"JWT_SECRET_KEY": "x"}


def test_a_reference_is_filled_with_fields() -> None:
    path, form = start.split("openbao:database/creds/a#mysql://{username}:{password}@h")
    assert path == "database/creds/a"
    assert start.filled(form, {"username": "u", "password": "p"}) == "mysql://u:p@h"
