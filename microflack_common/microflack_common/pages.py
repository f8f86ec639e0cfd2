"""How much of a list one answer holds.

A list is as long as somebody likes who writes long texts. What is too large for a few
buffers on its way holds a thread of the service for as long as its client reads.
"""

import json
from collections.abc import Sequence
from typing import Any

MAX_BYTES = 256 * 1024


def within_bytes(
    models: Sequence[dict[str, Any]],
    backwards: bool = False,
    max_bytes: int = MAX_BYTES,
) -> Sequence[dict[str, Any]]:
    """Return as many of the models, in their order, as have room in one answer.

    At least one, however large it is, so that whoever asks on gets on.

    :param models: what the API shows of each.
    :param backwards: whether the first ones are left out, not the last ones.
    :param max_bytes: how long their JSON may be together.
    """
    total = kept = 0
    for model in reversed(models) if backwards else models:
        # A comma follows each.
        total += len(json.dumps(model, separators=(",", ":"))) + 1
        if kept and total > max_bytes:
            break
        kept += 1
    return models[len(models) - kept :] if backwards else models[:kept]
