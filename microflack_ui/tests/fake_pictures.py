"""People's pictures."""

from typing import Any

from fake_accounts import FakeAccounts
from fake_answers import Refused, answer
from werkzeug.wrappers import Request, Response


class FakePictures(FakeAccounts):
    """Release 10 of the users service, as far as it is about pictures."""

    def _put_picture(
        self, request: Request, _data: dict[str, Any], id: int
    ) -> Response:
        if id != self._user_id(request):
            raise Refused(403)
        part = request.files["picture"]
        self.add_picture(id, part.read(), part.mimetype)
        return answer()

    def _delete_picture(
        self, request: Request, _data: dict[str, Any], id: int
    ) -> Response:
        if id != self._user_id(request):
            self._must_be_admin(request)
        self.change_user(id, picture_url=None)
        return answer()

    def add_picture(self, user_id: int, content: bytes, kind: str) -> None:
        """Give somebody a picture."""
        self.pictures.append((content, kind))
        url = f"/api/users/{user_id}/picture?version={len(self.pictures)}"
        self.change_user(user_id, picture_url=url)

    def _get_picture(
        self, request: Request, _data: dict[str, Any], id: int
    ) -> Response:
        self._reader(request)
        if self.users[id - 1]["picture_url"] is None:
            raise Refused(404)
        content, kind = self.pictures[int(request.args["version"]) - 1]
        return Response(content, content_type=kind)
