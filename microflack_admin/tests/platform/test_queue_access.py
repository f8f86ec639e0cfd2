"""Nobody uses the queue without a password, and services only what they declare."""

import pytest
from access_servers import Servers
from redis import Redis, exceptions

from mfplatform.state import accounts, queue_access

pytest_plugins = ["access_fixtures"]

MESSAGES = {
    "NEEDS_JWT_KEY": "yes",
    "NEEDS_REDIS": "yes",
    "REDIS_KEYS": "pushed:*",
    "REDIS_CHANNELS": "news",
}


def client(servers: Servers, account: accounts.Account | None) -> Redis:
    host, _, port = servers.home.redis_address.partition(":")
    own = {"username": account.name, "password": account.password} if account else {}
    return Redis(host, int(port), protocol=2, **own)  # type: ignore[arg-type]


def let_in(servers: Servers, name: str, settings: dict[str, str]) -> accounts.Account:
    account = accounts.ensure(servers.home, name, settings)
    queue_access.grant(servers.home, account)
    return account


def test_nobody_comes_in_without_a_password(servers: Servers) -> None:
    with pytest.raises(exceptions.AuthenticationError):
        client(servers, None).publish("news", "forged")


def test_a_service_does_what_it_declares_and_nothing_else(servers: Servers) -> None:
    redis = client(servers, let_in(servers, "messages", MESSAGES))
    assert redis.set("pushed:1", 1, ex=5)
    assert redis.publish("news", "x") == 0
    for refused in (
        lambda: redis.set("connections:1", 1),
        lambda: redis.publish("other", "x"),
        redis.flushall,
        redis.shutdown,
        lambda: redis.config_get("*"),
        lambda: redis.keys("*"),
    ):
        with pytest.raises(exceptions.NoPermissionError):
            refused()


def test_a_service_that_declares_no_queue_has_none(servers: Servers) -> None:
    account = let_in(servers, "page", {"NEEDS_JWT_KEY": "no"})
    with pytest.raises(exceptions.AuthenticationError):
        client(servers, account).ping()


def test_a_release_that_uses_all_keys_may_stand_beside_one_that_does_not(
    servers: Servers,
) -> None:
    let_in(servers, "both", MESSAGES)
    everything = {name: MESSAGES[name] for name in MESSAGES if name != "REDIS_KEYS"}
    account = let_in(servers, "both", everything)
    assert client(servers, account).set("anything", 1)
    servers.stop("redis")
    servers.start("redis")
    assert client(servers, account).set("pushed:3", 1)


def test_who_listens_goes_on_when_others_are_let_in(servers: Servers) -> None:
    listener = client(servers, let_in(servers, "listens", MESSAGES)).pubsub()
    listener.subscribe("news")
    assert listener.get_message(timeout=30)
    let_in(servers, "another", MESSAGES)
    again = let_in(servers, "listens", MESSAGES)
    client(servers, again).publish("news", "heard")
    told = listener.get_message(timeout=30)
    assert told and told["data"] == b"heard"


def test_a_queue_that_starts_again_knows_everybody(servers: Servers) -> None:
    account = let_in(servers, "known", MESSAGES)
    servers.stop("redis")
    servers.start("redis")
    assert client(servers, account).set("pushed:2", 1)
    assert queue_access.answers(servers.home)
