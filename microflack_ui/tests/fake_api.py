"""The other services: as much of their API as the page uses."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from fake_accounts import FakeAccounts
from fake_answers import Refused, answer
from fake_data import TIMEOUT_SECONDS
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

LIST_LIMIT = 100


class FakeApi(FakeAccounts):
    """A WSGI application for /api."""

    urls = Map(
        [
            Rule("/users", methods=["GET", "POST"], endpoint="users"),
            Rule("/users/me", methods=["PUT", "DELETE"], endpoint="me"),
            Rule("/users/<int:id>", methods=["PUT"], endpoint="user"),
            Rule("/users/reset", methods=["POST"], endpoint="reset"),
            Rule("/users/<int:id>/reset", methods=["POST"], endpoint="reset_link"),
            Rule("/users/invitations", methods=["GET", "POST"], endpoint="invitations"),
            Rule(
                "/users/invitations/<code>", methods=["DELETE"], endpoint="invitation"
            ),
            Rule("/tokens", methods=["POST", "DELETE"], endpoint="tokens"),
            Rule("/tokens/sessions", methods=["GET"], endpoint="sessions"),
            Rule("/tokens/sessions/<id>", methods=["DELETE"], endpoint="session"),
            Rule("/messages", methods=["GET", "POST"], endpoint="messages"),
            Rule("/messages/<int:id>", methods=["PUT"], endpoint="message"),
        ]
    )

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        request = Request(environ)
        body = request.get_data()
        if request.method == "POST":
            self.gate.wait(TIMEOUT_SECONDS)
        with self.lock:
            try:
                response = self._handle(request, body)
            except Refused as refused:
                response = refused.answer
            except HTTPException as error:
                response = answer({"error": error.name}, error.code or 500)
        return response(environ, start_response)

    def _handle(self, request: Request, body: bytes) -> Response:
        headers = dict(request.headers)
        self.requests.append((request.method, request.full_path.rstrip("?"), headers))
        for method, path, *refusal in self.failures:
            if request.method == method and request.path.startswith(path):
                raise Refused(*refusal)
        data = json.loads(body) if body else {}
        name, values = self.urls.bind_to_environ(request.environ).match()
        return getattr(self, f"_{request.method.lower()}_{name}")(
            request, data, **values
        )

    def _get_messages(self, request: Request, _data: dict[str, Any]) -> Response:
        self._reader(request)
        if "after" in request.args and self.counts:
            return self._after(int(request.args["after"]))
        if "before_id" not in request.args:
            return self._changes(request, "messages", map(self.shown, self.messages))
        before = int(request.args["before_id"])
        older = [message for message in self.messages if message["id"] < before]
        page = older[-min(int(request.args["limit"]), self.longest_page) :]
        body: dict[str, Any] = {"messages": list(map(self.shown, page))}
        if len(page) < len(older):
            path = f"/api/messages?before_id={page[0]['id']}"
            body["_links"] = {"next": f"http://elsewhere.invalid{path}"}
        return self._list(body)

    def _after(self, number: int) -> Response:
        if number > self.last_change:
            return self._list({"messages": []})
        found = sorted(map(self.numbered, self.messages), key=lambda one: one["change"])
        found = [message for message in found if message["change"] > number]
        if len(found) <= LIST_LIMIT:
            return self._list({"messages": found})
        last = found[LIST_LIMIT - 1]["change"]
        links = {"next": f"http://elsewhere.invalid/api/messages?after={last}"}
        change = self.last_change if self.release >= 7 else last
        body = {"messages": found[:LIST_LIMIT], "change": change, "_links": links}
        return answer(body)

    def _list(self, body: dict[str, Any]) -> Response:
        return answer(body | ({"change": self.last_change} if self.counts else {}))

    def _changes(
        self, request: Request, name: str, items: Iterable[dict[str, Any]]
    ) -> Response:
        since = int(request.args.get("updated_since", 0))
        start = int(request.args.get("start", 0))
        limit = min(int(request.args.get("limit", LIST_LIMIT)), LIST_LIMIT)
        changed = [item for item in items if item["updated_at"] >= since]
        changed.sort(key=lambda item: (item["updated_at"], item["id"]))
        found: dict[str, Any] = {name: changed[start : start + limit]}
        if len(changed) > start + limit:
            query = f"updated_since={since}&start={start + limit}"
            found["_links"] = {"next": f"http://elsewhere.invalid/api/{name}?{query}"}
        return self._list(found)

    def _post_messages(self, request: Request, data: dict[str, Any]) -> Response:
        user_id = self._user_id(request)
        key = (user_id, request.headers.get("Idempotency-Key", ""))
        message = self.keys.get(key) or self.add_message(user_id, data["source"])
        if key[1]:
            self.keys[key] = message
        if self.lost_answers:
            self.lost_answers -= 1
            raise Refused(503, "The answer was lost.")
        if self.release >= 7:
            message = self.numbered(message) | {"idempotency_key": key[1]}
        return answer(message, 201)

    def _message_of(self, number: int) -> dict[str, Any]:
        if not 0 < number <= len(self.messages):
            raise NotFound
        return self.messages[number - 1]

    def _put_message(self, request: Request, data: dict[str, Any], id: int) -> Response:
        message = self._message_of(id)
        if message["user_id"] != self._user_id(request):
            raise Refused(403)
        self.change_message(message, data["source"])
        return answer()
