"""Send lines to a syslog server, by TCP: RFC 5424 in the frames of RFC 6587, 3.4.2.

Nothing in this protocol says that a line has arrived. Lines count as sent when the
receiver's machine has confirmed their bytes.
"""

import array
import fcntl
import socket
import ssl
import termios
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from mfplatform.logs.choice import level_of
from mfplatform.logs.shipping.destination import Destination
from mfplatform.logs.shipping.documents import Origin
from mfplatform.logs.shipping.reading import Entry
from mfplatform.logs.shipping.receiver import Receiver, ReceiverError, tls

TIMEOUT_SECONDS = 30.0
POLL_SECONDS = 0.01
LOCAL0 = 16
# Severities of RFC 5424, 6.2.1; "notice" for what does not say.
SEVERITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
UNKNOWN_SEVERITY = 5
MOST_NAME_SIGNS = 48


class Syslog(Receiver):
    """Writes each line as a message."""

    def __init__(self, where: Destination, authority: str, origin: Origin) -> None:
        self._where = where
        self._origin = origin
        self._tls = tls(where, authority)
        self._socket: socket.socket | None = None

    def send(self, entries: Sequence[Entry]) -> None:
        """Have it take all of these lines."""
        messages = "".join(f"{self._message(one)}\n" for one in entries)
        try:
            connection = self._open()
            connection.sendall(messages.encode())
            _wait_until_confirmed(connection)
        except OSError as error:
            self.close()
            raise ReceiverError(str(error) or type(error).__name__) from None

    def _message(self, entry: Entry) -> str:
        severity = SEVERITIES.get(level_of(entry.text) or "", UNKNOWN_SEVERITY)
        moment = datetime.fromtimestamp(entry.end.time, UTC)
        stamp = moment.isoformat(timespec="milliseconds")
        name = entry.source[:MOST_NAME_SIGNS]
        head = f"<{LOCAL0 * 8 + severity}>1 {stamp} {self._origin.host} {name}"
        return f"{head} - - - {entry.text}"

    def _open(self) -> socket.socket:
        if self._socket is not None and _was_closed(self._socket):
            self.close()
        if self._socket is None:
            address = (self._where.host, self._where.port)
            connection = socket.create_connection(address, TIMEOUT_SECONDS)
            if self._tls is not None:
                host = self._where.host
                connection = self._tls.wrap_socket(connection, server_hostname=host)
            self._socket = connection
        return self._socket

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _was_closed(connection: socket.socket) -> bool:
    """Tell whether the other side has ended a connection, on which it says nothing."""
    connection.settimeout(0)
    try:
        return connection.recv(1) == b""
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True
    finally:
        connection.settimeout(TIMEOUT_SECONDS)


def _wait_until_confirmed(connection: socket.socket) -> None:
    """Wait until no byte is on its way any more (SIOCOUTQ, tcp(7))."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    unconfirmed = array.array("i", [0])
    while True:
        fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, unconfirmed)
        if not unconfirmed[0]:
            break
        if time.monotonic() > deadline:
            raise TimeoutError("it does not confirm what it was sent")
        time.sleep(POLL_SECONDS)
    if _was_closed(connection):
        raise ConnectionError("it has ended the connection")
