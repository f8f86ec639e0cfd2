"""Keep the certificate that HAProxy serves up to date.

    python -m mfplatform.certificates.keeper

Every pass asks the source for the certificate that is to be served (a file that may
have changed, an authority when it is time), stores it in HAProxy's file, and has
HAProxy serve it. What cannot be used is logged, and what is served stays.
"""

import json
import logging
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from mfplatform.balancer.socket_client import HAProxyError
from mfplatform.balancer.tls import certificate_file
from mfplatform.certificates import haproxy, pem
from mfplatform.certificates.config import Config
from mfplatform.certificates.pem import Certificate, CertificateError
from mfplatform.certificates.sources import RenewalFailed
from mfplatform.state.home import write_private
from mfplatform.state.tls import KEPT_SETTINGS
from microflack_common.config import Environment
from microflack_common.log_lines import LineFormatter, configure

log = logging.getLogger(__name__)

PASS_SECONDS = 1.0


class Keeper:
    """The loop, and what it remembers from pass to pass."""

    def __init__(self, config: Config, file: Path, socket: Path, master: Path) -> None:
        self._source = config.source()
        self._state_file = config.folder / "state.json"
        self._file = file
        self._socket = socket
        self._master = master
        self._problem = ""
        self._state = ""

    def look(self) -> None:
        """Make one pass."""
        problem = ""
        certificate: Certificate | None
        try:
            certificate = self._source.current(pem.now())
        except RenewalFailed as failed:
            certificate, problem = failed.certificate, str(failed)
        except (CertificateError, OSError) as failed:
            certificate, problem = None, str(failed)
        if certificate is not None:
            problem = self._have_served(certificate) or problem
        self._tell(problem)

    def _have_served(self, certificate: Certificate) -> str:
        """Store a certificate and have it served; return what went wrong."""
        try:
            write_private(self._file, certificate.text)
            if haproxy.serve(self._socket, self._master, self._file, certificate):
                log.info("A new certificate is served, until %s.", certificate.ends)
        except (HAProxyError, OSError) as failed:
            return str(failed)
        return ""

    def _tell(self, problem: str) -> None:
        """Log a problem when it begins and when it ends, and write it down."""
        if problem and problem != self._problem:
            log.warning("The certificate: %s", problem)
        elif self._problem and not problem:
            log.info("The certificate: all is well again")
        self._problem = problem
        state = json.dumps({"problem": problem})
        if state != self._state or not self._state_file.exists():
            write_private(self._state_file, state)
        self._state = state


def main() -> int:
    """Work until the process is told to end."""
    configure(LineFormatter("certificates", "certificates"))
    env = Environment()
    settings = {name: env.text(name, "") for name in KEPT_SETTINGS}
    folder, file = Path(env.text("MF_TLS_FOLDER")), Path(env.text("HAPROXY_CFG"))
    socket = Path(env.text("HAPROXY_SOCKET"))
    master = Path(env.text("HAPROXY_MASTER_SOCKET"))
    host, _, port = env.text("MF_ACME").rpartition(":")
    env.check()
    config = Config(settings, folder, (host, int(port)))
    keeper = Keeper(config, certificate_file(file), socket, master)
    signal.signal(signal.SIGTERM, _finish)
    while True:
        keeper.look()
        time.sleep(PASS_SECONDS)


def _finish(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
