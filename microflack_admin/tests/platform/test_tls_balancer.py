"""TLS at the load balancer: real handshakes with a real HAProxy."""

import json
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from backend import Backend
from balancer import Balancer
from certificates import SecureBalancer, connect

Maker = Callable[..., Backend]
PAGE = {"Accept": "text/html,application/xhtml+xml"}
UPGRADE = (
    "GET /chat/websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.fixture(scope="module", params=["own", "acme"])
def secure(request: pytest.FixtureRequest) -> Iterator[SecureBalancer]:
    """Run a load balancer with TLS and two services, for the tests of this module."""
    folder = Path(tempfile.mkdtemp(prefix="mf tls "))
    balancer = SecureBalancer(folder, request.param)
    made = [Backend("chat-1"), Backend("page-1")]
    try:
        balancer.start()
        balancer.register("chat", "/chat", made[0], balance="source")
        balancer.register("page", "/", made[1])
        yield balancer
    finally:
        balancer.stop()
        for one in made:
            one.close()
        shutil.rmtree(folder, ignore_errors=True)


def ask(url: str, **options: Any) -> requests.Response:
    return requests.get(url, verify=False, allow_redirects=False, timeout=30, **options)


pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


def received(url: str, **headers: str) -> dict[str, str]:
    told = ask(url + "/chat/headers", headers=headers)
    return {name.lower(): value for name, value in json.loads(told.text).items()}


def test_browsers_get_http_2(secure: SecureBalancer) -> None:
    with connect(secure.port, None, "localhost", "h2", "http/1.1") as connection:
        assert connection.selected_alpn_protocol() == "h2"
        assert connection.version() == "TLSv1.3"
    command = ["curl", "-sk", "--http2", "-w", " %{http_version}", secure.url + "/x"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout == "page-1 2"


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_old_versions_of_tls_are_refused(secure: SecureBalancer, version: str) -> None:
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{secure.port}", version]
    # The lowest security level: otherwise the client itself would not try.
    command += ["-cipher", "DEFAULT@SECLEVEL=0"]
    done = subprocess.run(command, capture_output=True, text=True, input="", timeout=60)
    assert done.returncode == 1
    assert "alert protocol version" in done.stderr


@pytest.mark.parametrize(
    "cipher", ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "DHE-RSA-AES128-SHA"]
)
def test_ciphers_without_forward_secrecy_or_authentication_are_refused(
    secure: SecureBalancer, cipher: str
) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", secure.port), timeout=30) as plain:
        context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
        with context.wrap_socket(plain) as connection:
            assert connection.version() == "TLSv1.2"
    with socket.create_connection(("127.0.0.1", secure.port), timeout=30) as plain:
        context.set_ciphers(cipher)
        with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
            context.wrap_socket(plain)


def test_pages_are_sent_on_to_tls(secure: SecureBalancer) -> None:
    answer = ask(secure.plain_url + "/chat/a?b=c", headers=PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        secure.url + "/chat/a?b=c",
    )


@pytest.mark.parametrize(
    "method, headers",
    [
        ("GET", {}),
        ("POST", PAGE),
        ("GET", PAGE | {"Authorization": "Bearer a.b.c"}),
        ("GET", PAGE | {"Authorization": "Basic YTpi"}),
        ("PUT", {}),
    ],
)
def test_what_may_carry_a_secret_is_refused_in_clear_text(
    secure: SecureBalancer, method: str, headers: dict[str, str]
) -> None:
    answer = requests.request(
        method,
        secure.plain_url + "/chat",
        headers=headers,
        allow_redirects=False,
        timeout=30,
    )
    assert answer.status_code == 403
    assert f"use {secure.url}" in answer.json()["error"]
    assert answer.headers["Content-Type"] == "application/json"


def test_a_websocket_works_over_tls_and_only_there(secure: SecureBalancer) -> None:
    with connect(secure.port) as connection:
        connection.sendall(UPGRADE.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 101 ")
        connection.sendall(b"hello")
        assert connection.recv(100) == b"chat-1:hello"
    with socket.create_connection(("127.0.0.1", secure.http_port), 30) as plain:
        plain.sendall(UPGRADE.encode())
        assert plain.recv(4096).startswith(b"HTTP/1.1 403 ")


def test_browsers_are_told_to_stay_with_tls_where_the_name_is_all_ours(
    secure: SecureBalancer,
) -> None:
    strict = "max-age=31536000" if secure.environment["MF_TLS"] == "acme" else None
    # Also with what the load balancer itself answers.
    for path in ("/", "/healthz"):
        told = ask(secure.url + path).headers
        assert told.get("Strict-Transport-Security") == strict
    # RFC 6797, 7.2: never without TLS, where it means nothing.
    plain = ask(secure.plain_url + "/", headers=PAGE).headers
    assert "Strict-Transport-Security" not in plain


def test_services_are_told_how_a_client_came(secure: SecureBalancer) -> None:
    assert received(secure.url)["x-forwarded-proto"] == "https"
    told = received(secure.url, **{"X-Forwarded-Proto": "http"})
    assert told["x-forwarded-proto"] == "https"


def test_cookies_are_for_tls_alone(secure: SecureBalancer) -> None:
    assert "; Secure" in ask(secure.url + "/chat").headers["Set-Cookie"]
    plain = ask(secure.inside_url + "/chat").headers["Set-Cookie"]
    assert plain.endswith("SameSite=Lax")


def test_services_reach_each_other_without_tls(secure: SecureBalancer) -> None:
    answer = ask(secure.inside_url + "/chat", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, answer.text) == (200, "chat-1")
    assert received(secure.inside_url)["x-forwarded-proto"] == "http"


def test_an_authoritys_question_reaches_whoever_answers_it(
    secure: SecureBalancer,
) -> None:
    path = "/.well-known/acme-challenge/token"
    assert ask(secure.plain_url + path).status_code == 503
    certbot = Backend("answer", secure.acme_port)
    try:
        assert ask(secure.plain_url + path).text == "answer"
        # It is not asked what comes with TLS, or inside.
        assert ask(secure.url + path).text == "page-1"
    finally:
        certbot.close()


def heard(balancer: Balancer, given: list[str]) -> tuple[str, str]:
    """Return what a service hears of X-Forwarded-Proto, and the answer's head."""
    lines = "".join(f"X-Forwarded-Proto: {one}\r\n" for one in given)
    with socket.create_connection(("127.0.0.1", balancer.port), 30) as plain:
        request = f"GET /chat/headers HTTP/1.1\r\nHost: x\r\n{lines}\r\n"
        plain.sendall(request.encode())
        head, _, body = plain.recv(65536).decode().partition("\r\n\r\n")
    told = {name.lower(): value for name, value in json.loads(body).items()}
    return told["x-forwarded-proto"], head


def test_a_proxy_that_was_named_is_believed_and_nobody_else(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("chat", "/chat", backend("chat-1"), balance="source")
    assert heard(balancer, ["https"])[0] == "http"
    balancer.environment["MF_TRUSTED_PROXIES"] = "192.0.2.0/24,127.0.0.1/32"
    balancer.loop.stop()
    worker = balancer.worker()
    balancer.loop.start()
    balancer.wait_for_reload(worker)
    for given, believed in (
        (["https"], "https"),
        (["http"], "http"),
        ([], "http"),
        (["ftp"], "http"),
    ):
        proto, head = heard(balancer, given)
        assert proto == believed, given
        assert ("; Secure" in head) == (believed == "https")
