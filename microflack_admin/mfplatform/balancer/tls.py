"""What HAProxy needs to know to speak TLS (see templates/listen.j2)."""

from dataclasses import dataclass
from pathlib import Path

from microflack_common.config import Environment

# Mozilla's "intermediate" configuration, version 5.7: TLS 1.2 and 1.3, forward secrecy
# and authenticated encryption for all. https://wiki.mozilla.org/Security/Server_Side_TLS
CIPHERS = ":".join(
    f"ECDHE-{key}-{cipher}"
    for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    for key in ("ECDSA", "RSA")
)
CIPHER_SUITES = (
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
)
# A year, the least that counts (OWASP ASVS 5.0, 3.4.1). Subdomains are not ours.
STRICT_TRANSPORT_SECURITY = "max-age=31536000"


def certificate_file(config_file: Path) -> Path:
    """Return the file that HAProxy has its certificate and key from."""
    return config_file.with_name("site.pem")


@dataclass(frozen=True)
class TLSSettings:
    """How the load balancer is reached from outside."""

    # Certificate and key; None: without TLS.
    certificate: Path | None
    # Where plain HTTP is answered, by sending people to the other port.
    http_port: int
    # HOST:PORT of what answers an ACME authority's questions, while it asks.
    acme: str
    # Where people are sent: https://NAME[:PORT], without a path.
    url: str
    # Whether browsers are told never to come without TLS again (RFC 6797).
    strict: bool

    @classmethod
    def read(cls, env: Environment, config_file: Path) -> "TLSSettings":
        """Read the settings; problems are left for ``env.check()``."""
        mode = env.text("MF_TLS", "off")
        on = mode != "off"
        return cls(
            certificate=certificate_file(config_file) if on else None,
            http_port=env.integer("MF_HTTP_PORT", 0 if not on else None, maximum=65535),
            acme=env.text("MF_ACME", ""),
            url=env.text("MF_URL", None if on else ""),
            # An own authority's names are those of a machine, such as localhost, where
            # other things may well be served without TLS.
            strict=mode in ("acme", "file"),
        )
