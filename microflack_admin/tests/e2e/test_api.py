"""The contract, as a client sees it through the load balancer."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

BEARER = 'Bearer realm="Authentication Required"'


def test_the_whole_way_from_registration_to_a_message(person):
    ada = person("ada")
    message = ada.say("hello *world*!")
    assert message["html"] == "hello <em>world</em>!"
    assert message["user_id"] == ada.user["id"]
    listed = ada.send("GET", "/api/messages").json()["messages"]
    assert message in listed
    assert ada.send("GET", message["_links"]["self"]).json() == message
    assert ada.send("GET", message["_links"]["user"]).json()["nickname"] == ada.nickname


def test_text_of_every_script_survives_the_databases(person):
    ada = person("Åse 日本 🦊")
    message = ada.say("Żółć ✅ 日本 שלום")
    stored = ada.send("GET", message["_links"]["self"]).json()
    assert stored["source"] == "Żółć ✅ 日本 שלום"
    user = ada.send("GET", ada.user["_links"]["self"]).json()
    assert user["nickname"] == ada.nickname


def test_nicknames_are_compared_without_case_in_the_real_database(platform, person):
    ada = person("Straße")
    body = {"nickname": ada.nickname.upper(), "password": "a password: 1"}
    answer = requests.post(f"{platform.url}/api/users", json=body, timeout=30)
    assert answer.status_code == 400


def test_a_post_that_is_sent_twice_at_once_is_stored_once(person):
    ada = person("ada")
    headers = {"Idempotency-Key": f"key-{time.time_ns()}"}
    with ThreadPoolExecutor(8) as pool:
        same = list(pool.map(lambda _: ada.say("once", headers=headers), range(8)))
    assert len({message["id"] for message in same}) == 1


def test_one_nickname_registered_by_many_at_once_is_given_once(platform):
    body = {"nickname": f"race {time.time_ns()}", "password": "a password: 1"}

    def register(_):
        address = f"{platform.url}/api/users"
        return requests.post(address, json=body, timeout=30).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(register, range(8)))
    assert statuses == [201] + [400] * 7


def test_history_is_paged_back_to_its_beginning(person):
    ada = person("ada")
    posted = [ada.say(f"message {n}")["id"] for n in range(7)]
    before, seen = posted[-1] + 1, []
    while not seen or seen[0] > posted[0]:
        path = f"/api/messages?before_id={before}&limit=3"
        page = [m["id"] for m in ada.send("GET", path).json()["messages"]]
        assert page == sorted(page)
        seen, before = page + seen, page[0]
    assert set(posted) <= set(seen)
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/nothing", 404), ("GET", "/nothing", 404),
     ("GET", "/api/users/x", 404), ("DELETE", "/api/users", 405),
     ("GET", "/healthz", 404), ("GET", "/readyz", 404), ("GET", "/metrics", 404),
     ("POST", "/api/messages", 401), ("PUT", "/api/users/1", 401)],
)  # fmt: skip
def test_every_error_is_json(platform, method, path, status):
    answer = requests.request(method, platform.url + path, timeout=30)
    assert answer.status_code == status
    assert answer.json()["error"]
    if status == 401:
        assert answer.headers["WWW-Authenticate"] == BEARER


@pytest.mark.parametrize("path", ["/api/users", "/api/messages"])
def test_a_mebibyte_is_refused_with_an_answer(person, path):
    answer = person("ada").send("POST", path, check=False, json={"x": "y" * 2**20})
    assert answer.status_code == 413
    assert answer.json()["error"]


@pytest.mark.parametrize("path", ["/api/users", "/api/tokens", "/api/messages"])
def test_every_api_describes_itself(platform, path):
    document = requests.get(f"{platform.url}{path}/openapi.json", timeout=30).json()
    assert document["openapi"].startswith("3.1")
    assert path in document["paths"]
