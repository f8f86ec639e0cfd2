"""Secrets that only a passphrase opens.

The key is made of the passphrase by scrypt (RFC 7914), with what OWASP's "Password
Storage Cheat Sheet" recommends, and encrypts by AES-256-GCM (NIST SP 800-38D). The
manifest is authenticated with them: one that was changed does not open.
"""

import hashlib
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping

from mfplatform.backup.manifest import NONSENSE, NoBackup

N, R, P = 2**17, 8, 1
# Twice what scrypt needs with these.
MEMORY_BYTES = 2 * 128 * N * R
KEY_BYTES, SALT_BYTES, NONCE_BYTES = 32, 16, 12


class WrongPassphrase(Exception):
    """Raised when a passphrase does not open the secrets."""


def seal(secrets: Mapping[str, str], passphrase: str, manifest: bytes) -> bytes:
    """Return secrets encrypted, bound to a manifest."""
    # What needs no passphrase runs without it.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    text = json.dumps(dict(secrets)).encode()
    sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, text, _bound(manifest))
    parts = {"salt": salt, "nonce": nonce, "sealed": sealed}
    return json.dumps({k: b64encode(v).decode() for k, v in parts.items()}).encode()


def unseal(data: bytes, passphrase: str, manifest: bytes) -> dict[str, str]:
    """Return the secrets that ``seal`` has encrypted.

    :raises WrongPassphrase: it does not open them, or they or the manifest are not as
        they were.
    :raises NoBackup: they make no sense.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        found = json.loads(data)
        salt, nonce, sealed = (b64decode(found[k]) for k in ("salt", "nonce", "sealed"))
        key = _key(passphrase, salt)
        text = AESGCM(key).decrypt(nonce, sealed, _bound(manifest))
    except InvalidTag:
        raise WrongPassphrase from None
    except NONSENSE as error:
        raise NoBackup("its secrets make no sense") from error
    opened: dict[str, str] = json.loads(text)
    return opened


def _key(passphrase: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        passphrase.encode(),
        salt=salt,
        n=N,
        r=R,
        p=P,
        maxmem=MEMORY_BYTES,
        dklen=KEY_BYTES,
    )


def _bound(manifest: bytes) -> bytes:
    return hashlib.sha256(manifest).digest()
