"""Matrix Synapse from the Python package index, with an SQLite database."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from mfplatform.packaging import environments
from mfplatform.state import ports
from mfplatform.state.home import PlatformError
from mftools.bench.baseline import FOLDER
from mftools.bench.http_client import Address
from mftools.bench.peers.base import Session
from mftools.bench.peers.matrix import MatrixSession
from mftools.bench.peers.program import HOST, Program, ProgramPeer
from mftools.bench.testbed import PORTS, Testbed

REQUIREMENTS = FOLDER / "synapse.requirements.txt"
# The highest rate that a limiter of it knows how to allow.
UNLIMITED = {"per_second": 1e6, "burst_count": 1_000_000}


def config(folder: Path, port: int) -> dict[str, object]:
    """Return its configuration: the one that it generates, with the limits lifted."""
    nested = {"local": UNLIMITED, "remote": UNLIMITED}
    logins = {"address": UNLIMITED, "account": UNLIMITED, "failed_attempts": UNLIMITED}
    return {
        "server_name": "localhost",
        "report_stats": False,
        "pid_file": str(folder / "synapse.pid"),
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "macaroon_secret_key": "bench",
        "form_secret": "bench",
        "trusted_key_servers": [],
        "listeners": [
            {
                "port": port,
                "type": "http",
                "bind_addresses": [HOST],
                "resources": [{"names": ["client"]}],
            }
        ],
        "database": {
            "name": "sqlite3",
            "args": {"database": str(folder / "synapse.db")},
        },
        "presence": {"enabled": False},
        "enable_registration": True,
        "enable_registration_without_verification": True,
        # Signing in is not what is compared, and 300 people would take minutes.
        "bcrypt_rounds": 4,
        "rc_message": UNLIMITED,
        "rc_registration": UNLIMITED,
        "rc_login": logins,
        "rc_joins": nested,
        "rc_joins_per_room": UNLIMITED,
    }


class Synapse(ProgramPeer):
    """A homeserver of its own that talks to no other."""

    name = "Synapse"
    setup = "SQLite, presence off, no limits on rates, cheap passwords"

    def __init__(self, bed: Testbed) -> None:
        super().__init__()
        self._bed = bed

    def start(self, folder: Path) -> None:
        """Start it with nothing stored."""
        venv = self._bed.home.path / "venvs" / "synapse"
        if environments.main([str(venv), str(REQUIREMENTS)]):
            raise PlatformError("Synapse could not be installed: see above")
        self._port = ports.pick(PORTS)
        self._database = folder / "synapse.db"
        file = folder / "homeserver.yaml"
        # JSON is YAML, too.
        file.write_text(json.dumps(config(folder, self._port)))
        python = str(venv / "bin" / "python")
        command = [python, "-m", "synapse.app.homeserver", "-c", str(file)]
        environments.run([*command, "--generate-keys"])
        self._program = Program(command, folder, self._port)

    async def session(self, number: int) -> Session:
        """Sign somebody in."""
        return await MatrixSession.open(Address(HOST, self._port), number)

    def stored(self) -> list[str]:
        """Return the texts in its database."""
        with closing(sqlite3.connect(self._database)) as database:
            rows = database.execute(
                "SELECT json FROM event_json JOIN events USING (event_id)"
                " WHERE type = 'm.room.message'"
            )
            return [json.loads(text)["content"]["body"] for (text,) in rows]
