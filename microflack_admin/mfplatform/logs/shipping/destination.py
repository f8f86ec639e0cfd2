"""Where logs are sent to: what MF_LOGS_TO and its companions say, checked.

Needs nothing but Python itself, since mfup reads it before the tools are installed.
"""

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from mfplatform.state.asked_settings import settled
from mfplatform.state.home import PlatformError

LOGS_TO, LOGS_CA, LOGS_QUEUE = "MF_LOGS_TO", "MF_LOGS_CA", "MF_LOGS_QUEUE"
# The part of the platform that sends them.
PART = "logs"
NOBODY, SYSTEM = "none", "system"
DEFAULT_QUEUE_MEGABYTES, MOST_QUEUE_MEGABYTES = 1024, 1_000_000
DEFAULT_INDEX = "microflack-logs"
# The name of a user whose password is an API key of Elasticsearch.
API_KEY = "api-key"
# Of each scheme: what is spoken there, whether by TLS, and the usual port.
SCHEMES = {
    "elasticsearch": ("elasticsearch", False, 9200),
    "elasticsearch+https": ("elasticsearch", True, 9200),
    "syslog": ("syslog", False, 514),
    "syslog+tls": ("syslog", True, 6514),
}
SHAPES = (
    "elasticsearch://HOST:PORT, elasticsearch+https://USER:PASSWORD@HOST:PORT/INDEX, "
    f"syslog://HOST:PORT, syslog+tls://HOST:PORT, or {NOBODY}"
)


@dataclass(frozen=True)
class Destination:
    """A receiver of logs.

    :param protocol: "elasticsearch" or "syslog".
    :param index: what the names of the indices begin with.
    """

    protocol: str
    is_tls: bool
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    index: str = DEFAULT_INDEX

    @property
    def name(self) -> str:
        """Return it as it may be told to everybody: without a secret."""
        secure = "+https" if self.protocol == "elasticsearch" else "+tls"
        host = f"[{self.host}]" if ":" in self.host else self.host
        scheme = self.protocol + (secure if self.is_tls else "")
        return f"{scheme}://{host}:{self.port}"


def parse(address: str) -> Destination:
    """Return what an address means.

    :raises ValueError: it means nothing; the text does not repeat it, since there may
        be a secret in it.
    """
    try:
        parts = urlsplit(address)
        protocol, is_tls, usual_port = SCHEMES[parts.scheme]
        port = parts.port or usual_port
    except (ValueError, KeyError):
        raise ValueError(f"{LOGS_TO} must be {SHAPES}") from None
    index = parts.path.strip("/") or DEFAULT_INDEX
    is_plain = address.isascii() and address.isprintable() and " " not in address
    if not is_plain or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{LOGS_TO} must be {SHAPES}")
    found = Destination(
        protocol,
        is_tls,
        parts.hostname,
        port,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        index,
    )
    _check(found, parts)
    return found


def _check(found: Destination, parts: SplitResult) -> None:
    if found.protocol == "syslog" and (found.user or parts.path.strip("/")):
        raise ValueError(f"{LOGS_TO}: syslog has no user and no path, only HOST:PORT")
    if bool(found.user) != bool(found.password):
        raise ValueError(f"{LOGS_TO}: a user and a password belong together")
    # What Elasticsearch allows in a name, and a bit less.
    signs = found.index.replace("-", "").replace("_", "").replace(".", "")
    is_lower = found.index == found.index.lower() and found.index[0] not in "-_."
    if not (signs.isascii() and signs.isalnum() and is_lower):
        raise ValueError(
            f"{LOGS_TO}: the path is what the names of the indices begin with, in "
            f"lower case, such as {DEFAULT_INDEX}"
        )
    if found.password and not found.is_tls and not _is_here(found.host):
        raise ValueError(
            f"{LOGS_TO}: the password would cross the network for everybody to read. "
            f"Use elasticsearch+https://, and {LOGS_CA}=FILE if its authority is not "
            "one that everybody trusts"
        )


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def settle(recorded: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return what was asked for, or else what is recorded; nothing if neither is.

    :param environ: has what was asked for.
    :raises ValueError: something cannot be had; the text says what can.
    """
    wanted = settled((LOGS_TO, LOGS_CA, LOGS_QUEUE), recorded, environ)
    for name, nothing in ((LOGS_TO, NOBODY), (LOGS_CA, SYSTEM)):
        if wanted.get(name) == nothing:
            wanted[name] = ""
    if wanted.get(LOGS_TO):
        parse(wanted[LOGS_TO])
    if wanted.get(LOGS_CA):
        wanted[LOGS_CA] = _authority(wanted[LOGS_CA])
    queue_bytes(wanted.get(LOGS_QUEUE, ""))
    return wanted


def _authority(text: str) -> str:
    file = Path(text).absolute()
    try:
        ssl.create_default_context(cafile=file)
    except OSError:
        raise ValueError(
            f"{LOGS_CA} must be a PEM file of the certificates that the receiver's is "
            f"checked with, or {SYSTEM} for those of this machine, not '{text}'"
        ) from None
    return str(file)


def queue_bytes(text: str) -> int:
    """Return how many bytes may wait; ValueError if the megabytes are none."""
    text = text or str(DEFAULT_QUEUE_MEGABYTES)
    is_number = text.isascii() and text.isdigit() and len(text) < 8
    if not is_number or not 1 <= int(text) <= MOST_QUEUE_MEGABYTES:
        raise ValueError(
            f"{LOGS_QUEUE} takes megabytes from 1 to {MOST_QUEUE_MEGABYTES}, "
            f"not '{text}'"
        )
    return int(text) * 1_000_000


def check(wanted: Mapping[str, str], runtime: str, parts: Iterable[str]) -> None:
    """Refuse to send logs where nothing would.

    :param parts: the names of the parts that the runtime runs.
    :raises PlatformError: it has no such part.
    """
    if wanted.get(LOGS_TO) and PART not in parts:
        raise PlatformError(
            f"the runtime '{runtime}' has nothing that sends logs: "
            f"{LOGS_TO}={NOBODY} mfup"
        )


def given(settings: Mapping[str, str]) -> dict[str, str]:
    """Return what the part that sends logs is told: nothing if it sends none."""
    if not settings.get(LOGS_TO):
        return {}
    return {
        "LOGS_TO": settings[LOGS_TO],
        "LOGS_CA": settings.get(LOGS_CA, ""),
        "LOGS_QUEUE": settings.get(LOGS_QUEUE, ""),
    }
