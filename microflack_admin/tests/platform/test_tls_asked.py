"""What mfup makes of what it is asked for about TLS, before anything is installed."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from daemons import free_port
from platforms import ADMIN

Settings = dict[str, str]


class Result(NamedTuple):
    """How it ended, what it said, and the settings that are or would be recorded."""

    code: int
    said: str
    settings: Settings


def settings_in(file: Path) -> Settings:
    if not file.exists():
        return {}
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def prepare(home: Path, **asked: str) -> Result:
    """Do as mfup does first, with what is asked for as options or variables."""
    given = {f"MF_ASKED_{name}": value for name, value in asked.items()}
    path = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ADMIN)}
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-m", "mfplatform.commands.prepare"],
        env=path | {"MF_HOME": str(home), "MF_ADMIN": str(ADMIN)} | given,
        capture_output=True,
        text=True,
    )
    wanted = home / "settings.next.env"
    recorded = wanted if wanted.exists() else home / "settings.env"
    return Result(done.returncode, done.stderr, settings_in(recorded))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def port_for_all() -> str:
    """Return a port that is free at every address of this machine."""
    with socket.create_server(("0.0.0.0", 0)) as probe:
        return str(probe.getsockname()[1])


def ports() -> dict[str, str]:
    return {"PORT": port_for_all(), "HTTP_PORT": port_for_all()}


def test_without_tls_it_does_not_open_to_a_network_unless_that_is_meant(
    home: Path,
) -> None:
    plain = {"PORT": port_for_all(), "BIND": "0.0.0.0"}
    refused = prepare(home, **plain)
    assert (refused.code, refused.settings) == (2, {})
    for way in ("--domain NAME", "--tls own", "MF_CERT=FILE", "MF_INSECURE=yes"):
        assert way in refused.said
    assert refused.said.count("\n") == 1
    assert prepare(home, **plain, INSECURE="yes").settings["MF_BIND"] == "0.0.0.0"
    # That is remembered, until somebody says otherwise.
    assert prepare(home).code == 0
    assert prepare(home, INSECURE="no").code == 2
    assert prepare(home).settings["MF_INSECURE"] == "yes"
    assert prepare(home, INSECURE="no", BIND="127.0.0.1").code == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2"])
def test_this_machine_alone_needs_no_tls(home: Path, address: str) -> None:
    done = prepare(home, PORT=str(free_port()), BIND=address)
    assert (done.code, done.settings["MF_TLS"]) == (0, "off")


REFUSED = {
    "'a b' is not the name of a domain": {"DOMAIN": "a b"},
    "'https://x.org' is not the name": {"DOMAIN": "https://x.org"},
    "'-x.example.org' is not the name": {"DOMAIN": "-x.example.org"},
    "'*.example.org' is not the name": {"DOMAIN": "*.example.org"},
    "no certificate for '192.0.2.1'": {"DOMAIN": "192.0.2.1"},
    "no certificate for 'localhost'": {"DOMAIN": "a.example.org,localhost"},
    "--tls acme needs --domain": {"TLS": "acme"},
    "--tls file needs MF_CERT": {"TLS": "file"},
    "MF_CERT: '/nope.pem' is no file": {"CERT": "/nope.pem"},
    "--tls takes one of off, acme, own, file": {"TLS": "yes"},
    "Give only one of them": {"TLS": "own", "CERT": "/x.pem"},
    "takes neither a domain nor MF_CERT": {"TLS": "off", "DOMAIN": "a.example.org"},
    "MF_INSECURE takes yes or no": {"INSECURE": "maybe"},
    "MF_HTTP_PORT must be a port number": {"TLS": "own", "HTTP_PORT": "http"},
    "are both 4443": {"TLS": "own", "PORT": "4443", "HTTP_PORT": "4443"},
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_makes_no_sense_is_refused_and_nothing_recorded(
    home: Path, reason: str
) -> None:
    done = prepare(home, **REFUSED[reason])
    assert (done.code, done.settings) == (2, {})
    assert reason in done.said and done.said.count("\n") == 1


@pytest.mark.parametrize("name", ["PORT", "HTTP_PORT"])
def test_a_taken_port_is_named_with_its_setting(home: Path, name: str) -> None:
    wanted = ports()
    with socket.create_server(("127.0.0.1", int(wanted[name]))):
        done = prepare(home, TLS="own", **wanted)
    assert (done.code, done.settings) == (1, {})
    assert f"port {wanted[name]} is taken by" in done.said
    assert f"MF_{name}={int(wanted[name]) + 1} mfup" in done.said


@pytest.mark.skipif(
    int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 80
    or os.geteuid() == 0,
    reason="this user may listen on port 80",
)
def test_ports_that_are_not_for_ordinary_users_are_refused(home: Path) -> None:
    done = prepare(home, DOMAIN="chat.example.org")
    assert (done.code, done.settings) == (1, {})
    assert "is not for ordinary users" in done.said and "sysctl" in done.said


def test_a_domain_is_served_at_the_usual_ports_and_to_everybody(home: Path) -> None:
    inside = ports() | {"DOMAIN": "Chat.Example.org,b.example.org"}
    wanted = prepare(home, **inside).settings
    assert wanted["MF_TLS"] == "acme"
    assert wanted["MF_BIND"] == "0.0.0.0"
    assert wanted["MF_DOMAIN"] == "chat.example.org,b.example.org"
    # Whatever the ports are here: a router may forward the usual ones.
    assert wanted["MF_URL"] == "https://chat.example.org"
    assert wanted["LB"] == f"http://127.0.0.1:{wanted['SERVICES_PORT']}"
    assert prepare(home, **inside, BIND="127.0.0.1").settings["MF_BIND"] == "127.0.0.1"


def record(home: Path, found: Settings) -> None:
    """Make wanted settings those of the platform, as once there is a certificate."""
    text = "".join(f"{name}={value}\n" for name, value in found.items())
    (home / "settings.env").write_text(text)
    (home / "settings.next.env").unlink(missing_ok=True)


def test_nothing_is_recorded_before_there_is_a_certificate(home: Path) -> None:
    port = str(free_port())
    before = prepare(home, PORT=port).settings
    wanted = prepare(home, TLS="own", HTTP_PORT=port, PORT=str(free_port())).settings
    assert wanted["MF_TLS"] == "own"
    assert settings_in(home / "settings.env") == before
    # What came to nothing is forgotten.
    assert prepare(home).settings == before
    assert not (home / "settings.next.env").exists()


def test_tls_is_turned_on_and_off_and_remembered(home: Path) -> None:
    port = str(free_port())
    prepare(home, PORT=port)
    wanted = prepare(home, TLS="own", DOMAIN="chat.lan", HTTP_PORT=port).settings
    # Where it was before people are sent on.
    assert (wanted["MF_HTTP_PORT"], wanted["MF_PORT"]) == (port, "8443")
    assert wanted["MF_URL"] == "https://chat.lan:8443"
    record(home, wanted)
    assert prepare(home).settings == wanted
    other = prepare(home, DOMAIN="new.lan", TLS="own").settings
    assert other["MF_URL"] == "https://new.lan:8443"
    off = prepare(home, TLS="off", PORT=port).settings
    assert (off["MF_TLS"], off["MF_URL"], off["MF_HTTP_PORT"]) == ("off", "", "")
    assert off["LB"] == f"http://127.0.0.1:{port}"


def test_a_file_is_named_with_its_whole_path(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "site.pem"
    file.touch()
    cert = os.path.relpath(file)
    wanted = prepare(home, CERT=cert, **ports()).settings
    assert (wanted["MF_TLS"], wanted["MF_CERT"]) == ("file", str(file))
