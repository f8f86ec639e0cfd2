"""The endpoints by which browsers have themselves told of messages."""

from typing import Any

from flask import Response, abort, current_app, jsonify, request

from microflack_common.auth import current_claims, token_auth
from microflack_common.claims import Claims
from microflack_messages.blueprint import messages
from microflack_messages.web_push import subscriptions
from microflack_messages.web_push.delivery import Target
from microflack_messages.web_push.keys import ServerKey
from microflack_messages.web_push.schemas import PushOut, SubscriptionIn

NONE_HERE = {404: "Web push is not set up"}
# As long as a host's name can be (RFC 1035, 2.3.4).
MAX_SITE_LENGTH = 255


@messages.get("/push")
@messages.auth_required(token_auth)
@messages.output(PushOut)
@messages.doc(responses=NONE_HERE)
def push_settings() -> Response:
    """Return what a browser needs to subscribe. For every user.

    It also says whether the browser of this session is told of messages.
    """
    key, claims = _key(), _claims()
    found = subscriptions.find(claims)
    own = None if found is None else {"wants_text": bool(found.wants_text)}
    return jsonify(public_key=key.public, subscription=own)


@messages.put("/push")
@messages.auth_required(token_auth)
@messages.input(SubscriptionIn)
@messages.output({}, status_code=204)
@messages.doc(responses=NONE_HERE)
def subscribe(json_data: dict[str, Any]) -> tuple[str, int]:
    """Have this session's browser told of mentions and direct messages: 204.

    For every user. It lasts as long as the session, and 30 days from when the page
    was open last: pages repeat it when they open. `endpoint` is an https URL of a
    public host.
    """
    _key()
    claims, keys = _claims(), json_data["keys"]
    site = request.host[:MAX_SITE_LENGTH]
    target = Target(json_data["endpoint"], keys["p256dh"], keys["auth"], site)
    subscriptions.put(claims, target, json_data["wants_text"])
    return "", 204


@messages.delete("/push")
@messages.auth_required(token_auth)
@messages.output({}, status_code=204)
@messages.doc(responses=NONE_HERE)
def unsubscribe() -> tuple[str, int]:
    """Have this session's browser told no more: 204. For every user."""
    _key()
    subscriptions.end(_claims())
    return "", 204


def _key() -> ServerKey:
    key: ServerKey | None = current_app.extensions["microflack_web_push_key"]
    if key is None:
        abort(404, "Web push is not set up here.")
    return key


def _claims() -> Claims:
    claims = current_claims()
    if claims is None or claims.session_id is None:
        # Such as older releases of the tokens service give: they last for an hour.
        abort(404, "Web push needs a token of a session. Sign in again.")
    return claims
