"""Certificates from a public authority by ACME (RFC 8555), with certbot."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mfplatform.certificates.pem import CertificateError

NAME = "microflack"
TIMEOUT_SECONDS = 300
MAX_PROBLEM_CHARACTERS = 500


@dataclass(frozen=True)
class Account:
    """Where certificates are asked for, and where what belongs to that is kept.

    :param folder: certbot's folders: the account's key, certificates, logs.
    :param server: the authority's directory; "" is certbot's own, Let's Encrypt.
    :param ca_file: what the authority's own TLS is checked with; "" is the usual.
    """

    folder: Path
    server: str = ""
    ca_file: str = ""

    @property
    def live(self) -> Path:
        """Return the folder of the newest certificate."""
        return self.folder / "config" / "live" / NAME

    def newest(self) -> bytes:
        """Return the newest certificate and its key, as PEM; b"" if there is none."""
        try:
            parts = [self.live / name for name in ("fullchain.pem", "privkey.pem")]
            return b"".join(part.read_bytes() for part in parts)
        except FileNotFoundError:
            return b""

    def obtain(self, names: Sequence[str], address: str, port: int) -> None:
        """Have a certificate for names, unless there is one that is new enough.

        The authority asks each name at port 80, from where it must reach this port.

        :raises CertificateError: the authority refused, or cannot be reached.
        """
        try:
            done = subprocess.run(
                self._command(names, address, port),
                env=self._environment(),
                capture_output=True,
                text=True,
                errors="replace",
                timeout=TIMEOUT_SECONDS,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CertificateError(
                f"no certificate: the authority took more than {TIMEOUT_SECONDS} s"
            ) from error
        if done.returncode:
            told = explain(done.stdout + done.stderr)
            raise CertificateError(
                f"no certificate for {', '.join(names)}: {told} (see {self._log})"
            )

    @property
    def _log(self) -> Path:
        return self.folder / "logs" / "letsencrypt.log"

    def _command(self, names: Sequence[str], address: str, port: int) -> list[str]:
        command = [sys.executable, "-P", "-c", "from certbot.main import main; main()"]
        command += ["certonly", "--non-interactive", "--agree-tos"]
        command += ["--register-unsafely-without-email", "--keep-until-expiring"]
        command += ["--renew-with-new-domains", "--cert-name", NAME]
        command += ["--standalone", "--http-01-port", str(port)]
        command += ["--http-01-address", address]
        for option in ("config", "work", "logs"):
            command += [f"--{option}-dir", str(self.folder / option)]
        command += ["--server", self.server] if self.server else []
        return command + [word for name in names for word in ("--domain", name)]

    def _environment(self) -> dict[str, str]:
        own = {"REQUESTS_CA_BUNDLE": self.ca_file} if self.ca_file else {}
        return {**os.environ, **own}


def explain(text: str) -> str:
    """Return the sentence in what certbot says that tells what is wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    details = [
        line.removeprefix("Detail:").strip()
        for line in lines
        if line.startswith("Detail:")
    ]
    useful = [line for line in lines if not line.startswith(("Ask for help", "Saving"))]
    told = "; ".join(dict.fromkeys(details)) or " ".join(useful[-2:])
    return told.rstrip(".")[:MAX_PROBLEM_CHARACTERS]
