"""Encrypt what only one browser is to read (RFC 8291, RFC 8188).

The libraries that do it come as sources only, which would be run when they are
installed; what they do on top of ``cryptography`` is this.
"""

import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from microflack_messages.web_push.keys import CURVE, point_bytes, public_point

SALT_BYTES, KEY_BYTES, NONCE_BYTES = 16, 16, 12
RECORD_BYTES = 4096
# What a record has besides: the mark of the last one, and the tag of AES-GCM.
OVERHEAD_BYTES = 17
LAST_RECORD = b"\x02"


def encrypt(text: bytes, p256dh: bytes, auth: bytes) -> bytes:
    """Return the body of a request, in the encoding aes128gcm.

    :param text: fits into one record.
    :param p256dh: the browser's public key, an uncompressed point.
    :param auth: the secret that browser and sender share.
    """
    if len(text) > RECORD_BYTES - OVERHEAD_BYTES:
        raise ValueError("The text is too long for a record.")
    own = ec.generate_private_key(CURVE)
    own_point = point_bytes(own.public_key())
    shared = own.exchange(ec.ECDH(), public_point(p256dh))
    salt = os.urandom(SALT_BYTES)
    key, nonce = key_and_nonce(shared, auth, salt, p256dh, own_point)
    record = AESGCM(key).encrypt(nonce, text + LAST_RECORD, None)
    header = salt + RECORD_BYTES.to_bytes(4) + len(own_point).to_bytes(1)
    return header + own_point + record


def key_and_nonce(
    shared: bytes, auth: bytes, salt: bytes, browser: bytes, sender: bytes
) -> tuple[bytes, bytes]:
    """Return what a record is encrypted with.

    :param shared: what both know by their keys (ECDH).
    :param browser: its public key, and so of the ``sender``.
    """
    info = b"WebPush: info\0" + browser + sender
    secret = HKDF(SHA256(), 32, auth, info).derive(shared)

    def derive(length: int, what: bytes) -> bytes:
        info = b"Content-Encoding: " + what + b"\0"
        return HKDF(SHA256(), length, salt, info).derive(secret)

    return derive(KEY_BYTES, b"aes128gcm"), derive(NONCE_BYTES, b"nonce")
