"""Log who signs in, is removed and so on: from where, and with which outcome."""

import logging

from flask import has_request_context, request

from microflack_common.client_address import client_address

logger = logging.getLogger("microflack.audit")


def record(
    event: str, outcome: str, user_id: int | None = None, **details: object
) -> None:
    """Log an event, with the address of the client whose request it was.

    :param event: such as ``sign_in``.
    :param outcome: such as ``ok`` or ``refused``.
    :param details: never a password or a token.
    """
    address = client_address(request) if has_request_context() else None
    fields = {"event": event, "outcome": outcome, "user": user_id, "address": address}
    logger.info("%s: %s", event, outcome, extra=fields | details)
