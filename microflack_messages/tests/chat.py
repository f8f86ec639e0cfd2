"""What people do in rooms, through the API; and a users service that knows them."""

import json
import threading
import time
from contextlib import contextmanager

from flask import Flask, jsonify, request
from sqlalchemy import event

from microflack_common.service_tokens import decode_service_token
from microflack_common.testing import FakeRegistry, token_for
from microflack_messages.models import db

# Somebody who is nobody: no token.
NOBODY = None
ADMIN = 9


def registry_that_knows(user_id, right="admin"):
    """Return a registry that says one thing of one user."""
    registry = FakeRegistry()
    registry.put(f"/rights/users/{user_id}", json.dumps({right: True}))
    return registry


def registry_of_sessions():
    """Return a registry in which no session has ended, and any may end."""
    registry = FakeRegistry()
    registry.put("/revocations/complete", "1")
    return registry


@contextmanager
def statements(app, engine=None):
    """Yield a list of all statements that the application sends by its engine.

    Or by another ``engine``. Those of other threads, in the background, are left out.
    """
    with app.app_context():
        engine = engine or db.engine
    run, own = [], threading.get_ident()

    def note(_connection, _cursor, statement, *_more):
        if threading.get_ident() == own:
            run.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        event.remove(engine, "before_cursor_execute", note)


class Chat:
    """Calls the API as one user or another, who are known by their ids."""

    def __init__(self, app):
        self._app = app
        self._client = app.test_client()

    def call(self, method, path, who=1, body=None, headers=()):
        """Return the answer."""
        own = token_for(self._app, who) if who else {}
        options = {"headers": own | dict(headers)}
        if body is not None:
            options["json"] = body
        return self._client.open(path, method=method, **options)

    def get(self, path, who=1):
        """Return what a path answers, which has to be 200."""
        answer = self.call("GET", path, who)
        assert answer.status_code == 200, answer.json
        return answer.json

    def make(self, who=1, kind="private", members=(), **more):
        """Return a new room."""
        body = {"kind": kind, "members": list(members)} | more
        if kind != "direct":
            body.setdefault("name", "den")
        answer = self.call("POST", "/api/rooms", who, body)
        assert answer.status_code in (200, 201), answer.json
        return answer.json

    def put(self, path, who=1, body=None):
        """Return with which status a PUT is answered."""
        return self.call("PUT", path, who, body).status_code

    def delete(self, path, who=1):
        """Return with which status a DELETE is answered."""
        return self.call("DELETE", path, who).status_code

    def say(self, room_id, who=1, source="hello"):
        """Return a new message."""
        body = {"source": source, "room_id": room_id}
        answer = self.call("POST", "/api/messages", who, body)
        assert answer.status_code == 201, answer.json
        return answer.json

    def rooms(self, who=1):
        """Return the list of rooms, by their ids."""
        return {one["id"]: one for one in self.get("/api/rooms", who)["rooms"]}

    def members(self, room_id, who=1):
        """Return who is in a room and as what, in order."""
        found = self.get(f"/api/rooms/{room_id}/members", who)["members"]
        return [(one["user_id"], one["role"]) for one in found]


class Users:
    """A users service that can be told who there is; it remembers what it is asked."""

    def __init__(self):
        self.app = Flask("users")
        self.app.add_url_rule("/api/users", view_func=self._index)
        self.app.add_url_rule("/api/users/<int:user_id>", view_func=self._show)
        self.app.add_url_rule("/api/users/me/blocked", view_func=self._blocked)
        self.reset()

    def reset(self):
        """Know nobody, and have been asked nothing."""
        self.known, self.asked, self.tokens = {}, [], []
        # By user: the ids of whom they have blocked; and what is answered in its place.
        self.blocked, self.blocked_status = {}, None
        self.status = None
        self.page = 500

    def put(self, user_id, nickname, deactivated=False, at=None):
        """Let there be somebody, or change them."""
        at = int(time.time()) if at is None else at
        user = {"id": user_id, "nickname": nickname, "updated_at": at}
        self.known[user_id] = user | {"created_at": 5, "deactivated": deactivated}

    def _index(self):
        self._note()
        if self.status:
            return jsonify(error="It is away."), self.status
        since = int(request.args["updated_since"])
        found = [one for one in self.known.values() if one["updated_at"] >= since]
        found.sort(key=lambda one: (one["updated_at"], one["nickname"]))
        after = (since, request.args.get("after", ""))
        found = [o for o in found if (o["updated_at"], o["nickname"]) > after]
        answer = {"users": found[: self.page]}
        if len(found) > self.page:
            last = found[self.page - 1]
            following = f"updated_since={last['updated_at']}&after={last['nickname']}"
            answer["_links"] = {"next": f"/api/users?{following}"}
        tag = f'"{hash(json.dumps(found))}"'
        if request.headers.get("If-None-Match") == tag:
            return "", 304
        return jsonify(answer), 200, {"ETag": tag}

    def _show(self, user_id):
        self._note()
        if self.status:
            return jsonify(error="It is away."), self.status
        if user_id not in self.known:
            return jsonify(error="There is none."), 404
        return jsonify(self.known[user_id])

    def _blocked(self):
        """Answer a service that asks in a user's place."""
        self._note()
        if self.blocked_status:
            return jsonify(error="It is away."), self.blocked_status
        claims = decode_service_token(request.headers["Authorization"].split()[1])
        ids = self.blocked.get(claims.user_id, ())
        return jsonify(blocked=[{"user_id": one, "blocked_at": 5} for one in ids])

    def _note(self):
        self.asked.append(request.full_path.rstrip("?"))
        self.tokens.append(request.headers.get("Authorization"))
