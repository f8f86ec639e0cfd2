"""Certificates are replaced while a real HAProxy serves, and nobody notices."""

import json
import shutil
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.client import HTTPException, HTTPSConnection
from pathlib import Path

import pytest
from backend import Backend
from certificates import DAY, SecureBalancer, connect, own_pem
from daemons import wait_for
from pebble import Pebble

Maker = Callable[..., Backend]
NAME = "chat.example.org"


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="mf keeper "))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def start(balancer: SecureBalancer, made: Backend, **settings: str) -> None:
    """Start a load balancer, and what looks after its certificate."""
    balancer.environment |= settings
    balancer.start()
    balancer.register("chat", "/chat", made)
    balancer.start_keeper()


class Load:
    """Clients with TLS: two keep their connection, two make one for each request."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.done = 0
        self.failures: list[str] = []
        self.context = ssl.create_default_context()
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(keep,))
            for keep in (True, True, False, False)
        ]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        wait_for(lambda: self.done > 20)
        return self

    def __exit__(self, *error: object) -> None:
        before = self.done
        wait_for(lambda: self.done > before + 20)
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, keep: bool) -> None:
        connection = self._connection()
        while not self._stop.is_set():
            try:
                connection.request("GET", "/chat")
                answer = connection.getresponse()
                if answer.read() != b"chat-1":
                    self.failures.append(f"status {answer.status}")
            except (OSError, HTTPException) as error:
                self.failures.append(repr(error))
            self.done += 1
            if not keep:
                connection.close()
                connection = self._connection()
        connection.close()

    def _connection(self) -> HTTPSConnection:
        return HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self.context)


@pytest.fixture(scope="module")
def with_file() -> Iterator[SecureBalancer]:
    """Run a load balancer whose certificate is a file that somebody looks after."""
    folder = Path(tempfile.mkdtemp(prefix="mf keeper "))
    balancer, made = SecureBalancer(folder, "file"), Backend("chat-1")
    cert = folder / "given" / "site.pem"
    cert.parent.mkdir()
    cert.write_text(own_pem(NAME))
    try:
        start(balancer, made, MF_CERT=str(cert), MF_DOMAIN=NAME)
        yield balancer
    finally:
        balancer.stop()
        made.close()
        shutil.rmtree(folder, ignore_errors=True)


def given(balancer: SecureBalancer) -> Path:
    return Path(balancer.environment["MF_CERT"])


def problem(balancer: SecureBalancer) -> str:
    return str(json.loads((balancer.tls / "state.json").read_text())["problem"])


def test_a_changed_file_is_served_and_no_request_fails(
    with_file: SecureBalancer,
) -> None:
    worker = with_file.worker()
    with connect(with_file.port) as kept, Load(with_file.port) as load:
        for _ in range(3):
            before = with_file.serial()
            given(with_file).write_text(own_pem(NAME))
            wait_for(lambda last=before: with_file.serial() != last)
        kept.sendall(b"GET /chat HTTP/1.1\r\nHost: x\r\n\r\n")
        assert kept.recv(100).startswith(b"HTTP/1.1 200")
    assert load.failures == []
    assert with_file.worker() == worker
    # What is served is in the file that a new HAProxy reads.
    assert with_file.site.read_text() == given(with_file).read_text()


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "holds no certificate"),
        (own_pem("other.example"), "is for other.example"),
        (
            own_pem(NAME, begins=datetime.now(UTC) - 9 * DAY, life=8 * DAY),
            "has expired",
        ),
    ],
    ids=["torn", "for others", "expired"],
)
def test_a_bad_file_changes_nothing_and_the_next_good_one_is_served(
    with_file: SecureBalancer, text: str, reason: str
) -> None:
    before = with_file.serial()
    given(with_file).write_text(text)
    wait_for(lambda: reason in problem(with_file))
    assert with_file.serial() == before
    assert with_file.keeper.log.count(reason) == 1
    given(with_file).write_text(own_pem(NAME))
    wait_for(lambda: with_file.serial() != before and not problem(with_file))


def test_a_chain_too_long_for_a_command_is_served_as_well(
    with_file: SecureBalancer,
) -> None:
    before = with_file.serial()
    leaf = own_pem(NAME)
    others = [own_pem(f"{'a' * 60}.{number}.example") for number in range(40)]
    chain = "".join(one[: one.index("-----BEGIN PRIVATE")] for one in others)
    with Load(with_file.port) as load:
        given(with_file).write_text(leaf + chain)
        wait_for(lambda: with_file.serial() != before and not problem(with_file))
    assert load.failures == []


def test_what_was_replaced_while_haproxy_was_away_is_served_when_it_is_back(
    with_file: SecureBalancer,
) -> None:
    before = with_file.serial()
    with_file.haproxy.stop(kill=True)
    given(with_file).write_text(own_pem(NAME))
    wait_for(lambda: given(with_file).read_text() == with_file.site.read_text())
    with_file.haproxy.start()
    wait_for(lambda: with_file.serial() not in (0, before))
    wait_for(lambda: not problem(with_file))


def test_an_acme_certificate_is_renewed_and_no_request_fails(
    folder: Path, backend: Maker
) -> None:
    balancer = SecureBalancer(folder, "acme")
    authority = Pebble(folder, balancer.http_port, life_seconds=30)
    settings = {
        "MF_DOMAIN": f"{NAME},b.{NAME}",
        "MF_ACME_SERVER": authority.url,
        "MF_ACME_CA": str(authority.ca_file),
    }
    try:
        authority.start()
        first = own_pem("x")
        balancer.site.write_text(first)
        start(balancer, backend("chat-1"), **settings)
        assert not problem(balancer), balancer.keeper.log
        seen = {balancer.serial()}
        with Load(balancer.port) as load:
            wait_for(lambda: seen.add(balancer.serial()) or len(seen) == 3, 400)
        assert load.failures == []
        with connect(balancer.port) as connection:
            assert connection.getpeercert(binary_form=True) is not None
        assert not problem(balancer)
    finally:
        balancer.stop()
        authority.stop()
