"""A file that was made to do harm is refused, or a file like any other."""

import subprocess
import sys
from contextlib import ExitStack
from tempfile import TemporaryFile

import pytest
from pictures import bomb, exif, picture
from uploading import upload, uploaded

from microflack_common import picture_runner
from microflack_common.errors import ServiceUnavailable
from microflack_messages.files import pictures

UNKNOWN = "application/octet-stream"


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n and no more",
        b"\xff\xd8\xff not a picture",
        b"GIF89a<script>alert(1)</script>",
        b"RIFF\x10\0\0\0WEBPVP8 \xff\xff\xff\xff",
        b"\0\0\0\x18ftypavif\0\0\0\0avifmif1",
        b"\0\0\0\x18ftypheic\0\0\0\0heicmif1",
        picture("PNG")[:-40],
        b"\xff\xd8" + b"\xff" * 2_000_000,
    ],
)
def test_what_only_begins_like_a_picture_is_a_file(client, ada, content):
    file = uploaded(client, content, ada, "picture.png")
    assert file.keys() == {"id", "name", "type", "size", "url"}
    assert file["type"] in (UNKNOWN, "image/heic")
    answer = client.get(file["url"], headers=ada)
    assert answer.data == content
    assert answer.headers["Content-Disposition"].startswith("attachment")
    missing = client.get(f"{file['url']}/thumbnail", headers=ada)
    assert missing.status_code == 404


def test_a_jpeg_that_breaks_off_does_not_tell_either(client, ada):
    content = picture("JPEG", (200, 200), exif=exif())[:-300]
    file = uploaded(client, content, ada)
    assert b"Ada, at home" not in client.get(file["url"], headers=ada).data


def test_a_picture_with_too_many_pixels_is_refused(client, ada):
    answer = upload(client, bomb(50_000, 50_000), ada)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("file: ")
    assert "pixels" in answer.json["error"]


def test_a_picture_that_lacks_most_of_its_pixels_does_no_harm(client, ada):
    file = uploaded(client, bomb(7000, 7000), ada)
    assert file["type"] in (UNKNOWN, "image/png")
    assert client.get("/healthz").status_code == 200


def test_a_process_that_hangs_is_ended():
    with ExitStack() as opened:

        def new_file():
            return opened.enter_context(TemporaryFile())

        source = new_file()
        source.write(picture("PNG"))
        with pytest.raises(ServiceUnavailable):
            pictures.process(source, "image/png", new_file, timeout_seconds=0.0)
        found = pictures.process(source, "image/png", new_file)
        assert (found.width, found.height) == (60, 40)


def test_the_process_has_none_of_the_services_secrets(monkeypatch):
    monkeypatch.setenv("JWT_SECRET_KEY", "hidden")
    command = [sys.executable, "-c", "import os; print(os.environ)"]
    said = subprocess.run(command, env=picture_runner.ENVIRONMENT, capture_output=True)
    assert b"environ" in said.stdout
    assert b"hidden" not in said.stdout
