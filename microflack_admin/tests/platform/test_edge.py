"""What can be asked for at the edge, and what is remembered of it."""

import pytest

from mfplatform.commands import edge

UNTIL_ASKED = {
    "MF_LIMITS": "on",
    "MF_OPERATOR": "own",
    "MF_TRUSTED_PROXIES": "",
    "MF_HOSTS": "",
}
CHANGED = {
    "MF_LIMITS": "off",
    "MF_OPERATOR": "shared",
    "MF_TRUSTED_PROXIES": "10.0.0.0/8,192.0.2.7/32",
    "MF_HOSTS": "chat.lan,127.0.0.1,[::1]",
}


def test_what_nobody_asks_for_is_as_it_was() -> None:
    assert edge.settle({}, {}) == UNTIL_ASKED
    assert edge.settle(CHANGED, {"MF_ASKED_LIMITS": ""}) == CHANGED


def test_what_is_asked_for_takes_the_place_of_what_was() -> None:
    asked = {
        "MF_ASKED_LIMITS": "off",
        "MF_ASKED_OPERATOR": "shared",
        "MF_ASKED_TRUSTED_PROXIES": "10.1.2.3/8, 192.0.2.7",
        "MF_ASKED_HOSTS": "Chat.lan, 127.0.0.1 [::1]",
    }
    assert edge.settle({}, asked) == CHANGED
    assert edge.settle(CHANGED, {"MF_ASKED_TRUSTED_PROXIES": "none"}) == CHANGED | {
        "MF_TRUSTED_PROXIES": ""
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIMITS", "none"),
        ("OPERATOR", "yes"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("TRUSTED_PROXIES", "10.0.0.0/99"),
        ("HOSTS", "chat.lan:8080"),
        ("HOSTS", "a b' }"),
        ("HOSTS", ","),
    ],
)
def test_what_cannot_be_had_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"MF_{name} must be .*'{value}'"):
        edge.settle({}, {f"MF_ASKED_{name}": value})
