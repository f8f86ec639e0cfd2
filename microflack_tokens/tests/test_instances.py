"""Several instances that may be killed at any moment, as may the registry."""

import random
import shutil
import threading
import time
from contextlib import suppress

import pytest
import requests
from flask import Flask
from instances import Anywhere, Instance
from sqlalchemy import create_engine, text
from waiting import wait_until

from microflack_common.testing import SECRET, basic, bearer
from microflack_common.testing_etcd import EtcdServer
from microflack_common.tokens import issue_token

ADA = basic("ada", "lovelace")
# How often something is killed in the middle of what it does.
ROUNDS = 6


@pytest.fixture
def etcd(tmp_path):
    """Return a running etcd."""
    if not shutil.which("etcd"):
        pytest.skip("etcd is not installed (Debian package etcd-server)")
    server = EtcdServer(tmp_path / "etcd")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def instances(users, settings, etcd, tmp_path):
    """Return two instances with one database, empty before and afterwards."""
    settings = settings | {"ETCD": etcd.url}
    started = [Instance(tmp_path / f"log{n}", settings).start() for n in range(2)]
    try:
        yield [instance.wait_until_ready() for instance in started]
    finally:
        for instance in started:
            instance.kill()
    assert not any("Traceback" in instance.log() for instance in started)
    engine = create_engine(settings["DATABASE_URL"])
    with engine.begin() as connection:
        for table in ("sessions", "ended", "cuts", "cut_counter", "alembic_version"):
            connection.execute(text(f"DROP TABLE {table}"))
    engine.dispose()


@pytest.fixture
def client(instances):
    """Return a client of all instances."""
    return Anywhere(instances)


def sign_in(client):
    answer = client.request("POST", headers=ADA)
    assert answer.status_code == 200
    return answer.json()


def status(instance, pair):
    """Return how an instance answers to a token."""
    return requests.get(
        instance.url, headers=bearer(pair["token"]), timeout=10
    ).status_code


def test_a_session_goes_on_at_every_instance_and_ends_at_all(instances, client):
    pair, bystander = sign_in(client), sign_in(client)
    for _ in range(4):
        body = {"refresh_token": pair["refresh_token"]}
        pair = client.request("POST", json=body).json()
        assert [status(instance, pair) for instance in instances] == [200, 200]
    answer = client.request("DELETE", headers=bearer(pair["token"]))
    assert answer.status_code == 204
    wait_until(lambda: [status(one, pair) for one in instances] == [401, 401], 5)
    assert [status(one, bystander) for one in instances] == [200, 200]


def test_tabs_that_renew_at_the_same_moment_get_the_same_pair(client, instances):
    first = sign_in(client)["refresh_token"]
    pairs = []

    def renew(instance):
        answer = requests.post(instance.url, json={"refresh_token": first}, timeout=20)
        pairs.append(answer.json())

    tabs = [threading.Thread(target=renew, args=[instances[n % 2]]) for n in range(8)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert pairs == [pairs[0]] * 8
    assert pairs[0]["refresh_token"]


def killed_meanwhile(instance, do):
    """Do something while an instance is killed and started again; return its result."""
    killer = threading.Timer(random.uniform(0, 0.05), instance.kill)
    killer.start()
    result = do()
    killer.join()
    instance.start()
    return result


def test_a_renewal_under_which_an_instance_dies_signs_nobody_out(instances, client):
    pair = sign_in(client)
    for number in range(ROUNDS):

        def renew_some_times(pair=pair):
            for _ in range(5):
                # The answer may be lost: then it is asked for again.
                body = {"refresh_token": pair["refresh_token"]}
                answer = client.request("POST", json=body)
                assert answer.status_code == 200, answer.text
                pair = answer.json()
            return pair

        instance = instances[number % 2]
        pair = killed_meanwhile(instance, renew_some_times)
        instance.wait_until_ready()
    assert client.request("GET", headers=bearer(pair["token"])).status_code == 200


def test_what_was_acknowledged_stays_ended_whatever_dies(
    instances, client, etcd, tmp_path
):
    pairs = [sign_in(client) for _ in range(ROUNDS)]
    stays = sign_in(client)
    for number, pair in enumerate(pairs):
        instance = instances[number % 2]
        token = bearer(pair["token"])
        answer = killed_meanwhile(
            instance, lambda token=token: client.request("DELETE", headers=token)
        )
        # Who asks again after a lost answer may be told that the token is ended.
        assert answer.status_code in (204, 401)
        instance.wait_until_ready()
    etcd.stop()
    shutil.rmtree(tmp_path / "etcd")
    etcd.start()
    answers = set()
    end = time.monotonic() + 60
    while time.monotonic() < end and status(instances[0], stays) != 200:
        answers |= {status(instances[0], pair) for pair in pairs}
    assert answers <= {401, 503}
    for instance in instances:
        wait_until(lambda instance=instance: status(instance, stays) == 200)
        assert {status(instance, pair) for pair in pairs} == {401}
    for pair in pairs:
        body = {"refresh_token": pair["refresh_token"]}
        assert client.request("POST", json=body).status_code == 401


def test_a_token_of_an_older_release_stays_ended_when_all_start_anew(
    instances, etcd, tmp_path
):
    issuer = Flask("issuer")
    issuer.config["JWT_SECRET_KEY"] = SECRET
    good, ended = ({"token": token_of(issuer)} for _ in range(2))
    answer = requests.delete(
        instances[0].url, headers=bearer(ended["token"]), timeout=30
    )
    assert answer.status_code == 204
    for instance in instances:
        instance.kill()
    etcd.stop()
    shutil.rmtree(tmp_path / "etcd")
    etcd.start()
    instances[0].start()
    answers = set()

    def is_back():
        with suppress(requests.ConnectionError):
            answers.add(status(instances[0], ended))
            return status(instances[0], good) == 200

    wait_until(is_back, 60)
    assert answers <= {401, 503}
    assert status(instances[0], ended) == 401


def token_of(app):
    with app.app_context():
        return issue_token(7)


def test_without_the_registry_an_end_is_told_as_soon_as_it_is_back(
    instances, client, etcd
):
    pair = sign_in(client)
    etcd.stop()
    answer = requests.delete(
        instances[0].url, headers=bearer(pair["token"]), timeout=30
    )
    assert answer.status_code == 503
    etcd.start()
    wait_until(lambda: [status(one, pair) for one in instances] == [401, 401])
