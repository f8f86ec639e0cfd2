"""Compare the messages that were acknowledged with those that clients have received."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

from mftools.bench.received_messages import ReceivedMessages
from mftools.bench.users import origin


@dataclass(frozen=True)
class Reconciliation:
    """Sums over all clients.

    A message is lost when a client has not received it, or has another text than the
    one that was acknowledged. It is doubled when a client has it under two ids, or
    received it twice over one connection. It is out of order when it arrived after a
    later one of the same author: an author writes the next message only when the one
    before has been acknowledged.
    """

    acknowledged: int
    delivered: int
    lost: int
    doubled: int
    out_of_order: int

    def plus(self, other: "Reconciliation") -> "Reconciliation":
        """Return the sums of both, of two conversations."""
        sums = map(sum, zip(astuple(self), astuple(other), strict=True))
        return Reconciliation(*sums)


def reconcile(
    acknowledged: Mapping[int, str], clients: Iterable[ReceivedMessages]
) -> Reconciliation:
    """Compare the acknowledged texts, by message id, with what each client has."""
    delivered = lost = doubled = disordered = 0
    for client in clients:
        sources = {number: one["source"] for number, one in client.messages.items()}
        right = sum(
            sources.get(number) == source for number, source in acknowledged.items()
        )
        delivered += right
        lost += len(acknowledged) - right
        origins = [origin(source) for source in sources.values()]
        written = [one for one in origins if one is not None]
        doubled += client.repeated + len(written) - len(set(written))
        disordered += out_of_order(written)
    return Reconciliation(len(acknowledged), delivered, lost, doubled, disordered)


def out_of_order(arrived: Sequence[tuple[int, int]]) -> int:
    """Count the messages (author, number) that arrived after a later one."""
    latest: dict[int, int] = {}
    count = 0
    for author, number in arrived:
        if number < latest.get(author, 0):
            count += 1
        latest[author] = max(number, latest.get(author, 0))
    return count
