"""Prosody as Debian packages it, with its messages in an SQLite database."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from xml.sax.saxutils import unescape

from mfplatform.state import ports
from mftools.bench import debian_packages
from mftools.bench.peers.program import HOST, Program
from mftools.bench.peers.xmpp import DOMAIN, SERVICE, XmppPeer
from mftools.bench.testbed import PORTS

CONFIG = """\
run_as_root = true
data_path = "{folder}/data"
pidfile = "{folder}/prosody.pid"
log = {{ warn = "*console" }}
interfaces = {{ "{host}" }}
c2s_ports = {{ {port} }}
s2s_ports = {{}}
modules_enabled = {{ "roster", "saslauth", "disco", "register", "register_ibr" }}
modules_disabled = {{ "s2s", "tls", "limits" }}
allow_registration = true
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_hashed"
storage = {{ muc_log = "sql" }}
sql = {{ driver = "SQLite3", database = "{folder}/prosody.sqlite" }}
VirtualHost "{domain}"
Component "{service}" "muc"
    modules_enabled = {{ "muc_mam" }}
    muc_room_locking = false
    muc_room_default_persistent = true
    muc_log_by_default = true
    max_archive_query_results = 100
"""
BODY = re.compile(r"<body[^>]*>([^<]*)</body>")


class Prosody(XmppPeer):
    """A server of its own."""

    name = "Prosody"
    setup = "messages archived in SQLite, no limits module"

    def start(self, folder: Path) -> None:
        """Start it with nothing stored."""
        debian_packages.have("prosody", ["prosody", "lua-dbi-sqlite3"])
        self._port = ports.pick(PORTS)
        self._database = folder / "prosody.sqlite"
        (folder / "data").mkdir()
        config = folder / "prosody.cfg.lua"
        config.write_text(
            CONFIG.format(
                folder=folder,
                host=HOST,
                port=self._port,
                domain=DOMAIN,
                service=SERVICE,
            )
        )
        command = ["prosody", "-F", "--config", str(config)]
        self._program = Program(command, folder, self._port)

    def stored(self) -> list[str]:
        """Return the texts in its archive."""
        with closing(sqlite3.connect(self._database)) as database:
            rows = database.execute(
                "SELECT value FROM prosodyarchive WHERE store = 'muc_log'"
            )
            bodies = [BODY.search(stanza) for (stanza,) in rows]
        return [unescape(body[1]) for body in bodies if body]
