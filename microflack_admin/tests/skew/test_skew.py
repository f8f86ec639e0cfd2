"""Old and new releases run side by side, as they do during every upgrade."""

import time

import pytest
import requests
from chat import Person
from conftest import NEWEST, known_releases

KNOWN = known_releases()


def mixtures():
    """Yield all at their oldest, then each in turn at its newest among those."""
    oldest = {name: releases[0] for name, releases in KNOWN.items()}
    yield oldest
    for service in sorted(KNOWN):
        yield oldest | {service: NEWEST}
    last = {name: releases[-2] for name, releases in KNOWN.items()}
    for service in sorted(KNOWN):
        yield last | {service: NEWEST}


def label(wanted):
    """Return the name of a mixture."""
    return " ".join(f"{name}@{release}" for name, release in wanted.items())


@pytest.mark.parametrize("wanted", list(mixtures()), ids=label)
def test_what_every_release_offers_works_among_others(platform, wanted):
    platform.mix(wanted)
    assert "MicroFlack" in requests.get(f"{platform.url}/", timeout=30).text
    ada = Person(platform.url, f"ada {time.time_ns()}")
    bob = Person(platform.url, f"bob {time.time_ns()}")
    ada.send("PUT", "/api/users/me")
    users = bob.send("GET", "/api/users?online=1").json()["users"]
    assert ada.user["id"] in [user["id"] for user in users]
    headers = {"Idempotency-Key": f"key-{time.time_ns()}"}
    message = ada.say("hello *world*!", headers=headers)
    assert ada.say("hello *world*!", headers=headers)["id"] == message["id"]
    assert message["html"] == "hello <em>world</em>!"
    path = message["_links"]["self"]
    assert bob.send("PUT", path, False, json={"source": "x"}).status_code == 403
    ada.send("PUT", path, json={"source": "good *bye*"})
    since = f"/api/messages?updated_since={message['created_at'] - 1}"
    listed = bob.send("GET", since).json()["messages"]
    (found,) = [one for one in listed if one["id"] == message["id"]]
    assert (found["source"], found["user_id"]) == ("good *bye*", ada.user["id"])
    ada.send("PUT", f"/api/users/{ada.user['id']}", json={"password": "another one"})
    ada.send("DELETE", "/api/users/me")
    again = ada.send("GET", ada.user["_links"]["self"]).json()
    assert not again["online"]
