"""Compare what was acknowledged with what clients have in the end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mftools.bench.follower import Notebook
from mftools.bench.traffic import origin


@dataclass(frozen=True)
class Account:
    """Sums over all clients.

    A message is lost when a client has not got it, or has another text than the one
    that was acknowledged; doubled when a client has it under two ids, or heard of it
    twice on one connection; out of order when it arrived after a later one of the same
    author, who wrote that one when the first had been acknowledged.
    """

    acknowledged: int
    delivered: int
    lost: int
    doubled: int
    out_of_order: int


def account(acknowledged: Mapping[int, str], notebooks: Iterable[Notebook]) -> Account:
    """Account for all messages and all clients."""
    delivered = lost = doubled = disordered = 0
    for notebook in notebooks:
        sources = {number: one["source"] for number, one in notebook.messages.items()}
        right = sum(
            sources.get(number) == source for number, source in acknowledged.items()
        )
        delivered += right
        lost += len(acknowledged) - right
        told = [origin(source) for source in sources.values()]
        own = [one for one in told if one is not None]
        doubled += notebook.repeated + len(own) - len(set(own))
        disordered += out_of_order(own)
    return Account(len(acknowledged), delivered, lost, doubled, disordered)


def out_of_order(arrived: Sequence[tuple[int, int]]) -> int:
    """Count the messages (author, number) that arrived after a later one."""
    latest: dict[int, int] = {}
    count = 0
    for author, number in arrived:
        if number < latest.get(author, 0):
            count += 1
        latest[author] = max(number, latest.get(author, 0))
    return count
