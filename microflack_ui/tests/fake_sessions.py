"""The tokens service: signing in, sessions, tokens."""

import base64
import json
import time
from typing import Any

from fake_answers import Refused, answer, token_of
from fake_data import FakeData
from werkzeug.wrappers import Request, Response

COOKIE = "microflack_session"
# So long a refresh token is good after the next one was given.
GRACE_SECONDS = 10


class FakeSessions(FakeData):
    """Release 6 of the tokens service, or 5 while ``knows_sessions`` is false."""

    def user_of(self, token: object) -> int:
        """Return whose token it is, or 0 when it is no good."""
        if token not in self.tokens or token in self.revoked:
            return 0
        return int(self._payload(str(token))["user_id"])

    def _payload(self, token: str) -> dict[str, Any]:
        return dict(json.loads(base64.b64decode(token.split(".")[1])))

    def _user_id(self, request: Request) -> int:
        user_id = self.user_of(token_of(request))
        if not user_id:
            raise Refused(401)
        return user_id

    def _reader(self, request: Request) -> int:
        """Return who reads; 0 for somebody without a token, where that is allowed."""
        if self.access == "open" and not token_of(request):
            return 0
        return self._user_id(request)

    def _post_tokens(self, request: Request, _data: dict[str, Any]) -> Response:
        if given := request.authorization:
            if self.passwords.get(given.username or "") != given.password:
                raise Refused(401, "The nickname or the password is not right.")
            user = next(u for u in self.users if u["nickname"] == given.username)
            if user.get("deactivated"):
                raise Refused(401, "This account is deactivated.")
            self.set_online(user["id"], True)
            if not self.knows_sessions:
                return answer({"token": self._new_token(user["id"])})
            assert request.headers["X-Session"] == "cookie"
            agent = request.headers.get("User-Agent", "")
            return self._renewed(self.add_session(user["id"], agent))
        if not self.knows_sessions:
            raise Refused(401, "Sign in with your nickname and password.")
        return self._renewed(self._session_of(request.cookies.get(COOKIE, "")))

    def add_session(self, user_id: int, agent: str = "") -> dict[str, Any]:
        """Begin a session, as signing in on some device does."""
        now = int(time.time())
        session = {"id": str(len(self.sessions) + 1), "user_id": user_id}
        session |= {"created_at": now, "last_used_at": now, "agent": agent}
        session |= {"address": "192.0.2.7", "refresh": [], "renewed_at": 0.0}
        self.sessions.append(session)
        return session

    def _session_of(self, cookie: str) -> dict[str, Any]:
        for session in self.sessions:
            given: list[str] = session["refresh"]
            if cookie not in given or session.get("ended"):
                continue
            if cookie == given[-1]:
                return session
            is_late = time.time() - session["renewed_at"] > GRACE_SECONDS
            if cookie == given[-2] and not is_late:
                return session | {"again": True}
            self.end_session(session)
        raise Refused(401, "The session has ended: sign in again.")

    def _renewed(self, session: dict[str, Any]) -> Response:
        if not session.get("again"):
            session["refresh"].append(f"{session['id']}-{len(session['refresh'])}")
            session["renewed_at"] = time.time()
        token = self._new_token(session["user_id"], session["id"])
        expires_at = self._payload(token)["iat"] + self.token_seconds
        response = answer({"token": token, "expires_at": expires_at})
        cookie: dict[str, Any] = {"httponly": True, "samesite": "Strict"}
        cookie |= {"path": "/api/tokens", "max_age": 30 * 86_400}
        response.set_cookie(COOKIE, session["refresh"][-1], **cookie)
        return response

    def _new_token(self, user_id: int, session: str = "") -> str:
        # The server's clock is not the browser's.
        claims = {"user_id": user_id, "sid": session, "iat": int(time.time()) - 7200}
        payload = base64.b64encode(json.dumps(claims).encode()).decode()
        self.tokens.append(f"header.{payload}.{len(self.tokens)}")
        return self.tokens[-1]

    def end_session(self, session: dict[str, Any]) -> None:
        """End a session and its tokens."""
        session["ended"] = True
        for token in self.tokens:
            if self._payload(token)["sid"] == session["id"]:
                self.revoke(token)

    def revoke_tokens(self) -> None:
        """End every session and refuse every token given so far."""
        with self.lock:
            for session in self.sessions:
                session["ended"] = True
            self.expire_tokens()

    def expire_tokens(self) -> None:
        """Refuse every token given so far; sessions go on."""
        with self.lock:
            for token in self.tokens:
                self.revoke(token)

    def _delete_tokens(self, request: Request, _data: dict[str, Any]) -> Response:
        self._user_id(request)
        token = token_of(request)
        self.revoke(token)
        for session in self.sessions:
            if session["id"] == self._payload(token)["sid"]:
                self.end_session(session)
        return answer()

    def _get_sessions(self, request: Request, _data: dict[str, Any]) -> Response:
        if not self.knows_sessions:
            raise Refused(404)
        user_id = self._user_id(request)
        current = self._payload(token_of(request))["sid"]
        shown = ("id", "created_at", "last_used_at", "agent", "address")
        own = [s for s in self.sessions if s["user_id"] == user_id]
        found = [
            {name: session[name] for name in shown}
            | {"current": session["id"] == current}
            for session in own
            if not session.get("ended")
        ]
        return answer({"sessions": found})

    def _delete_session(
        self, request: Request, _data: dict[str, Any], id: str
    ) -> Response:
        user_id = self._user_id(request)
        for session in self.sessions:
            if session["id"] == id and session["user_id"] == user_id:
                self.end_session(session)
                return answer()
        raise Refused(404)
