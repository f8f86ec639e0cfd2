"""Files that are uploaded to a room."""

from typing import Any

from fake_answers import Refused, answer, token_of
from fake_room_actions import FakeRoomActions
from werkzeug.wrappers import Request, Response

PNG = b"\x89PNG\r\n\x1a\n"
SHOWN = ("id", "name", "type", "size", "width", "height", "url", "thumbnail_url")


class FakeFiles(FakeRoomActions):
    """The endpoints of files."""

    def _post_files(self, request: Request, _data: dict[str, Any], id: int) -> Response:
        self._readable(request, id)
        part = request.files["file"]
        content = part.read()
        if not content:
            raise Refused(400, "file: Must not be empty.")
        number = len(self.files) + 1
        url = f"http://elsewhere.invalid/api/rooms/{id}/files/{number}"
        file: dict[str, Any] = {"id": number, "name": part.filename, "url": url}
        file |= {"type": part.mimetype, "size": len(content), "content": content}
        file |= {"user_id": self._user_id(request)}
        if content.startswith(PNG):
            # The header chunk, by the PNG specification.
            width, height = (int.from_bytes(content[at : at + 4]) for at in (16, 20))
            file |= {"width": width, "height": height}
            file["thumbnail_url"] = f"{url}/thumbnail"
        self.files.append(file)
        return answer(self._shown_file(file), 201)

    def _shown_file(self, file: dict[str, Any]) -> dict[str, Any]:
        return {name: file[name] for name in SHOWN if name in file}

    def take_files(self, user_id: int, ids: list[int]) -> list[dict[str, Any]]:
        """Return the files of these ids, which go with a message now."""
        files = [file for file in self.files if file["id"] in ids]
        if any(file["user_id"] != user_id for file in files) or len(files) < len(ids):
            raise Refused(400, "files: There is no such file.")
        return [self._shown_file(file) for file in files]

    def _get_file(
        self, request: Request, _data: dict[str, Any], id: int, file_id: int
    ) -> Response:
        self._readable(request, id)
        if not token_of(request):
            raise Refused(401)
        file = self.files[file_id - 1]
        # More than the service allows: the page must not have it kept all the same.
        kept = {"Cache-Control": "private, max-age=604800"}
        return Response(file["content"], content_type=file["type"], headers=kept)
