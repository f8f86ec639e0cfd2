"""The platform's own authority: the key and the certificate that devices trust.

What the devices of a group trust must not be able to speak for the rest of the world:
the authority is limited to names of a local network for ever (RFC 5280, 4.2.1.10), also
if its key is stolen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from mfplatform.certificates.pem import CertificateError, now
from mfplatform.state.home import write_private

AUTHORITY_DAYS = 3650
# A clock that is a little behind must not find it too young.
AHEAD = timedelta(hours=1)
# Names that nobody owns on the Internet: RFC 6761, RFC 6762, RFC 8375, and by ICANN.
LOCAL_NAMES = ("localhost", "local", "test", "home.arpa", "internal", "lan")
# Addresses of a machine and of local networks: RFC 1122, RFC 1918, RFC 3927, RFC 6598.
LOCAL_NETWORKS = (
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "100.64.0.0/10",
)
KEY_USAGE = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True)
class Authority:
    """The authority's certificate and key, and the file that devices install."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    file: Path

    def may_speak_for(self, name: x509.GeneralName) -> bool:
        """Tell whether devices will believe it for a name or an address."""
        limits = self.certificate.extensions.get_extension_for_class(
            x509.NameConstraints
        ).value
        allowed = limits.permitted_subtrees or []
        return any(_is_within(name, one) for one in allowed)


def _is_within(name: x509.GeneralName, limit: x509.GeneralName) -> bool:
    if isinstance(name.value, IPv4Address) and isinstance(limit.value, IPv4Network):
        return name.value in limit.value
    if isinstance(name, x509.DNSName) and isinstance(limit, x509.DNSName):
        return f".{name.value}".endswith(f".{limit.value}")
    return False


def general_name(name: str) -> x509.GeneralName:
    """Return a name or an address as certificates have it."""
    try:
        return x509.IPAddress(IPv4Address(name))
    except ValueError:
        return x509.DNSName(name)


def _limit(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_network(name))
    except ValueError:
        return x509.DNSName(name)


def key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """Return a private key as PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def file(folder: Path) -> Path:
    """Return the authority's certificate, which devices have to trust."""
    return folder / "ca.crt"


def have(folder: Path, host: str, names: Iterable[str]) -> Authority:
    """Return the authority that is kept in a folder; make it if there is none.

    :param host: the machine, which its name shows.
    :param names: what it may speak for besides local names and addresses; settled when
        it is made.
    :raises CertificateError: what is kept cannot be read.
    """
    kept, key_file = file(folder), folder / "ca.key"
    if not key_file.exists():
        _make(kept, key_file, host, names)
    try:
        certificate = x509.load_pem_x509_certificate(kept.read_bytes())
        key = load_pem_private_key(key_file.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise CertificateError(
            f"the authority in {folder} cannot be read ({error}). Move ca.crt and "
            "ca.key away to have another one, which devices have to install again"
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CertificateError(f"{key_file} is not the key that was made here")
    return Authority(certificate, key, kept)


def _make(kept: Path, key_file: Path, host: str, names: Iterable[str]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "MicroFlack"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"MicroFlack on {host}"[:64]),
        ]
    )
    allowed = [_limit(name) for name in (*LOCAL_NETWORKS, *LOCAL_NAMES, host, *names)]
    begins = now()
    public = key.public_key()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins - AHEAD)
        .not_valid_after(begins + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(KEY_USAGE, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        .add_extension(x509.NameConstraints(allowed, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    write_private(key_file, key_pem(key))
    write_private(kept, certificate.public_bytes(Encoding.PEM).decode())
