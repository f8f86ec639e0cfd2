"""The chat behind somebody else's proxy: a real nginx, set up as docs/tls.md says."""

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from backend import Backend
from balancer import ADMIN, Balancer
from certificates import connect, own_pem
from daemons import Daemon, free_port, wait_for
from requests.adapters import HTTPAdapter

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {map}
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/site.pem;
        ssl_certificate_key {folder}/site.pem;
        {location}
    }}
}}
"""
UPGRADE = (
    "GET /chat/websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def documented() -> tuple[str, str]:
    """Return the two pieces of configuration that people copy: location and map."""
    page = (ADMIN / "docs" / "tls.md").read_text()
    location, upgrade = re.findall(r"^```nginx\n(.*?)^```", page, re.M | re.S)
    return location, upgrade


@pytest.fixture
def nginx(balancer: Balancer, backend: Callable[..., Backend]) -> Iterator[int]:
    """Run nginx before a load balancer with a service; return its port."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None:
        pytest.skip("nginx is not installed (Debian package: nginx-light)")
    balancer.register("chat", "/chat", backend("chat-1"), balance="source")
    worker = balancer.worker()
    balancer.loop.stop()
    balancer.environment["MF_TRUSTED_PROXIES"] = "127.0.0.1"
    balancer.loop.start()
    balancer.wait_for_reload(worker)
    folder, port = Path(tempfile.mkdtemp(prefix="mf-nginx-")), free_port()
    (folder / "site.pem").write_text(own_pem("localhost"))
    location, upgrade = documented()
    location = location.replace("127.0.0.1:8080", f"127.0.0.1:{balancer.port}")
    text = NGINX.format(folder=folder, port=port, location=location, map=upgrade)
    (folder / "nginx.conf").write_text(text)
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    server = Daemon(command, folder / "nginx.log")
    try:
        server.start()
        wait_for((folder / "nginx.pid").exists)
        yield port
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


class From(HTTPAdapter):
    """Requests that come from another address of this machine."""

    def init_poolmanager(self, *arguments: object, **options: object) -> None:
        options["source_address"] = ("127.0.0.3", 0)
        super().init_poolmanager(*arguments, **options)  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_services_know_the_client_and_how_it_came(nginx: int) -> None:
    url = f"https://localhost:{nginx}"
    with requests.Session() as session:
        session.mount(url, From())
        lies = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "http"}
        answer = session.get(
            f"{url}/chat/headers", headers=lies, verify=False, timeout=30
        )
    told = {name.lower(): value for name, value in json.loads(answer.text).items()}
    assert told["x-forwarded-proto"] == "https"
    assert told["x-forwarded-for"] == "127.0.0.3"
    # As the page's origin has it, or the live news would be refused.
    assert told["host"] == f"localhost:{nginx}"
    assert "; Secure" in answer.headers["Set-Cookie"]


def test_a_websocket_goes_through(nginx: int) -> None:
    with connect(nginx) as connection:
        connection.sendall(UPGRADE.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 101 ")
        connection.sendall(b"hello")
        assert connection.recv(100) == b"chat-1:hello"
