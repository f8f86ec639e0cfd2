"""ejabberd as Debian packages it, with its messages in an SQLite database."""

import glob
import sqlite3
from contextlib import closing
from pathlib import Path

from mfplatform.state import ports
from mfplatform.state.home import PlatformError
from mftools.bench import debian_packages
from mftools.bench.peers.program import HOST, Program
from mftools.bench.peers.xmpp import DOMAIN, SERVICE, XmppPeer
from mftools.bench.testbed import PORTS

LIBRARIES = "/usr/lib/*/ejabberd-*/ebin"
SCHEMA = "/usr/share/ejabberd/sql/lite.sql"
CONFIG = """\
hosts: [{domain}]
loglevel: warning
listen:
  - {{port: {port}, ip: "{host}", module: ejabberd_c2s, shaper: none,
     max_stanza_size: 262144}}
registration_timeout: infinity
default_db: sql
sql_type: sqlite
sql_database: "{database}"
modules:
  mod_disco: {{}}
  mod_register: {{ip_access: all, captcha_protected: false}}
  mod_mam: {{db_type: sql, request_activates_archiving: false, default: never}}
  mod_muc:
    host: {service}
    history_size: 0
    max_users: 2000
    min_message_interval: 0
    min_presence_interval: 0
    default_room_options: {{persistent: true, mam: true, max_users: 2000}}
"""


class Ejabberd(XmppPeer):
    """A node of its own that is in no cluster."""

    name = "ejabberd"
    setup = "messages archived in SQLite, no shapers, rooms of 2,000"

    def start(self, folder: Path) -> None:
        """Start it with nothing stored."""
        debian_packages.have("ejabberdctl", ["ejabberd", "erlang-p1-sqlite3"])
        libraries = sorted(glob.glob(LIBRARIES))
        if not libraries:
            raise PlatformError(f"there is no {LIBRARIES}")
        self._port = ports.pick(PORTS)
        self._database = folder / "ejabberd.db"
        config = folder / "ejabberd.yml"
        config.write_text(
            CONFIG.format(
                domain=DOMAIN,
                service=SERVICE,
                host=HOST,
                port=self._port,
                database=self._database,
            )
        )
        # Without a node's name it needs no epmd, which would be one for all.
        command = ["erl", "-noinput", "-pa", libraries[-1], "-s", "ejabberd"]
        command += ["+K", "true", "+P", "250000"]
        command += ["-mnesia", "dir", f'"{folder / "mnesia"}"']
        environment = {
            "EJABBERD_CONFIG_PATH": str(config),
            "EJABBERD_LOG_PATH": str(folder / "ejabberd.log"),
            "ERL_LIBS": str(Path(libraries[-1]).parents[1]),
            "ERL_CRASH_DUMP": str(folder / "crash.dump"),
        }
        self._program = Program(command, folder, self._port, environment)

    def stored(self) -> list[str]:
        """Return the texts in its archive."""
        with closing(sqlite3.connect(self._database)) as database:
            found = database.execute("SELECT txt FROM archive WHERE kind = 'groupchat'")
            return [text for (text,) in found]
