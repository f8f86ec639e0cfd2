"""By which names the chat may be called."""

from collections.abc import Callable

import pytest
from backend import Backend
from balancer import Balancer

from mfplatform.state import hosts

Maker = Callable[..., Backend]
HERE = "127.0.0.1,localhost,[::1]"


def status(balancer: Balancer, host: str) -> bytes:
    """Return the status of an answer to who calls it by this name."""
    request = f"GET /x HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    return balancer.send(request.encode())[9:12]


def test_another_name_is_refused(balancer: Balancer, backend: Maker) -> None:
    service = backend("all-1")
    balancer.register("all", "/", service)
    assert status(balancer, "evil.example") == b"200"
    balancer.restart_with(MF_HOSTS=HERE)
    for host in ("127.0.0.1", "localhost:8080", "LOCALHOST", "[::1]", "[::1]:8080"):
        assert status(balancer, host) == b"200"
    # By an address or such a name no page of somebody else can call it.
    for host in ("192.168.33.10", "10.0.0.1:80", "[FE80::1]:80", "chat.Localhost:80"):
        assert status(balancer, host) == b"200"
    served = service.requests
    for host in (
        "evil.example",
        "127.0.0.1.evil.example",
        "evil.example:8080",
        "x@y",
        "1.2.3.4.evil",
        "localhost.evil",
        "evillocalhost",
        "[::1].evil",
    ):
        assert status(balancer, host) in (b"421", b"400"), host
    refused = b"GET /x HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    assert b'{"error": "The chat is not known by this name.' in balancer.send(refused)
    assert service.requests == served


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"MF_BIND": "127.0.0.1"}, HERE),
        ({"MF_BIND": "127.0.0.2"}, f"{HERE},127.0.0.2"),
        ({"MF_BIND": "0.0.0.0"}, ""),
        ({"MF_BIND": "127.0.0.1", "MF_TRUSTED_PROXIES": "127.0.0.1/32"}, ""),
        ({"MF_BIND": "127.0.0.1", "MF_TLS": "own"}, ""),
        ({"MF_BIND": "127.0.0.1", "MF_HOSTS": "any"}, ""),
        ({"MF_BIND": "0.0.0.0", "MF_HOSTS": "chat.lan"}, f"chat.lan,{HERE}"),
        ({"MF_HOSTS": "chat.lan,localhost"}, "chat.lan,localhost,127.0.0.1,[::1]"),
    ],
)
def test_where_only_this_machine_reaches_it_its_names_are_those_of_this_machine(
    settings: dict[str, str], names: str
) -> None:
    assert hosts.allowed(settings) == names
