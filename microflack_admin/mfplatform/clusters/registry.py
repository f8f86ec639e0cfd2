"""etcd with three members: what two of them have written is there.

Reference: the etcd documentation, version 3.4, "Configuration flags".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mfplatform.clusters.members import Member


@dataclass(frozen=True)
class Ports:
    """The ports of a member: for clients, and for the other members."""

    clients: int = 2379
    members: int = 2380


def environment(
    own: Member, members: Sequence[Member], ports: Ports, cluster: str, folder: str
) -> dict[str, str]:
    """Return the environment of a member.

    :param cluster: a word that members of another cluster do not know.
    :param folder: where it keeps its data; it is made by the first start.
    """
    clients = f"http://{own.at(ports.clients)}"
    peers = f"http://{own.at(ports.members)}"
    others = (f"{one.name}=http://{one.at(ports.members)}" for one in members)
    return {
        "ETCD_NAME": own.name,
        "ETCD_DATA_DIR": folder,
        "ETCD_ENABLE_V2": "true",
        "ETCD_LISTEN_CLIENT_URLS": clients,
        "ETCD_ADVERTISE_CLIENT_URLS": clients,
        "ETCD_LISTEN_PEER_URLS": peers,
        "ETCD_INITIAL_ADVERTISE_PEER_URLS": peers,
        "ETCD_INITIAL_CLUSTER": ",".join(others),
        "ETCD_INITIAL_CLUSTER_TOKEN": cluster,
        "ETCD_INITIAL_CLUSTER_STATE": "new",
        # Busy disks and processors must not look like a leader that has gone.
        "ETCD_HEARTBEAT_INTERVAL": "200",
        "ETCD_ELECTION_TIMEOUT": "2000",
        "ETCD_LOGGER": "zap",
        "ETCD_LOG_LEVEL": "warn",
        "ETCD_LOG_OUTPUTS": "stderr",
    }
