"""Logs of containers that leave the machine."""

from daemons import wait_for
from log_receivers import Bulk
from platforms import Platform

# What it waits for takes ten times as long where others have the processors.
TIMEOUT_SECONDS = 600


def sources(receiver: Bulk) -> set[str]:
    """Return whose logs it was sent."""
    return {one["source"] for one in list(receiver.documents.values())}


def test_what_containers_log_is_sent_once_though_the_receiver_was_away(
    containers: Platform,
) -> None:
    containers.have_one_instance()
    receiver = Bulk()
    port = receiver.server_address[1]
    containers.done("mfup", MF_LOGS_TO=f"elasticsearch://127.0.0.1:{port}")
    wait_for(lambda: {"mariadb", "etcd"} <= sources(receiver), TIMEOUT_SECONDS)
    receiver.stop()
    name = containers.done("mfrun", "echo")
    wait_for(lambda: containers.status()["logs_to"]["away_since"], TIMEOUT_SECONDS)
    # Nothing of it is left but what it has logged.
    containers.done("mfkill", name)
    again = Bulk(port)
    again.documents = receiver.documents
    wait_for(lambda: f"{name} starts" in again.messages(), TIMEOUT_SECONDS)
    assert again.messages().count(f"{name} starts") == 1
    containers.done("mfup", MF_LOGS_TO="none")
    assert containers.status()["logs_to"] is None
    again.stop()
