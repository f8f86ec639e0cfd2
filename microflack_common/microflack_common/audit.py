"""Log who signs in, is removed and so on: from where, and with which outcome."""

import logging

from microflack_common.logs import current_address

logger = logging.getLogger("microflack.audit")


def record(
    event: str, outcome: str, user_id: int | None = None, **details: object
) -> None:
    """Log an event, with the address of the client whose request it was.

    :param event: such as ``sign_in``.
    :param outcome: such as ``ok`` or ``refused``.
    :param details: never a password or a token.
    """
    fields: dict[str, object] = {
        "event": event,
        "outcome": outcome,
        "user": user_id,
        "address": current_address(),
    }
    logger.info("%s: %s", event, outcome, extra=fields | details)
