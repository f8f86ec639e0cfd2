"""Certificates for tests, and a load balancer that has one."""

import socket
import ssl
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from balancer import Balancer
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from daemons import Daemon, free_port, wait_for

from mfplatform.certificates import authority
from mfplatform.certificates.authority import general_name, key_pem

DAY = timedelta(days=1)


def own_pem(
    *names: str,
    begins: datetime | None = None,
    life: timedelta = 90 * DAY,
    extra: Sequence[x509.Extension[x509.ExtensionType]] = (),
) -> str:
    """Return a certificate that signs itself, and its key."""
    begins = begins or datetime.now(UTC) - DAY
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + life)
    )
    for one in extra:
        builder = builder.add_extension(one.value, one.critical)
    if names:
        alternatives = x509.SubjectAlternativeName([general_name(n) for n in names])
        builder = builder.add_extension(alternatives, critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    return certificate.public_bytes(Encoding.PEM).decode() + key_pem(key)


def connect(
    port: int, trusted: Path | None = None, name: str = "localhost", *protocols: str
) -> ssl.SSLSocket:
    """Return a TLS connection; without ``trusted`` any certificate will do."""
    context = ssl.create_default_context(cafile=trusted and str(trusted))
    if trusted is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if protocols:
        context.set_alpn_protocols(protocols)
    plain = socket.create_connection(("127.0.0.1", port), timeout=30)
    return context.wrap_socket(plain, server_hostname=name)


def served(port: int) -> x509.Certificate:
    """Return the certificate that a server shows."""
    with connect(port) as connection:
        shown = connection.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown)


class SecureBalancer(Balancer):
    """A load balancer with TLS: ``url`` is the address with it."""

    def __init__(self, folder: Path, mode: str = "own") -> None:
        super().__init__(folder)
        self.http_port, self.acme_port = free_port(), free_port()
        self.url = f"https://localhost:{self.port}"
        self.plain_url = f"http://127.0.0.1:{self.http_port}"
        self.inside_url = f"http://127.0.0.1:{self.services_port}"
        self.site = folder / "site.pem"
        self.tls = folder / "tls"
        self.trusted = authority.file(self.tls)
        self.environment |= {
            "MF_TLS": mode,
            "MF_HTTP_PORT": str(self.http_port),
            "MF_ACME": f"127.0.0.1:{self.acme_port}",
            "MF_URL": self.url,
            # For the keeper:
            "MF_TLS_FOLDER": str(self.tls),
            "MF_BIND": "127.0.0.1",
        }
        command = [sys.executable, "-m", "mfplatform.certificates.keeper"]
        self.keeper = Daemon(command, folder / "keeper.log", self.environment)

    def start(self) -> None:
        """Start all of it with some certificate."""
        if not self.site.exists():
            self.site.write_text(own_pem("localhost"))
        super().start()

    def start_keeper(self) -> None:
        """Start what looks after the certificate, and wait until it has looked."""
        self.keeper.start()
        wait_for((self.tls / "state.json").exists)

    def stop(self) -> None:
        """End everything."""
        self.keeper.stop()
        super().stop()

    def serial(self) -> int:
        """Return the number of the certificate that is served, 0 if nobody answers."""
        try:
            return served(self.port).serial_number
        except ConnectionError:
            return 0
