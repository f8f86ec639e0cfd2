"""The tokens that instances have in the store, and what is done with them."""

import re
from datetime import datetime

from mfplatform.secrets_store.client import Client, StoreError
from mfplatform.secrets_store.leases import Action, Renew, Revoke, Token

ACCESSORS = "auth/token/accessors/"
ROLES = "auth/approle/role"
DIGITS = re.compile(r"(\.\d{6})\d+")


def of_instances(asked: Client) -> list[Token]:
    """Return the tokens that instances have; the platform's own are not listed."""
    found = [_token(asked, accessor) for accessor in asked.names(ACCESSORS)]
    return [token for token in found if token is not None]


def _token(asked: Client, accessor: str) -> Token | None:
    try:
        told = asked.call("POST", "auth/token/lookup-accessor", {"accessor": accessor})
    except StoreError as error:
        # It ended meanwhile.
        if error.status in (400, 403, 404):
            return None
        raise
    data = told["data"]
    role = (data.get("meta") or {}).get("role_name", "")
    if not role or not data.get("expire_time"):
        return None
    made, ends = (_seconds(data[name]) for name in ("issue_time", "expire_time"))
    return Token(accessor, role, made, ends)


def _seconds(stamp: str) -> float:
    """Return Unix seconds; the store writes nine digits of one, Python reads six."""
    return datetime.fromisoformat(DIGITS.sub(r"\1", stamp)).timestamp()


def perform(asked: Client, action: Action) -> None:
    """Do what was decided; what is gone already is no error."""
    try:
        if isinstance(action, Renew):
            asked.call(
                "POST", "auth/token/renew-accessor", {"accessor": action.accessor}
            )
        elif isinstance(action, Revoke):
            asked.call(
                "POST", "auth/token/revoke-accessor", {"accessor": action.accessor}
            )
        else:
            asked.call("DELETE", f"{ROLES}/{action.instance}")
            asked.call("DELETE", f"sys/policies/acl/{action.instance}")
    except StoreError as error:
        if error.status not in (400, 403, 404):
            raise
