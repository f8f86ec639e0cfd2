"""The registry's gate in a task of ECS: accounts and rights come from the environment.

    python3 -P -m gate [--check]

``PASSWORD_NAME`` is an account, ``READS_NAME`` and ``WRITES_NAME`` are what it may read
and write, as REGISTRY_READS and REGISTRY_WRITES of a service.env; ``REGISTRY_NAME`` is
the name by which the registry is asked. With --check it asks the gate, as its root, for
what etcd has: 0 if both work.
"""

import os
import sys
from base64 import b64encode
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from mfplatform.state import accounts, registry_gate
from mfplatform.state.home import ROOT, Home, write_env

PORT = 2379
FOLDER = Path("/run/microflack")
PASSWORD = "PASSWORD_"
CHECK_TIMEOUT_SECONDS = 8.0


class TaskHome(Home):
    """The gate's own folder; it listens at all addresses of its task."""

    @property
    def registry_address(self) -> str:
        """Where the gate listens."""
        return f"0.0.0.0:{PORT}"


def prepare(home: Home) -> None:
    """Write the gate's configuration, with all accounts of the environment."""
    home.record(HOST_IP_ADDRESS=os.environ["REGISTRY_NAME"], ETCD_PORT=str(PORT))
    write_env(home.secrets_file, {"REGISTRY_PASSWORD": os.environ[PASSWORD + ROOT]})
    names = {
        one.removeprefix(PASSWORD) for one in os.environ if one.startswith(PASSWORD)
    }
    for name in sorted(names - {ROOT}):
        own = {"ACCOUNT_PASSWORD": os.environ[PASSWORD + name]}
        write_env(home.path / "secrets" / f"{name}.env", own)
        rights = {
            accounts.DECLARED: "yes",
            "REGISTRY_READS": os.environ.get(f"READS_{name}", ""),
            "REGISTRY_WRITES": os.environ.get(f"WRITES_{name}", ""),
        }
        accounts.ensure(home, name, rights)
    registry_gate.prepare(home)


def works() -> bool:
    """Tell whether gate and etcd answer."""
    pair = f"{ROOT}:{os.environ[PASSWORD + ROOT]}".encode()
    headers = {"Authorization": f"Basic {b64encode(pair).decode()}"}
    connection = HTTPConnection("127.0.0.1", PORT, timeout=CHECK_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/v2/keys/", headers=headers)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def main(arguments: list[str]) -> None:
    """Become the gate, or end with what a check of it finds."""
    if arguments == ["--check"]:
        sys.exit(0 if works() else 1)
    home = TaskHome(FOLDER)
    prepare(home)
    os.chdir(registry_gate.folder(home))
    os.execvp("haproxy", ["haproxy", "-db", "-f", "gate.cfg"])


if __name__ == "__main__":
    main(sys.argv[1:])
