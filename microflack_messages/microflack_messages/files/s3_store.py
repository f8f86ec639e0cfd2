"""Keep files in an S3 store: Amazon's, or one that speaks its protocol.

Its library is loaded when the first file is stored or read: it takes as much memory as
the service.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from microflack_common.config import Environment
from microflack_common.errors import ServiceUnavailable

CHUNK_BYTES = 256 * 1024
CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS, TRIES = 3, 20, 3
# What servers that know no regions are asked with.
DEFAULT_REGION = "us-east-1"
AWAY = "The store of files is away. Try again shortly."


def from_environment(env: Environment) -> str:
    """Return the setting FILES_STORE: an address that ``parse`` takes, or nothing."""
    url = env.text("FILES_STORE", "")
    try:
        if url:
            parse(url)
    except ValueError as error:
        env.problems.append(f"FILES_STORE {error}")
    return url


class Address(NamedTuple):
    """Where the store is; without an endpoint it is Amazon's."""

    endpoint: str | None
    bucket: str
    # What all keys begin with.
    prefix: str
    region: str
    # Without them boto3 looks where it always does, such as in the instance's role.
    access_key: str | None
    secret_key: str | None


def parse(url: str) -> Address:
    """Return what an address says; ValueError says what it has to be like.

    :param url: ``s3://BUCKET/PREFIX``, or
        ``s3+https://ACCESS_KEY:SECRET_KEY@HOST:PORT/BUCKET/PREFIX``, or ``s3+http``;
        ``?region=NAME`` may follow.
    """
    parts = urlsplit(url)
    scheme, _, transport = parts.scheme.partition("+")
    path = parts.path.strip("/")
    if scheme == "s3" and transport in ("http", "https") and parts.hostname:
        endpoint = f"{transport}://{parts.netloc.rpartition('@')[2]}"
        bucket, _, prefix = path.partition("/")
    else:
        endpoint, bucket, prefix = None, parts.hostname or "", path
    if scheme != "s3" or transport not in ("", "http", "https") or not bucket:
        raise ValueError("must be s3://BUCKET or s3+https://ID:SECRET@HOST:PORT/BUCKET")
    region = parse_qs(parts.query).get("region", [""])[0]
    secrets = (parts.username, parts.password) if endpoint else (None, None)
    return Address(
        endpoint,
        bucket,
        f"{prefix}/" if prefix else "",
        region or (DEFAULT_REGION if endpoint else ""),
        *(None if one is None else unquote(one) for one in secrets),
    )


class S3Store:
    """Keeps each file as an object; what is sent and read passes in small pieces."""

    name = "s3"

    def __init__(self, address: Address) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._client: Any = None

    def save(self, key: str, source: IO[bytes], size: int) -> None:
        """Keep all that can be read of ``source``; ServiceUnavailable if it fails."""
        with self._asked() as client:
            client.put_object(**self._object(key), Body=source, ContentLength=size)

    def read(self, key: str, begin: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from ``begin`` to before ``end``; ServiceUnavailable."""
        if begin >= end:
            return
        with self._asked() as client:
            wanted = f"bytes={begin}-{end - 1}"
            body = client.get_object(**self._object(key), Range=wanted)["Body"]
            try:
                yield from body.iter_chunks(CHUNK_BYTES)
            finally:
                body.close()

    def delete(self, key: str) -> None:
        """Remove what is kept, if there is any; ServiceUnavailable if that fails."""
        with self._asked() as client:
            client.delete_object(**self._object(key))

    def _object(self, key: str) -> dict[str, str]:
        return {"Bucket": self._address.bucket, "Key": self._address.prefix + key}

    @contextmanager
    def _asked(self) -> Iterator[Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            with self._lock:
                if self._client is None:
                    self._client = _connect(self._address)
            yield self._client
        except (BotoCoreError, ClientError) as error:
            raise ServiceUnavailable(AWAY) from error


def _connect(address: Address) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"mode": "standard", "total_max_attempts": TRIES},
        # Names of buckets need not be names of hosts, and not every server knows the
        # newer checksums.
        s3={"addressing_style": "path" if address.endpoint else "auto"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return boto3.session.Session().client(
        "s3",
        endpoint_url=address.endpoint,
        region_name=address.region or None,
        aws_access_key_id=address.access_key,
        aws_secret_access_key=address.secret_key,
        config=config,
    )
