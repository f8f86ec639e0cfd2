"""The users service: accounts, presence, and what admins do."""

import time
from typing import Any

from fake_answers import Refused, answer, token_of
from fake_sessions import FakeSessions
from werkzeug.wrappers import Request, Response

MIN_PASSWORD_LENGTH = 8


class FakeAccounts(FakeSessions):
    """Release 8 of the users service, as far as the page uses it."""

    def _post_users(self, _request: Request, data: dict[str, Any]) -> Response:
        if self.access == "members":
            self._use_invitation(data.get("invitation"))
        if data["nickname"] in self.passwords:
            raise Refused(400, "nickname: This nickname is taken: choose another.")
        self._check_password(data["password"])
        number = self.add_user(data["nickname"], online=False)
        self.passwords[data["nickname"]] = data["password"]
        return answer(self.users[number - 1], 201)

    def _check_password(self, password: str) -> None:
        if len(password) < MIN_PASSWORD_LENGTH:
            raise Refused(400, "password: Must have at least 8 characters.")

    def _use_invitation(self, code: str | None) -> None:
        for invitation in self.invitations:
            if invitation["code"] == code:
                self.invitations.remove(invitation)
                return
        raise Refused(400, "invitation: This invitation is used up or has expired.")

    def _put_user(self, request: Request, data: dict[str, Any], id: int) -> Response:
        user_id = self._user_id(request)
        user = self.users[id - 1]
        if {"admin", "deactivated"} & data.keys():
            self._must_be_admin(request)
        elif id != user_id:
            raise Refused(403)
        if "password" in data:
            if data.get("current_password") != self.passwords[user["nickname"]]:
                raise Refused(403, "current_password: This is not your password.")
            self._check_password(data["password"])
            self.passwords[user["nickname"]] = data["password"]
            current = self._payload(token_of(request))["sid"]
            for session in self.sessions:
                if session["user_id"] == id and session["id"] != current:
                    self.end_session(session)
        if "nickname" in data:
            if data["nickname"] in self.passwords:
                raise Refused(400, "nickname: This nickname is taken: choose another.")
            self.passwords[data["nickname"]] = self.passwords.pop(user["nickname"])
        shown = {k: data[k] for k in ("nickname", "admin", "deactivated") if k in data}
        self.change_user(id, **shown)
        return answer()

    def _post_reset(self, _request: Request, data: dict[str, Any]) -> Response:
        nickname = self.resets.get(data["code"])
        if nickname is None:
            raise Refused(400, "code: This link is used up or has expired.")
        self._check_password(data["password"])
        self.passwords[nickname] = data["password"]
        del self.resets[data["code"]]
        return answer()

    def _must_be_admin(self, request: Request) -> None:
        if not self.users[self._user_id(request) - 1].get("admin"):
            raise Refused(403, "Only admins may do this.")

    def _post_reset_link(
        self, request: Request, _data: dict[str, Any], id: int
    ) -> Response:
        self._must_be_admin(request)
        code = f"reset-{id}"
        self.resets[code] = self.users[id - 1]["nickname"]
        url = f"http://elsewhere.invalid/reset?code={code}"
        return answer({"code": code, "url": url}, 201)

    def _delete_sessions_of(
        self, request: Request, _data: dict[str, Any], id: int
    ) -> Response:
        self._must_be_admin(request)
        for session in self.sessions:
            if session["user_id"] == id:
                self.end_session(session)
        return answer()

    def _get_stored(self, request: Request, _data: dict[str, Any]) -> Response:
        self._must_be_admin(request)
        return answer(self.stored)

    def _get_invitations(self, request: Request, _data: dict[str, Any]) -> Response:
        self._must_be_admin(request)
        return answer({"invitations": self.invitations})

    def _post_invitations(self, request: Request, data: dict[str, Any]) -> Response:
        self._must_be_admin(request)
        return answer(self.add_invitation(data.get("uses", 1)), 201)

    def add_invitation(self, uses: int = 1) -> dict[str, Any]:
        """Make an invitation that is good for a week."""
        code = f"code-{len(self.invitations) + 1}"
        url = f"http://elsewhere.invalid/?invitation={code}"
        expires_at = int(time.time()) + 7 * 86_400
        invitation = {"code": code, "url": url, "expires_at": expires_at}
        self.invitations.append(invitation | {"uses_left": uses})
        return self.invitations[-1]

    def _delete_invitation(
        self, request: Request, _data: dict[str, Any], code: str
    ) -> Response:
        self._must_be_admin(request)
        self.invitations[:] = [i for i in self.invitations if i["code"] != code]
        return answer()

    def _get_users(self, request: Request, _data: dict[str, Any]) -> Response:
        user_id = self._reader(request)
        if user_id and not self.users[user_id - 1]["online"]:
            self.set_online(user_id, True)
        return self._changes(request, "users", self.users)

    def _delete_me(self, request: Request, _data: dict[str, Any]) -> Response:
        self.set_online(self._user_id(request), False)
        return answer()
