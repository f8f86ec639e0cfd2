"""What mfstatus tells about the certificate."""

import json
from typing import Any

from mfplatform.balancer.tls import certificate_file
from mfplatform.certificates import pem
from mfplatform.certificates.pem import CertificateError
from mfplatform.state import tls
from mfplatform.state.home import Home


def status(home: Home) -> dict[str, Any]:
    """Return the certificate's names, issuer, life (Unix seconds), and a problem."""
    found: dict[str, Any] = {"names": [], "issuer": None, "since": None, "until": None}
    try:
        served = pem.read(certificate_file(home.haproxy_cfg), "the certificate")
        found["names"] = list(served.names)
        found["issuer"] = served.issuer
        found["since"] = int(served.begins.timestamp())
        found["until"] = int(served.ends.timestamp())
        pem.check(served, "the certificate", [], pem.now())
    except CertificateError as error:
        return found | {"problem": str(error)}
    return found | {"problem": _last_problem(home)}


def _last_problem(home: Home) -> str | None:
    try:
        return json.loads(tls.state_file(home).read_text())["problem"] or None
    except (OSError, ValueError, KeyError):
        # Nobody has looked yet: the parts say whether somebody does.
        return None
