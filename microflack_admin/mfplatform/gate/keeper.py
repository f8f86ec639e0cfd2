"""Run a gate of the registry, and have it know the accounts that are kept in etcd.

    python3 -P -m mfplatform.gate.keeper CONFIGURATION

It is called in the folder of the gate's files and of etcd's socket. ROOT_LINE is the
line of the platform's own account, by which the others get into the registry.
"""

import json
import os
import signal
import subprocess
import sys
import time
from http.client import HTTPException
from pathlib import Path
from types import FrameType
from urllib.parse import quote

from mfplatform.state.gate_config import ACCOUNTS, ETCD_SOCKET
from mfplatform.unix_http import UnixConnection

FILES = ("users.map", "rights.map")
LOOK_SECONDS = 1.0
ANSWER_TIMEOUT_SECONDS = 5.0


def read(name: str) -> str | None:
    """Return what etcd has of a file; None while it does not answer, or has nothing."""
    connection = UnixConnection(ETCD_SOCKET, ANSWER_TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"/v2/keys{quote(f'{ACCOUNTS}/{name}')}")
        answer = connection.getresponse()
        told = answer.read()
        return str(json.loads(told)["node"]["value"]) if answer.status == 200 else None
    except (OSError, HTTPException, ValueError, KeyError):
        return None
    finally:
        connection.close()


def write(name: str, text: str) -> bool:
    """Have a file with this text; False if it was so."""
    file, text = Path(name), f"{text}\n"
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return False
    new = file.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)
    return True


def look() -> bool:
    """Write what etcd has; tell whether anything is new."""
    found = {name: text for name in FILES if (text := read(name)) is not None}
    # All of them, whichever is new.
    return sum(write(name, text) for name, text in found.items()) > 0


def have_files(root: str) -> None:
    """Have all files; what they knew is not forgotten while etcd has no answer."""
    for name in FILES:
        Path(name).touch()
    known = Path(FILES[0]).read_text(encoding="utf-8")
    if root not in known.splitlines():
        write(FILES[0], f"{known}{root}")


def main(configuration: str) -> int:
    """Run the gate until it ends, or is told to."""
    have_files(os.environ["ROOT_LINE"])
    look()
    gate = subprocess.Popen(["haproxy", "-W", "-db", "-f", configuration])

    def end(number: int, frame: FrameType | None) -> None:
        gate.terminate()

    signal.signal(signal.SIGTERM, end)
    while gate.poll() is None:
        time.sleep(LOOK_SECONDS)
        if look():
            # Connections that it has are served on by the process before.
            gate.send_signal(signal.SIGUSR2)
    return gate.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
