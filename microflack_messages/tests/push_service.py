"""A push service of this machine, and browsers that have subscribed there."""

import hmac
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CURVE = ec.SECP256R1()


def from_base64(text):
    """Return the bytes of base64url without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def to_base64(data):
    """Return base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


class PushService:
    """Answers as RFC 8030 says, and remembers what came to which path."""

    def __init__(self):
        self.url = ""
        self.came = []
        # By path: what is answered in place of 201.
        self.answers = {}

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        headers = {
            name.removeprefix("HTTP_"): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        status, *more = self.answers.get(path, ("201 Created",))
        self.came.append((path, headers, body, status))
        start_response(status, [("Content-Length", "0"), *more])
        return []

    def browser(self, name):
        """Return a browser that has subscribed."""
        return Browser(self, f"/{name}")


class Browser:
    """What has subscribed to something, and can read it."""

    def __init__(self, service, path, private=None, auth=None):
        self._service, self.path = service, path
        self._private = private or ec.generate_private_key(CURVE)
        self._auth = auth or os.urandom(16)
        numbers = self._private.public_key().public_numbers()
        self.point = b"\4" + numbers.x.to_bytes(32) + numbers.y.to_bytes(32)

    def subscription(self, **more):
        """Return what the Push API gives to the page."""
        keys = {"p256dh": to_base64(self.point), "auth": to_base64(self._auth)}
        endpoint = self._service.url + self.path
        return {"endpoint": endpoint, "expirationTime": None, "keys": keys} | more

    def told(self):
        """Return what it was told, in order."""
        return [json.loads(self.decrypt(body)) for _, body in self.accepted()]

    def accepted(self):
        """Return headers and body of each request that the service has accepted."""
        return [
            (headers, body)
            for path, headers, body, status in list(self._service.came)
            if path == self.path and status.startswith("2")
        ]

    def decrypt(self, body):
        """Return what is in the body of a request (RFC 8188, RFC 8291)."""
        salt, length = body[:16], body[20]
        sender, record = body[21 : 21 + length], body[21 + length :]
        public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender)
        shared = self._private.exchange(ec.ECDH(), public)
        info = b"WebPush: info\0" + self.point + sender
        secret = _hkdf(self._auth, shared, info, 32)
        key = _hkdf(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _hkdf(salt, secret, b"Content-Encoding: nonce\0", 12)
        text = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        assert text[-1] == 2, "the mark of the last record"
        return text[:-1]


def _hkdf(salt, key, info, length):
    """Return what RFC 5869 derives, up to 32 bytes."""
    extracted = hmac.digest(salt, key, sha256)
    return hmac.digest(extracted, info + b"\1", sha256)[:length]


def claims_in(header, public_key, audience):
    """Return what the header Authorization says of the sender (RFC 8292)."""
    scheme, _, parameters = header.partition(" ")
    assert scheme == "vapid"
    found = dict(one.strip().split("=", 1) for one in parameters.split(","))
    assert found["k"] == public_key
    point = from_base64(public_key)
    key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    return jwt.decode(found["t"], key, ["ES256"], audience=audience)
