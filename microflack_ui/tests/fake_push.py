"""Whether browsers are told of messages while no page is open."""

from typing import Any

from fake_answers import Refused, answer
from fake_messages import FakeMessages
from werkzeug.wrappers import Request, Response

# A point of P-256: what a platform is known by.
PUBLIC_KEY = (
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkN"
    "toIAiw4"
)


class FakePush(FakeMessages):
    """The endpoint by which browsers subscribe; without a key there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.push_key = PUBLIC_KEY
        # By user: what their browser has sent.
        self.subscriptions: dict[int, dict[str, Any]] = {}

    def _get_push(self, request: Request, _data: dict[str, Any]) -> Response:
        found = self.subscriptions.get(self._subscriber(request))
        own = None if found is None else {"wants_text": found["wants_text"]}
        return answer({"public_key": self.push_key, "subscription": own})

    def _put_push(self, request: Request, data: dict[str, Any]) -> Response:
        self.subscriptions[self._subscriber(request)] = data
        return answer()

    def _delete_push(self, request: Request, _data: dict[str, Any]) -> Response:
        self.subscriptions.pop(self._subscriber(request), None)
        return answer()

    def _subscriber(self, request: Request) -> int:
        user_id = self._user_id(request)
        if not self.push_key or self.release < 11:
            raise Refused(404)
        return user_id
