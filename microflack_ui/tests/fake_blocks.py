"""Whom people have blocked."""

import time
from typing import Any

from fake_answers import Refused, answer
from fake_pictures import FakePictures
from werkzeug.wrappers import Request, Response


class FakeBlocks(FakePictures):
    """Release 10 of the users service, as far as it is about that."""

    def _get_blocked(self, request: Request, _data: dict[str, Any]) -> Response:
        user_id = self._user_id(request)
        if not self.knows_blocks:
            raise Refused(404)
        ids = self.blocked.get(user_id, [])
        shown = [{"user_id": id, "blocked_at": int(time.time())} for id in ids]
        return answer({"blocked": shown})

    def _put_block(self, request: Request, _data: dict[str, Any], id: int) -> Response:
        self.set_block(self._user_id(request), id, True)
        return answer()

    def _delete_block(
        self, request: Request, _data: dict[str, Any], id: int
    ) -> Response:
        self.set_block(self._user_id(request), id, False)
        return answer()

    def set_block(self, user_id: int, id: int, is_on: bool) -> None:
        """Have somebody block another one, or no more."""
        others = [one for one in self.blocked.get(user_id, []) if one != id]
        self.blocked[user_id] = [*others, id] if is_on else others
        if self.live:
            model = {"id": user_id, "user_ids": self.blocked[user_id]}
            self.live.push("Blocked", model, {user_id})
