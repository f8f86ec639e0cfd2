"""Certificates: what is refused, and when one is renewed."""

import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certificates import DAY, own_pem
from cryptography import x509

from mfplatform.certificates import acme, authority, local_ca, pem
from mfplatform.certificates.acme import Account
from mfplatform.certificates.pem import Certificate, CertificateError
from mfplatform.certificates.sources import (
    ACMESource,
    FileSource,
    OwnSource,
    RenewalFailed,
    renewal_time,
)

NOW = datetime.now(UTC)
NAMES = ["chat.example.org"]
KEY_BEGINS = "-----BEGIN PRIVATE KEY-----"


def certificate_of(text: str) -> str:
    return text[: text.index(KEY_BEGINS)]


def key_of(text: str) -> str:
    return text[text.index(KEY_BEGINS) :]


def openssl(*words: str, stdin: str = "") -> str:
    done = subprocess.run(
        ["openssl", *words], input=stdin, capture_output=True, text=True, check=True
    )
    return done.stdout


def small_key() -> str:
    options = ["-newkey", "rsa:1024", "-nodes", "-keyout", "-", "-subj", "/CN=x"]
    return openssl(
        "req", "-x509", *options, "-addext", f"subjectAltName=DNS:{NAMES[0]}"
    )


def with_password() -> str:
    text = own_pem(*NAMES)
    locked = openssl("pkey", "-aes128", "-passout", "pass:x", stdin=key_of(text))
    return certificate_of(text) + locked


REFUSED = {
    "holds no certificate": lambda: "nothing of the kind",
    "holds no private key": lambda: certificate_of(own_pem(*NAMES)),
    "does not belong": lambda: certificate_of(own_pem(*NAMES)) + key_of(own_pem("x")),
    "has a password": with_password,
    "cannot be read": lambda: (
        certificate_of(own_pem(*NAMES))
        + KEY_BEGINS
        + "\nAAAA\n-----END PRIVATE KEY-----\n"
    ),
    "OpenSSL refuses": small_key,
    "has expired on": lambda: own_pem(*NAMES, begins=NOW - 9 * DAY, life=8 * DAY),
    "is not valid before": lambda: own_pem(*NAMES, begins=NOW + DAY),
    "is for other.example, not for chat.example.org": lambda: own_pem("other.example"),
    "is for no name at all, not": own_pem,
}


@pytest.mark.parametrize("problem", REFUSED)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(
    problem: str, tmp_path: Path
) -> None:
    file = tmp_path / "site.pem"
    file.write_text(REFUSED[problem]())
    with pytest.raises(CertificateError, match=problem) as caught:
        FileSource(file, NAMES).current(NOW)
    assert f"MF_CERT={file}" in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CertificateError, match="cannot be read: No such file"):
        FileSource(tmp_path / "none.pem", NAMES).current(NOW)


@pytest.mark.parametrize("name", ["chat.example.org", "*.example.org"])
def test_a_good_file_is_taken(name: str, tmp_path: Path) -> None:
    file = tmp_path / "site.pem"
    # The key may come first, and people leave notes between the parts.
    text = own_pem(name)
    file.write_text(f"{key_of(text)}\nIssued for us\n\n{certificate_of(text)}")
    found = FileSource(file, NAMES).current(NOW)
    assert found.text == text
    assert (found.names, found.issuer) == ((name,), "a test")


def test_a_star_stands_for_one_label_only() -> None:
    found = pem.parse(own_pem("*.example.org").encode(), "it")
    assert found.covers("a.example.org")
    assert not found.covers("example.org") and not found.covers("a.b.example.org")


def test_the_own_authority_speaks_for_local_names_only(tmp_path: Path) -> None:
    own = authority.have(tmp_path, "machine", ["chat.example.org"])
    local_ca.issue(own, ["machine", "a.local", "192.168.1.5", "chat.example.org"])
    for name in ("example.org", "bank.example", "notlocal", "8.8.8.8", "xchat.lan.org"):
        with pytest.raises(CertificateError, match=f"may not speak for {name}"):
            local_ca.issue(own, [name])


def test_clients_refuse_what_a_stolen_authority_signs_for_others(
    tmp_path: Path,
) -> None:
    own = authority.have(tmp_path, "machine", [])
    trusted = ["-CAfile", str(authority.file(tmp_path))]
    limits = own.certificate.extensions.get_extension_for_class(x509.NameConstraints)
    for name, good in (("machine", True), ("bank.example", False)):
        thief = authority.Authority(own.certificate, own.key, tmp_path)
        object.__setattr__(thief, "may_speak_for", lambda _name: True)
        (tmp_path / "leaf.pem").write_text(local_ca.issue(thief, [name]))
        command = ["openssl", "verify", *trusted, str(tmp_path / "leaf.pem")]
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode == 0) == good, done.stderr
    assert limits.critical


def test_the_own_authority_stays_and_its_key_is_private(tmp_path: Path) -> None:
    first = authority.have(tmp_path, "machine", [])
    again = authority.have(tmp_path, "machine", ["late.example.org"])
    assert again.certificate == first.certificate
    assert (tmp_path / "ca.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "ca.key").write_text("torn")
    with pytest.raises(CertificateError, match="cannot be read"):
        authority.have(tmp_path, "machine", [])


def test_an_own_certificate_lasts_until_it_is_old_or_for_other_names(
    tmp_path: Path,
) -> None:
    source = OwnSource(tmp_path, {"MF_DOMAIN": "", "MF_BIND": "127.0.0.1"})
    first = source.current(NOW)
    assert {"localhost", "127.0.0.1"} <= set(first.names)
    # What Apple's devices accept.
    assert first.ends - first.begins <= timedelta(days=825)
    assert source.current(NOW) == first
    assert source.current(renewal_time(first) + DAY) != first
    other = {"MF_DOMAIN": "chat.lan", "MF_BIND": "127.0.0.1"}
    assert OwnSource(tmp_path, other).current(NOW).names[0] == "chat.lan"


@pytest.mark.parametrize("life, left", [(90, 30), (47, 47 / 3), (6, 3)])
def test_a_certificate_is_renewed_in_time(life: float, left: float) -> None:
    found = pem.parse(own_pem("x", life=life * DAY).encode(), "it")
    remaining = (found.ends - renewal_time(found)) / DAY
    assert remaining == pytest.approx(left)


@dataclass
class State:
    """How a public authority is, and what it has done."""

    now: datetime = NOW
    away: bool = False
    asked: int = 0
    text: str = ""


@dataclass(frozen=True)
class Authority(Account):
    """A public authority that gives certificates as long as it is not away."""

    state: State = field(default_factory=State)

    def newest(self) -> bytes:
        return self.state.text.encode()

    def obtain(self, names: object, address: str, port: int) -> None:
        self.state.asked += 1
        if self.state.away:
            raise CertificateError("it is away")
        found = self.newest()
        if not found or self.state.now >= renewal_time(pem.parse(found, "it")):
            self.state.text = own_pem(*NAMES, begins=self.state.now)


@pytest.fixture
def given(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def at(source: ACMESource, given: Authority, after: timedelta) -> Certificate:
    given.state.now = NOW + after
    return source.current(NOW + after)


def test_an_authority_is_asked_twice_a_day_and_for_another_when_it_is_time(
    given: Authority,
) -> None:
    source = ACMESource(given, NAMES, ("127.0.0.1", 1))
    first = at(source, given, timedelta())
    hours = [at(source, given, timedelta(hours=hour)) for hour in range(1, 25)]
    assert hours == [first] * 24
    assert given.state.asked == 3
    assert at(source, given, 59 * DAY) == first
    assert at(source, given, 61 * DAY) != first


def test_an_authority_that_refuses_is_asked_again_after_an_hour(
    given: Authority,
) -> None:
    source = ACMESource(given, NAMES, ("127.0.0.1", 1))
    first = at(source, given, timedelta())
    given.state.away = True
    before = given.state.asked
    with pytest.raises(RenewalFailed, match="it is away") as caught:
        at(source, given, 61 * DAY)
    # It goes on with what there is.
    assert caught.value.certificate == first
    for minute in range(1, 60):
        assert at(source, given, 61 * DAY + timedelta(minutes=minute)) == first
    assert given.state.asked == before + 1
    given.state.away = False
    assert at(source, given, 61 * DAY + timedelta(minutes=61)) != first


def test_the_reason_of_a_refusal_is_found_in_what_certbot_says() -> None:
    told = """Saving debug log to /x/letsencrypt.log
Requesting a certificate for a.example and b.example

Certbot failed to authenticate some domains (authenticator: standalone). The \
Certificate Authority reported these problems:
  Domain: a.example
  Type:   dns
  Detail: DNS problem: NXDOMAIN looking up A for a.example
  Domain: b.example
  Detail: 192.0.2.1: refused

Hint: The Certificate Authority failed to download the challenge files.

Some challenges have failed.
Ask for help or search for solutions at https://community.letsencrypt.org."""
    assert acme.explain(told) == (
        "DNS problem: NXDOMAIN looking up A for a.example; 192.0.2.1: refused"
    )
    away = "Saving debug log\nAn unexpected error occurred:\nConnectionError: away.\n"
    assert acme.explain(away) == "An unexpected error occurred: ConnectionError: away"
