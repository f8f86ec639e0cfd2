"""The key by which push services know this platform (VAPID, RFC 8292)."""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
# The order of P-256 (FIPS 186-5; SP 800-186, 3.2.1.3).
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# So many bits more than the order has make each key as likely as any other (FIPS
# 186-5, A.2.1).
CANDIDATE_BYTES = 48
# A day is the most (RFC 8292, 2).
TOKEN_SECONDS = 12 * 3600


class ServerKey:
    """The pair of keys of a platform, which its secret names for good.

    :param secret: what only the platform knows.
    """

    def __init__(self, secret: str) -> None:
        derive = HKDF(SHA256(), CANDIDATE_BYTES, None, b"MicroFlack web push key")
        candidate = int.from_bytes(derive.derive(secret.encode()))
        self._private = ec.derive_private_key(candidate % (ORDER - 1) + 1, CURVE)
        #: As browsers take it.
        self.public = encoded(point_bytes(self._private.public_key()))

    def authorization(self, endpoint: str, site: str) -> str:
        """Return the header Authorization for what is sent to a push service.

        :param site: the host of the page, where people find who has sent it.
        """
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(time.time()) + TOKEN_SECONDS,
            "sub": f"https://{site}/",
        }
        token = jwt.encode(claims, self._private, "ES256")
        return f"vapid t={token}, k={self.public}"


def encoded(data: bytes) -> str:
    """Return data in base64url without padding (RFC 4648, 5)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Return what was encoded so, with or without padding; raise ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def public_point(data: bytes) -> ec.EllipticCurvePublicKey:
    """Return the key that is such a point; raise ValueError if it is none."""
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data)


def point_bytes(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return a public key as an uncompressed point (X9.62)."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
