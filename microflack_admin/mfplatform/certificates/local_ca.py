"""Certificates from the platform's own authority, for a machine in a local network."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mfplatform.certificates import authority
from mfplatform.certificates.authority import AHEAD, Authority
from mfplatform.certificates.pem import CertificateError, now

# Apple's devices accept no more than 825 days, whoever has installed the authority.
# https://support.apple.com/en-us/103769
DAYS = 397


def issue(owner: Authority, names: Sequence[str]) -> str:
    """Return a new certificate for names and addresses, with its key, as PEM.

    :raises CertificateError: the authority must not speak for one of them.
    """
    _check(owner, names)
    key = ec.generate_private_key(ec.SECP256R1())
    begins = now()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    alternatives = [authority.general_name(name) for name in names]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(owner.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins - AHEAD)
        .not_valid_after(begins + timedelta(days=DAYS) - AHEAD)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(owner.key.public_key()),
            critical=False,
        )
        .sign(owner.key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode() + authority.key_pem(key)


def _check(owner: Authority, names: Sequence[str]) -> None:
    folder: Path = owner.file.parent
    for name in names:
        if not owner.may_speak_for(authority.general_name(name)):
            raise CertificateError(
                f"the authority in {folder} may not speak for {name}, which was not "
                "asked for when it was made. Move ca.crt and ca.key away to have "
                "another one, which devices have to install again"
            )
