"""Who asks: somebody with a user's token, or the platform's operator.

The operator is whoever has the platform's secrets, such as `mfuser`: with the key of
services, SERVICE_KEY, they sign a token in the name "operator". It opens what is for
administrators.
"""

from typing import Any

from apiflask import HTTPTokenAuth
from flask import abort, g

from microflack_common.auth import current_user_id, reader_auth, token_auth
from microflack_common.claims import InvalidToken
from microflack_common.description import OPTIONAL
from microflack_common.service_tokens import decode_service_token
from microflack_users.models import User, db

OPERATOR = "operator"


class _OrOperator(HTTPTokenAuth):
    """Lets the operator in, besides whom another handler lets in."""

    def __init__(self, other: HTTPTokenAuth, name: str) -> None:
        description = f"{other.description}, or the operator's"
        super().__init__(name=name, description=description)
        self._other = other
        self.auth_error_callback = other.auth_error_callback

    def get_security_scheme(self) -> dict[str, Any]:
        said = super().get_security_scheme()
        optional = self._other.get_security_scheme().get(OPTIONAL, False)
        return {**said, OPTIONAL: optional}

    def authenticate(self, auth: Any, stored_password: Any) -> Any:
        # The operator is rarely the one who asks.
        user = self._other.authenticate(auth, stored_password)
        if not user and auth and auth.token and _is_operators(auth.token):
            g.is_operator = True
            return OPERATOR
        return user


def _is_operators(token: str) -> bool:
    try:
        return decode_service_token(token).service == OPERATOR
    except InvalidToken:
        return False


#: For endpoints that read.
reader_or_operator = _OrOperator(reader_auth, "ReaderOrOperatorAuth")
#: For endpoints that need a token; what it may do is for the endpoint to say.
user_or_operator = _OrOperator(token_auth, "UserOrOperatorAuth")


def may_administrate() -> bool:
    """Say whether an administrator asks, or the operator."""
    if g.get("is_operator"):
        return True
    user_id = current_user_id()
    user = db.session.get(User, user_id) if user_id else None
    return bool(user and user.admin and not user.deactivated)


def administrators_only() -> None:
    """End the request with 403 unless an administrator asks, or the operator."""
    if not may_administrate():
        abort(403, "Only an administrator can do this.")
