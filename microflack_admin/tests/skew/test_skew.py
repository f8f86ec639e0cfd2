"""Old and new releases run side by side, as they do during every upgrade."""

import time
from concurrent.futures import ThreadPoolExecutor

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


# 7 numbers what all before it leave without; what comes later runs beside 7.
@pytest.mark.parametrize(
    ("release", "newer"), [*((str(n), "7") for n in range(1, 7)), ("7", NEWEST)]
)
def test_messages_are_written_side_by_side_and_none_is_missed(platform, release, newer):
    platform.mix({"messages": release})
    beside = platform.run("mfrun", "messages", newer).stdout.strip()
    versions = {one["version"] for one in platform.instances("messages")}
    assert len(versions) == 2
    people = [Person(platform.url, f"{n} {time.time_ns()}") for n in ("ada", "bob")]
    written = {}

    def write(person):
        for number in range(40):
            message = person.say(f"{person.nickname} {number}")
            if number % 10 == 0:
                edited = {"source": f"{person.nickname} edited {number}"}
                person.send("PUT", message["_links"]["self"], json=edited)
                message |= edited
            written[message["id"]] = message["source"]

    with ThreadPoolExecutor() as pool:
        list(pool.map(write, people))
    (new,) = (i for i in platform.instances("messages") if i["instance"] == beside)
    found, number, end = {}, 0, time.monotonic() + 60
    while not written.items() <= found.items():
        assert time.monotonic() < end
        url = f"http://{new['address']}/api/messages?after={number}"
        for one in requests.get(url, timeout=30).json()["messages"]:
            assert one["change"] > number
            number = one["change"]
            found[one["id"]] = one["source"]
    platform.run("mfkill", beside)


# The first release, and the last one whose lists had no ETag.
@pytest.mark.parametrize("release", ["1", "6"])
def test_what_is_written_with_an_old_release_is_listed_with_the_new_one(
    platform, release
):
    platform.mix({"users": release})
    beside = platform.run("mfrun", "users", NEWEST).stdout.strip()
    old, new = (
        next(
            f"http://{one['address']}/api/users"
            for one in platform.instances("users")
            if (one["instance"] == beside) == is_new
        )
        for is_new in (False, True)
    )
    etag = None
    for _ in range(20):
        account = {"nickname": f"ada {time.time_ns()}", "password": "lovelace"}
        user = requests.post(old, json=account, timeout=30).json()
        requests.get(f"{old}/me", auth=tuple(account.values()), timeout=30)
        query = f"{new}?updated_since={user['created_at'] - 1}"
        listed = requests.get(query, headers={"If-None-Match": etag}, timeout=30)
        etag = listed.headers["ETag"]
        (found,) = [one for one in listed.json()["users"] if one["id"] == user["id"]]
        assert found["online"]
        again = requests.get(query, headers={"If-None-Match": etag}, timeout=30)
        assert (again.status_code, again.headers["ETag"]) == (304, etag)
    platform.run("mfkill", beside)
