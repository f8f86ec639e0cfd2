"""Compare the order of acknowledgements with that in which readers got messages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mftools.bench.received_messages import Model
from mftools.bench.reconciliation import Reconciliation


@dataclass(frozen=True)
class Acknowledged:
    """A message: when its POST was begun and acknowledged, its number and its id."""

    begun: float
    ended: float
    change: int
    message_id: int


def contradictions(acknowledged: Iterable[Acknowledged]) -> int:
    """Count messages whose number is lower than that of one acknowledged before.

    Who begins to post after another's acknowledgement gets a higher number.
    """
    count, earliest_end = 0, float("inf")
    for one in sorted(acknowledged, key=lambda one: one.change, reverse=True):
        # Those with higher numbers: none of them may have ended before it began.
        if one.begun > earliest_end:
            count += 1
        earliest_end = min(earliest_end, one.ended)
    return count


def examine(
    acknowledged: Sequence[Acknowledged], readers: Iterable[Sequence[Model]]
) -> Reconciliation:
    """Compare what was acknowledged with what each reader took, in its order."""
    due = {one.message_id: one.change for one in acknowledged}
    delivered = lost = doubled = 0
    disordered = contradictions(acknowledged)
    for taken in readers:
        own = [(one["id"], one["change"]) for one in taken if one["id"] in due]
        right = {pair for pair in own if due[pair[0]] == pair[1]}
        delivered += len(right)
        lost += len(due) - len(right)
        doubled += len(own) - len({message_id for message_id, _ in own})
        highest = 0
        for _, change in own:
            disordered += change < highest
            highest = max(highest, change)
    return Reconciliation(len(due), delivered, lost, doubled, disordered)
