"""A certificate with its key, as PEM files hold them (RFC 7468): read and checked."""

import re
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from mfplatform.state.home import PlatformError

KEY = re.compile(
    rb"-----BEGIN ([A-Z ]*)PRIVATE KEY-----.*?-----END \1PRIVATE KEY-----", re.DOTALL
)


class CertificateError(PlatformError):
    """Raised when a certificate cannot be used or had; its text says why."""


@dataclass(frozen=True)
class Certificate:
    """A certificate that fits its key.

    :param text: the chain, its own certificate first, and the key: what HAProxy reads.
    :param names: the names and addresses that it is for.
    :param issuer: the name of the authority that gave it.
    :param fingerprint: the SHA-1 by which HAProxy tells certificates apart.
    """

    text: str
    names: tuple[str, ...]
    issuer: str
    fingerprint: str
    begins: datetime
    ends: datetime

    def covers(self, name: str) -> bool:
        """Tell whether it is for a name, as RFC 6125 has it (a `*` is one label)."""
        return name in self.names or f"*.{name.partition('.')[2]}" in self.names


# The same file is looked at every second.
@lru_cache(maxsize=4)
def parse(data: bytes, source: str) -> Certificate:
    """Return the certificate in a PEM file's content.

    :param source: what to call it in a sentence.
    :raises CertificateError: it is none, or has no key that fits.
    """
    try:
        chain = x509.load_pem_x509_certificates(data)
    except ValueError:
        raise CertificateError(f"{source} holds no certificate in PEM form") from None
    first = chain[0]
    key = _key(data, source)
    public = key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    if public != first.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    ):
        raise CertificateError(
            f"the key in {source} does not belong to the certificate that comes first"
        )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    parts = [*(one.public_bytes(Encoding.PEM) for one in chain), private]
    common = first.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    found = Certificate(
        text=b"".join(parts).decode(),
        names=_names(first),
        issuer=str(common[0].value) if common else first.issuer.rfc4514_string(),
        fingerprint=first.fingerprint(hashes.SHA1()).hex().upper(),
        begins=first.not_valid_before_utc,
        ends=first.not_valid_after_utc,
    )
    _try(found, source)
    return found


def _key(data: bytes, source: str) -> PrivateKeyTypes:
    found = KEY.search(data)
    if found is None:
        raise CertificateError(
            f"{source} holds no private key: append it to the certificate"
        )
    try:
        return load_pem_private_key(found.group(), password=None)
    except TypeError:
        raise CertificateError(
            f"the key in {source} has a password, which nobody could type: remove it "
            "with openssl pkey"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateError(f"the key in {source} cannot be read") from None


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value
    except x509.ExtensionNotFound:
        return ()
    addresses = found.get_values_for_type(x509.IPAddress)
    names = found.get_values_for_type(x509.DNSName)
    return tuple(name.lower() for name in names) + tuple(map(str, addresses))


def _try(certificate: Certificate, source: str) -> None:
    """Have OpenSSL load it as HAProxy does: it refuses keys that are too small."""
    with NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(certificate.text)
        file.flush()
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file.name)
        except ssl.SSLError as error:
            raise CertificateError(
                f"OpenSSL refuses {source}: {error.reason or error}"
            ) from None


def read(file: Path, source: str) -> Certificate:
    """Return the certificate in a file.

    :raises CertificateError: it cannot be read, or as ``parse``.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise CertificateError(f"{source} cannot be read: {error.strerror}") from None
    return parse(data, source)


def check(
    certificate: Certificate, source: str, names: Iterable[str], now: datetime
) -> None:
    """Refuse a certificate that browsers would not accept for these names now.

    :raises CertificateError: it is too old or too young, or for others.
    """
    if now > certificate.ends:
        raise CertificateError(f"{source} has expired on {certificate.ends:%Y-%m-%d}")
    if now < certificate.begins:
        raise CertificateError(
            f"{source} is not valid before {certificate.begins:%Y-%m-%d %H:%M} UTC"
        )
    missing = [name for name in names if not certificate.covers(name)]
    if missing:
        known = ", ".join(certificate.names) or "no name at all"
        raise CertificateError(f"{source} is for {known}, not for {', '.join(missing)}")


def now() -> datetime:
    """Return the time, as certificates have it."""
    return datetime.now(UTC)
