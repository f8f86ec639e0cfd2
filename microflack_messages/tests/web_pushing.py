"""People whose browsers are told of messages."""

import time
from uuid import uuid4

from chat import Chat

from microflack_common.claims import Claims
from microflack_common.testing import bearer
from microflack_common.tokens import encode_claims

SETTINGS = {
    "WEB_PUSH_KEY": "the web push key of the tests, long enough",
    "WEB_PUSH_LOCAL": "yes",
}
PATH = "/api/messages/push"


class Person:
    """Somebody in one browser, with a session of their own."""

    def __init__(self, app, service, user_id, session_id=None):
        self.user_id, self.session_id = user_id, session_id or uuid4().hex
        self._client = app.test_client()
        now = int(time.time())
        session = (self.session_id, 0, now)
        claims = Claims(user_id, now, now + 3600, uuid4().hex, *session)
        with app.app_context():
            self.headers = bearer(encode_claims(claims))
        self.browser = service.browser(self.session_id)

    def call(self, method, body=None):
        """Return the answer of the endpoint."""
        options = {} if body is None else {"json": body}
        return self._client.open(PATH, method=method, headers=self.headers, **options)

    def subscribe(self, **more):
        """Have the browser told; return the person."""
        answer = self.call("PUT", self.browser.subscription(**more))
        assert answer.status_code == 204, answer.json
        return self

    def subscription(self):
        """Return what the service says of the session's subscription."""
        return self.call("GET").json["subscription"]


def wait_for(condition, timeout=60):
    """Wait until ``condition`` is true."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, condition
        time.sleep(0.01)


def direct(app, *user_ids):
    """Return the direct room of some people."""
    return Chat(app).make(user_ids[0], "direct", user_ids[1:])
