"""Behind a platform the monolith uses what that has: its registry, queue, services."""

import json
import shutil

import pytest
import redis
import requests
from chat import Person
from flask import Flask, jsonify, request

from microflack_common.publisher import CHANNEL
from microflack_common.registry import Registry
from microflack_common.testing import redis_server, running
from microflack_common.testing_etcd import etcd_server


@pytest.fixture
def platform_servers(tmp_path):
    """Return the URL of an etcd, and the address of a Redis."""
    if not (shutil.which("etcd") and shutil.which("redis-server")):
        pytest.skip("needs the servers of a platform: apt-get install etcd redis")
    with etcd_server(tmp_path / "etcd") as etcd, redis_server() as queue:
        yield etcd.url, queue.address


@pytest.fixture
def elsewhere():
    """Return a load balancer at which somebody else answers for people."""
    app = Flask("elsewhere")
    app.asked = []

    @app.get("/api/users/me")
    def me():
        app.asked.append((request.authorization.username, dict(request.headers)))
        return jsonify(id=7, nickname="ada")

    with running(app) as url:
        yield app, url


def test_its_events_and_what_ended_tokens_go_through_the_platform(
    another, platform_servers
):
    etcd, queue = platform_servers
    another.up(MF_ETCD=etcd, MF_REDIS=queue)
    listener = redis.Redis.from_url(f"redis://{queue}").pubsub()
    listener.subscribe(CHANNEL)
    ada = Person(another.url, "ada")
    ada.say("for everybody")
    heard = []
    while "for everybody" not in str(heard):
        if message := listener.get_message(timeout=30):
            heard.append(message["data"])
    listener.close()
    listener.connection_pool.disconnect()
    ada.send("DELETE", "/api/tokens")
    assert Registry(etcd).tree("/revocations").values
    another.run("mfuser", "admin", "ada")
    rights = Registry(etcd).get(f"/rights/users/{ada.user['id']}")
    assert json.loads(rights) == {"admin": True}


def test_people_who_were_moved_are_asked_for_at_their_new_place(another, elsewhere):
    app, url = elsewhere
    another.up(MF_LB=url, MF_WITHOUT="users")
    gone = requests.get(f"{another.url}/api/users", timeout=30)
    assert gone.status_code == 404
    answer = requests.post(
        f"{another.url}/api/tokens", auth=("ada", "a password: 1"), timeout=30
    )
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    said = requests.post(
        f"{another.url}/api/messages",
        json={"source": "hello"},
        headers=headers,
        timeout=30,
    )
    assert said.status_code == 201 and said.json()["user_id"] == 7
    ((nickname, asked),) = app.asked
    assert nickname == "ada"
    assert asked["X-Forwarded-For"] == "127.0.0.1"


def test_none_gives_it_its_own_again(another, elsewhere):
    app, url = elsewhere
    another.up(MF_LB=url, MF_WITHOUT="users")
    another.up(MF_LB="none", MF_WITHOUT="none")
    assert Person(another.url, "grace").say("hello")["user_id"] == 1
    assert app.asked == []
