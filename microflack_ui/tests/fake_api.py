"""The other services: as much of their API as the page uses."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from fake_answers import Refused, answer
from fake_data import TIMEOUT_SECONDS
from fake_push import FakePush
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

# The path of each endpoint, its methods, and the name of its handlers.
PATHS = [
    ("/users", "GET POST", "users"),
    ("/users/me", "PUT DELETE", "me"),
    ("/users/me/blocked", "GET", "blocked"),
    ("/users/me/blocked/<int:id>", "PUT DELETE", "block"),
    ("/users/<int:id>", "PUT", "user"),
    ("/users/<int:id>/picture", "GET PUT DELETE", "picture"),
    ("/users/reset", "POST", "reset"),
    ("/users/<int:id>/reset", "POST", "reset_link"),
    ("/users/<int:id>/sessions", "DELETE", "sessions_of"),
    ("/users/invitations", "GET POST", "invitations"),
    ("/users/invitations/<code>", "DELETE", "invitation"),
    ("/tokens", "POST DELETE", "tokens"),
    ("/tokens/sessions", "GET", "sessions"),
    ("/tokens/sessions/<id>", "DELETE", "session"),
    ("/messages", "GET POST", "messages"),
    ("/messages/stored", "GET", "stored"),
    ("/messages/push", "GET PUT DELETE", "push"),
    ("/messages/search", "GET", "search"),
    ("/messages/<int:id>", "GET PUT DELETE", "message"),
    ("/messages/<int:id>/reactions/<emoji>", "PUT DELETE", "reaction"),
    ("/rooms", "GET POST", "rooms"),
    ("/rooms/<int:id>", "GET PUT DELETE", "room"),
    ("/rooms/<int:id>/members", "GET", "members"),
    ("/rooms/<int:id>/members/<int:user_id>", "PUT DELETE", "member"),
    ("/rooms/<int:id>/read", "PUT", "read"),
    ("/rooms/<int:id>/notify", "PUT", "notify"),
    ("/rooms/<int:id>/files", "POST", "files"),
    ("/rooms/<int:id>/files/<int:file_id>", "GET", "file"),
    ("/rooms/<int:id>/files/<int:file_id>/thumbnail", "GET", "file"),
]


class FakeApi(FakePush):
    """A WSGI application for /api."""

    urls = Map(
        [
            Rule(path, methods=methods.split(), endpoint=name)
            for path, methods, name in PATHS
        ]
    )

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        request = Request(environ)
        body = (
            b"" if "multipart" in (request.content_type or "") else request.get_data()
        )
        if request.method == "POST":
            self.gate.wait(TIMEOUT_SECONDS)
        with self.lock:
            try:
                response = self._handle(request, body)
            except Refused as refused:
                response = refused.answer
            except HTTPException as error:
                response = answer({"error": error.name}, error.code or 500)
            finally:
                request.close()
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
