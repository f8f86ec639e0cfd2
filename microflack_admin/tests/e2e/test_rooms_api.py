"""Rooms, as people see them through the load balancer."""

import time


def test_who_has_just_registered_is_found_and_named(person):
    ada, bob = person("ada"), person("bob")
    body = {"kind": "direct", "members": [bob.user["id"]]}
    answer = ada.send("POST", "/api/rooms", json=body)
    assert (answer.status_code, answer.json()["name"]) == (201, bob.nickname)
    room = bob.send("GET", answer.json()["_links"]["self"]).json()
    assert room["name"] == ada.nickname
    again = bob.send("POST", "/api/rooms", json=body | {"members": [ada.user["id"]]})
    assert (again.status_code, again.json()["id"]) == (200, room["id"])
    nobody = body | {"members": [2**31 - 1]}
    answer = ada.send("POST", "/api/rooms", check=False, json=nobody)
    assert (answer.status_code, "members" in answer.json()["error"]) == (400, True)


def test_another_nickname_is_in_the_list_of_rooms_soon(person):
    ada, bob = person("ada"), person("bob")
    body = {"kind": "direct", "members": [bob.user["id"]]}
    room = ada.send("POST", "/api/rooms", json=body).json()

    def names():
        found = ada.send("GET", "/api/rooms").json()["rooms"]
        return {one["id"]: one["name"] for one in found}

    assert names()[room["id"]] == bob.nickname
    name = f"{bob.nickname[:20]} II"
    answer = bob.send("PUT", bob.user["_links"]["self"], json={"nickname": name})
    assert answer.status_code == 204
    end = time.monotonic() + 30
    while names()[room["id"]] != name and time.monotonic() < end:
        pass
    assert names()[room["id"]] == name


def test_what_is_said_in_a_private_room_is_unread_for_its_members_only(person):
    ada, bob, eve = person("ada"), person("bob"), person("eve")
    body = {"kind": "private", "name": "den", "members": [bob.user["id"]]}
    room = ada.send("POST", "/api/rooms", json=body).json()
    said = {"source": "hush", "room_id": room["id"]}
    message = ada.send("POST", "/api/messages", json=said).json()
    seen = bob.send("GET", room["_links"]["self"]).json()
    assert (seen["unread"], seen["change"]) == (1, message["change"])
    read = f"{room['_links']['self']}/read"
    answer = bob.send("PUT", read, json={"up_to": message["id"]})
    assert answer.status_code == 204
    assert bob.send("GET", room["_links"]["self"]).json()["unread"] == 0
    for path in (*room["_links"].values(), message["_links"]["self"]):
        assert eve.send("GET", path, check=False).status_code == 404
    rooms = eve.send("GET", "/api/rooms").json()["rooms"]
    assert room["id"] not in [one["id"] for one in rooms]


def test_a_list_of_rooms_that_one_has_is_not_sent_again(person):
    ada = person("ada")
    # Others may be active meanwhile: then it is another one.
    for _ in range(50):
        tag = ada.send("GET", "/api/rooms").headers["ETag"]
        answer = ada.send("GET", "/api/rooms", headers={"If-None-Match": tag})
        if answer.status_code == 304:
            break
    assert (answer.status_code, answer.content) == (304, b"")
