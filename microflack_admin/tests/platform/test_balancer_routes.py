"""What is parsed from the registry's keys, and what is rejected."""

import pytest

from mfplatform.balancer.routes import parse_routes
from mfplatform.balancer.server_address import ServerAddress, parse_server_address

HOSTS = {"localhost": "127.0.0.1", "db.example.org": "192.0.2.7"}


def one_service(**keys: str) -> dict[str, str]:
    names = {
        "location": "/services/users/location",
        "balance": "/services/users/backend/balance",
        "upstream": "/services/users/upstream/users-1",
    }
    return {names[name]: value for name, value in keys.items()}


def test_a_service_has_location_balance_and_instances() -> None:
    table = parse_routes(
        one_service(
            location="/api/users", balance="leastconn", upstream="127.0.0.1:5000"
        ),
        HOSTS.get,
    )
    service = table.services["users"]
    assert service.location == "/api/users"
    assert service.balance == "leastconn"
    assert service.servers["users-1"].endpoint == "127.0.0.1:5000"
    assert table.rejected_keys == ()


def test_the_balance_is_roundrobin_if_there_is_none() -> None:
    table = parse_routes(
        one_service(location="/", upstream="127.0.0.1:5000"), HOSTS.get
    )
    assert table.services["users"].balance == "roundrobin"


@pytest.mark.parametrize(
    ("value", "location"),
    [("/", "/"), ("/api/users/", "/api/users"), ("/a-b/c_d/~e.f", "/a-b/c_d/~e.f")],
)
def test_a_path_is_a_location(value: str, location: str) -> None:
    table = parse_routes(one_service(location=value), HOSTS.get)
    assert table.services["users"].location == location


@pytest.mark.parametrize(
    "value",
    [
        "",
        "api",
        "//",
        "/api//users",
        "/api/../stats",
        "/.",
        "/a b",
        "/a\nserver evil 1.2.3.4:80",
        "/a\n",
        "/ü",
        "/%2e",
        "/a?b",
        "/a#b",
        "/{ path }",
        "/stats",
        "/metrics",
        "/" + "a" * 100_000,
    ],
)
def test_what_is_not_a_path_is_rejected(value: str) -> None:
    table = parse_routes(one_service(location=value, upstream="127.0.0.1:1"), HOSTS.get)
    assert table.services == {}
    assert table.rejected_keys[0].key == "/services/users/location"


def test_a_service_may_have_more_locations_than_one() -> None:
    keys = one_service(location="/api/messages", upstream="127.0.0.1:1") | {
        "/services/users/locations/rooms": "/api/rooms/",
        "/services/users/locations/files": "/api/files",
    }
    service = parse_routes(keys, HOSTS.get).services["users"]
    assert service.location == "/api/messages"
    assert service.locations == ("/api/messages", "/api/files", "/api/rooms")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rooms", "rooms"),
        ("rooms", "/metrics"),
        ("rooms", ""),
        ("a/b", "/api/rooms"),
        ("-", "/api/rooms"),
        ("rooms", "/taken"),
    ],
)
def test_a_location_that_makes_no_sense_leaves_the_others(key: str, value: str) -> None:
    bad = f"/services/users/locations/{key}"
    keys = one_service(location="/a", upstream="127.0.0.1:1") | {
        "/services/other/location": "/taken",
        "/services/users/locations/good": "/b",
        bad: value,
    }
    table = parse_routes(keys, HOSTS.get)
    assert table.services["users"].locations == ("/a", "/b")
    assert [entry.key for entry in table.rejected_keys] == [bad]


@pytest.mark.parametrize("name", ["BACKEND", "FRONTEND"])
def test_a_name_that_haproxy_keeps_for_itself_is_rejected(name: str) -> None:
    key = f"/services/users/upstream/{name}"
    good = one_service(location="/a", upstream="127.0.0.1:1")
    table = parse_routes(good | {key: "127.0.0.1:2"}, HOSTS.get)
    assert list(table.services["users"].servers) == ["users-1"]
    assert [entry.key for entry in table.rejected_keys] == [key]


@pytest.mark.parametrize("value", ["", "random", "roundrobin\n", "source check", "é"])
def test_an_unknown_balance_is_rejected(value: str) -> None:
    table = parse_routes(one_service(location="/a", balance=value), HOSTS.get)
    assert table.services["users"].balance == "roundrobin"
    assert [entry.key for entry in table.rejected_keys] == [
        "/services/users/backend/balance"
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("127.0.0.1:5000", ("127.0.0.1:5000", 1, 0, False)),
        ("[::1]:5000", ("[::1]:5000", 1, 0, False)),
        ("localhost:80", ("127.0.0.1:80", 1, 0, False)),
        ("db.example.org:80 weight 256", ("192.0.2.7:80", 256, 0, False)),
        ("127.0.0.1:80 weight 0", ("127.0.0.1:80", 0, 0, False)),
        ("127.0.0.1:80 backup  maxconn 7", ("127.0.0.1:80", 1, 7, True)),
    ],
)
def test_an_instance_is_an_address_and_options(
    value: str, expected: tuple[str, int, int, bool]
) -> None:
    address = parse_server_address(value, HOSTS.get)
    options = (address.weight, address.maxconn, address.backup)
    assert (address.endpoint, *options) == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:80:90",
        "127.0.0.1:8O",
        "127.0.0.1:٨٠",
        "256.0.0.1:80",
        "1.2.3:80",
        "::1:80",
        "[127.0.0.1]:80",
        "[::g]:80",
        "-a:80",
        "a..b:80",
        "unknown.example.org:80",
        "unix@/tmp/socket",
        "ipv4@127.0.0.1:80",
        "${HOME}:80",
        "127.0.0.1:80 weight",
        "127.0.0.1:80 weight -1",
        "127.0.0.1:80 weight 257",
        "127.0.0.1:80 weight 1 weight 2",
        "127.0.0.1:80 maxconn many",
        "127.0.0.1:80 check",
        "127.0.0.1:80 source 10.0.0.1",
        "127.0.0.1:80 backup; shutdown sessions",
        "127.0.0.1:80\nserver evil 10.0.0.1:80",
        "127.0.0.1:80\tbackup",
        "127.0.0.1:80\x00",
        "http://127.0.0.1:80",
        " 127.0.0.1:80",
        "a" * 100_000,
    ],
)
def test_any_other_value_of_an_instance_is_rejected(value: str) -> None:
    table = parse_routes(one_service(location="/a", upstream=value), HOSTS.get)
    assert table.services["users"].servers == {}
    assert [entry.key for entry in table.rejected_keys] == [
        "/services/users/upstream/users-1"
    ]


@pytest.mark.parametrize(
    "key",
    [
        "/services/users",
        "/services/users/location/deeper",
        "/services/users/backend",
        "/services/users/backend/other",
        "/services/users/upstream",
        "/services/users/upstream/a/b",
        "/services/users/upstream/a b",
        "/services/users/upstream/-a",
        "/services/users/upstream/" + "a" * 65,
        "/services/us ers/location",
        "/services/us\ners/location",
        "/services/_stats/location",
        "/services//location",
    ],
)
def test_other_keys_are_rejected_and_the_rest_stays(key: str) -> None:
    good = one_service(location="/a", upstream="127.0.0.1:1")
    table = parse_routes({**good, key: "127.0.0.1:80"}, HOSTS.get)
    assert list(table.services["users"].servers) == ["users-1"]
    assert [entry.key for entry in table.rejected_keys] == [key]


def test_the_first_by_name_gets_a_location_that_two_services_want() -> None:
    keys = {f"/services/{name}/location": "/a" for name in ("b", "a", "c")}
    table = parse_routes(keys, HOSTS.get)
    assert list(table.services) == ["a"]
    assert {entry.key for entry in table.rejected_keys} == {
        "/services/b/location",
        "/services/c/location",
    }


def test_instances_without_a_location_are_rejected() -> None:
    table = parse_routes(one_service(upstream="127.0.0.1:1"), HOSTS.get)
    assert table.services == {}
    assert [entry.key for entry in table.rejected_keys] == ["/services/users"]


def test_an_ipv6_address_is_written_in_its_short_form() -> None:
    expected = ServerAddress("[0:0:0:0:0:0:0:1]:80", "::1", 80)
    assert parse_server_address("[0:0:0:0:0:0:0:1]:80", HOSTS.get) == expected
