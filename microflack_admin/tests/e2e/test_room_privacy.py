"""Nothing of a private room reaches anybody else through Socket.IO."""

import os

import pytest
from room_listeners import Listener, PrivateRoom, heard_by, token_of, wait_until


@pytest.fixture(scope="module")
def urls(platform):
    """Return the URLs of two instances of the service, and of the load balancer."""
    before = {one["instance"] for one in platform.instances("socketio")}
    platform.run("mfrun", "socketio")
    both = platform.instances("socketio")
    yield [*(f"http://{one['address']}" for one in both), platform.url]
    for name in {one["instance"] for one in both} - before:
        platform.run("mfkill", name)


@pytest.fixture
def listen():
    """Return a function that opens a connection."""
    listeners = []

    def listen(*arguments, **options):
        listeners.append(Listener(*arguments, **options))
        return listeners[-1]

    yield listen
    for listener in listeners:
        listener.close()


def a_secret():
    return f"secret {os.urandom(8).hex()}"


def test_only_members_hear_of_a_private_room(urls, person, listen):
    ada, bob, eve = person("ada"), person("bob"), person("eve")
    everybody, insiders = [], set()
    for url in urls:
        for one in (ada, bob):
            name = f"{one.nickname} at {url}"
            everybody.append(listen(name, url, rooms=True, token=token_of(one)))
            insiders.add(name)
        for transport in ("websocket", "polling"):
            at = f"at {url} by {transport}"
            everybody += [
                listen(f"{label} {at}", url, transport, **auth)
                for label, auth in {
                    "eve": {"rooms": True, "token": token_of(eve)},
                    "eve's old client": {"token": token_of(eve)},
                    "ada's old client": {"token": token_of(ada)},
                    "anonymous": {"rooms": True},
                    "anonymous old client": {},
                    "a forged token": {"rooms": True, "token": token_of(ada)[:-2]},
                }.items()
            ]
    # Old clients and strangers that use a token only with an event.
    for one in everybody:
        if one.name.startswith("eve's old"):
            assert one.call("ping_user", token_of(eve)) == {}
    den = PrivateRoom(ada, bob)
    text = a_secret()
    message = den.do_everything(text)
    assert heard_by(ada, text, everybody) == insiders
    assert heard_by(ada, den.secret, everybody) == insiders
    ada.send("DELETE", message["_links"]["self"], check=False)
    ada.send("PUT", den.path, json={"archived": True})
    ada.send("DELETE", den.path)
    link = f'"{message["_links"]["self"]}"'
    assert heard_by(ada, link, everybody) == insiders
    room_link = f'"{den.path}'
    assert heard_by(ada, room_link, everybody) == insiders


def test_who_is_expelled_hears_nothing_more_and_who_comes_does(urls, person, listen):
    ada, bob, eve = person("ada"), person("bob"), person("eve")
    den = PrivateRoom(ada, bob)
    of_bob, of_eve = (
        [listen(f"{n} {i}", url, rooms=True, token=token_of(one))
         for i, url in enumerate(urls)]
        for n, one in (("bob", bob), ("eve", eve))
    )  # fmt: skip
    everybody = [*of_bob, *of_eve]
    names = {"bob": {one.name for one in of_bob}, "eve": {one.name for one in of_eve}}
    first, second, third = a_secret(), a_secret(), a_secret()
    den.say(first)
    assert heard_by(ada, first, everybody) == names["bob"]
    den.set_member(bob, False)
    for one in of_bob:
        wait_until(lambda one=one: one.has_heard("removed_model"))
    den.say(second)
    assert heard_by(ada, second, everybody) == set()
    den.set_member(eve, True)
    for one in of_eve:
        wait_until(lambda one=one: one.has_heard(den.secret))
    den.say(third)
    assert heard_by(ada, third, everybody) == names["eve"]
    answers = [one.call("typing", {"room_id": den.room["id"]}, token_of(bob))
               for one in of_bob]  # fmt: skip
    assert all("not in this room" in answer["error"] for answer in answers)


def test_a_token_that_is_revoked_or_bad_gives_nothing_more(urls, person, listen):
    ada, bob = person("ada"), person("bob")
    den = PrivateRoom(ada, bob)
    url = urls[0]
    revoked = bob.sign_in()
    ended = listen("revoked", url, rooms=True, token=revoked)
    bad = listen("bad token", url, rooms=True, token=token_of(bob))
    other = listen("another user's", url, rooms=True, token=token_of(bob))
    stays = listen("stays", url, rooms=True, token=token_of(bob))
    everybody = [ended, bad, other, stays]
    first, second = a_secret(), a_secret()
    den.say(first)
    assert heard_by(ada, first, everybody) == {one.name for one in everybody}
    headers = {"Authorization": f"Bearer {revoked}"}
    ada.send("DELETE", "/api/tokens", headers=headers)
    wait_until(lambda: ended.has_heard("expired_token"))
    assert bad.call("ping_user", "nonsense")["error"]
    assert other.call("ping_user", token_of(person("eve"))) == {}
    den.say(second)
    assert heard_by(ada, second, everybody) == {"stays"}


def test_who_is_writing_in_a_private_room_is_told_to_its_members(urls, person, listen):
    ada, bob, eve = person("ada"), person("bob"), person("eve")
    den = PrivateRoom(ada, bob)
    here = listen("ada", urls[0], rooms=True, token=token_of(ada))
    members = [
        listen(f"bob {i}", url, rooms=True, token=token_of(bob))
        for i, url in enumerate(urls)
    ]
    strangers = [
        listen("eve", urls[1], rooms=True, token=token_of(eve)),
        listen("anonymous", urls[1], rooms=True),
        listen("bob's old client", urls[1], token=token_of(bob)),
    ]
    asked = {"room_id": den.room["id"]}
    assert here.call("typing", asked, token_of(ada)) == {}
    for one in members:
        wait_until(lambda one=one: one.has_heard('"typing"'))
    assert heard_by(ada, '"typing"', strangers) == set()
    assert "error" in strangers[0].call("typing", asked, token_of(eve))


def test_what_is_said_in_a_private_room_on_a_connection_stays_there(
    urls, person, listen
):
    ada, bob, eve = person("ada"), person("bob"), person("eve")
    den = PrivateRoom(ada, bob)
    here = listen("ada", urls[0], rooms=True, token=token_of(ada))
    member = listen("bob", urls[1], rooms=True, token=token_of(bob))
    stranger = listen("eve", urls[1], rooms=True, token=token_of(eve))
    text, intruding = a_secret(), a_secret()
    key = a_secret()
    body = {"source": text, "room_id": den.room["id"], "idempotency_key": key}
    first = here.call("post_message", body, token_of(ada))
    assert here.call("post_message", body, token_of(ada))["id"] == first["id"]
    answer = {"source": text, "room_id": den.room["id"], "reply_to": first["id"]}
    assert "error" not in here.call("post_message", answer, token_of(ada))
    body = {"source": intruding, "room_id": den.room["id"]}
    refused = stranger.call("post_message", body, token_of(eve))
    assert "room_id" in refused["error"]
    everybody = [here, member, stranger]
    assert heard_by(ada, text, everybody) == {"ada", "bob"}
    assert heard_by(ada, intruding, everybody) == set()
    assert heard_by(ada, key, everybody) <= {"ada"}
