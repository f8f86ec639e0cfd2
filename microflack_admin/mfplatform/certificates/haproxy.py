"""Have a running HAProxy serve another certificate without closing a connection.

Reference: "HAProxy Management Guide", version 2.6, section 9.3: `show ssl cert`,
`set ssl cert`, `commit ssl cert`.
"""

from pathlib import Path

from mfplatform.balancer.socket_client import (
    HAProxyError,
    send_command,
    send_master_command,
)
from mfplatform.certificates.pem import Certificate

FINGERPRINT = "SHA1 FingerPrint: "


def served(socket: Path, file: Path) -> str:
    """Return the fingerprint of what HAProxy serves for a file, "" if nothing yet.

    :raises HAProxyError: it is away.
    """
    for line in send_command(socket, f"show ssl cert {_word(file)}").splitlines():
        if line.startswith(FINGERPRINT):
            return line.removeprefix(FINGERPRINT).strip()
    return ""


def serve(socket: Path, master: Path, file: Path, certificate: Certificate) -> bool:
    """Have HAProxy serve what stands in the file; False if it did already.

    :raises HAProxyError: it is away, or refuses it.
    """
    if served(socket, file) in ("", certificate.fingerprint):
        # It reads the file when it starts to speak TLS.
        return False
    name = _word(file)
    told = send_command(socket, f"set ssl cert {name} <<\n{certificate.text}")
    if told.startswith("Transaction"):
        told = send_command(socket, f"commit ssl cert {name}")
    if served(socket, file) != certificate.fingerprint:
        # A long chain does not fit into a command; a new process reads the file.
        send_command(socket, f"abort ssl cert {name}")
        send_master_command(master, "reload")
        raise HAProxyError(f"HAProxy is loaded anew for the certificate: {told}")
    return True


def _word(file: Path) -> str:
    return str(file).replace("\\", "\\\\").replace(" ", "\\ ").replace(";", "\\;")
