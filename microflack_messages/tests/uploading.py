"""Send files to the service, for the tests of files."""

import io

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart


def upload(client, content, headers, name="note.txt", room=1):
    """Send a file; return the answer."""
    # Flask's client would leave a file of its own open.
    file = FileStorage(io.BytesIO(content), filename=name)
    boundary, body = encode_multipart({"file": file})
    return client.post(
        f"/api/rooms/{room}/files",
        data=body,
        headers=headers,
        content_type=f'multipart/form-data; boundary="{boundary}"',
    )


def uploaded(client, content, headers, name="note.txt", room=1):
    """Send a file; return what the API shows of it."""
    answer = upload(client, content, headers, name, room)
    assert answer.status_code == 201, answer.json
    return answer.json


def send(client, files, headers, source="", room=1):
    """Post a message with files; return the answer."""
    body = {"source": source, "room_id": room, "files": [one["id"] for one in files]}
    return client.post("/api/messages", json=body, headers=headers)


def sent(client, files, headers, source="", room=1):
    """Post a message with files; return it."""
    answer = send(client, files, headers, source, room)
    assert answer.status_code == 201, answer.json
    return answer.json
