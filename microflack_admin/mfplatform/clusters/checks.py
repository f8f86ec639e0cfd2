"""How a door finds out what a server is: in the server's own protocol.

References: the MariaDB documentation, "Connection" (clients' protocol) and "Galera
Cluster Status Variables"; the Redis documentation, INFO.
"""

import struct

from mfplatform.clusters.galera import DOOR_USER
from mfplatform.clusters.queue import Operator

# CLIENT_PROTOCOL_41 and CLIENT_SECURE_CONNECTION.
CAPABILITIES = 0x0200 | 0x8000
MAX_PACKET_BYTES, UTF8 = 1 << 24, 33
QUIT, QUERY = b"\x01", b"\x03"
READY = "SHOW STATUS LIKE 'wsrep_ready'"
# Its name and its value, each after its length: the node is in the cluster, which has a
# majority here, and knows all that was committed there.
IS_READY = b"\x0bwsrep_ready\x02ON"

# Followers hear it, too: one that the others have left is no master any more.
IS_MASTER = (
    "role:master[[:space:]]+connected_slaves:[0-9]+[[:space:]]+"
    "min_slaves_good_slaves:[1-9]"
)


def database_check() -> str:
    """Return the lines by which HAProxy knows a node of Galera that can be written."""
    login = struct.pack("<IIB23x", CAPABILITIES, MAX_PACKET_BYTES, UTF8)
    login += DOOR_USER.encode() + b"\0\0"
    asked = _packet(1, login) + _packet(0, QUERY + READY.encode()) + _packet(0, QUIT)
    return (
        "    option tcp-check\n"
        "    tcp-check connect\n"
        f"    tcp-check send-binary {asked.hex()}\n"
        f"    tcp-check expect binary {IS_READY.hex()}\n"
    )


def queue_check(operator: Operator) -> str:
    """Return the lines by which HAProxy knows the master."""
    return (
        "    option tcp-check\n"
        "    tcp-check connect\n"
        rf'    tcp-check send "AUTH {operator.name} {operator.password}\r\n"'
        "\n"
        r'    tcp-check send "INFO replication\r\nQUIT\r\n"'
        "\n"
        f'    tcp-check expect rstring "{IS_MASTER}"\n'
    )


def _packet(number: int, payload: bytes) -> bytes:
    return struct.pack("<I", len(payload))[:3] + bytes([number]) + payload
