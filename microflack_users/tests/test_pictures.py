"""Pictures of people."""

import base64
import io
import struct
import zlib

import pytest
from conftest import PASSWORD
from PIL import Image
from sqlalchemy import update
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from microflack_users import accounts, leftovers, pictures
from microflack_users.models import User, db

MAKER = b"Ada, at home"


def picture(kind="PNG", size=(300, 200), **options):
    """Return a picture, red at its left half and blue at its right one."""
    content = io.BytesIO()
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    image.save(content, kind, **options)
    return content.getvalue()


def bomb(width, height):
    """Return a small PNG that says it has a lot of pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")
    chunks = (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def shown(content):
    """Return the picture in some bytes."""
    return Image.open(io.BytesIO(content))


@pytest.fixture
def put(client):
    """Return a function that sends a picture and returns the answer."""

    def put(headers, user_id, content, part="picture"):
        file = FileStorage(io.BytesIO(content), filename="me.png")
        boundary, body = encode_multipart({part: file})
        kind = f'multipart/form-data; boundary="{boundary}"'
        return client.put(
            f"/api/users/{user_id}/picture",
            data=body,
            content_type=kind,
            headers=headers,
        )

    return put


def test_a_picture_becomes_a_small_square_that_tells_nothing(
    client, register, sign_in, put
):
    user = register()
    assert user["picture_url"] is None
    exif = Image.Exif()
    exif[0x010F] = MAKER.decode()
    # What is left is to be at the top.
    exif[0x0112] = 6
    assert put(sign_in(user), 1, picture("JPEG", exif=exif)).status_code == 204
    url = client.get("/api/users/1").json["picture_url"]
    assert url in client.get("/api/users").text
    answer = client.get(url)
    assert answer.mimetype == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert MAKER not in answer.data
    small = shown(answer.data).convert("RGB")
    assert small.size == (128, 128)
    top, bottom = small.getpixel((64, 20)), small.getpixel((64, 108))
    assert top[0] > 200 > top[2]
    assert bottom[2] > 200 > bottom[0]


def test_a_picture_is_asked_for_once_in_each_version(client, register, sign_in, put):
    ada = sign_in(register())
    put(ada, 1, picture())
    first = client.get("/api/users/1").json["picture_url"]
    plain = client.get("/api/users/1/picture")
    assert "no-cache" in plain.headers["Cache-Control"]
    tag = {"If-None-Match": plain.headers["ETag"]}
    assert client.get("/api/users/1/picture", headers=tag).status_code == 304
    put(ada, 1, picture("GIF", (20, 90)))
    second = client.get("/api/users/1").json["picture_url"]
    assert second != first
    assert "no-cache" in client.get(first).headers["Cache-Control"]
    assert client.get("/api/users/1/picture", headers=tag).status_code == 200
    for _ in range(2):
        assert client.delete("/api/users/1/picture", headers=ada).status_code == 204
    assert client.get(second).status_code == 404
    assert client.get("/api/users/1").json["picture_url"] is None


def test_only_its_owner_and_administrators_change_a_picture(
    client, admin, register, sign_in, put
):
    register("ada")
    eve = sign_in(register("eve"))
    assert put(eve, 2, picture()).status_code == 403
    assert put({}, 2, picture()).status_code == 401
    assert put(admin, 99, picture()).status_code == 404
    assert put(admin, 2, picture()).status_code == 204
    path = "/api/users/2/picture"
    assert client.delete(path, headers=eve).status_code == 403
    assert client.get(path).status_code == 200
    assert client.delete(path, headers=admin).status_code == 204


@pytest.mark.parametrize(
    ("content", "status", "word"),
    [
        (b"<svg onload='alert(1)'/>", 400, "PNG"),
        (picture()[:90], 400, "PNG"),
        (picture("BMP"), 400, "PNG"),
        (bomb(50_000, 50_000), 400, "pixels"),
        (b"", 400, "empty"),
        (b"x" * (pictures.MAX_BYTES + 1), 413, "1048576"),
    ],
)
def test_what_is_no_good_picture_is_refused(
    client, register, sign_in, put, content, status, word
):
    answer = put(sign_in(register()), 1, content)
    assert answer.status_code == status
    assert answer.json["error"].startswith("picture: ")
    assert word in answer.json["error"]
    assert client.get("/api/users/1").json["picture_url"] is None


def test_a_body_that_has_no_picture_is_refused(client, register, sign_in, put):
    ada = sign_in(register())
    assert put(ada, 1, picture(), part="file").status_code == 400
    assert client.put("/api/users/1/picture", headers=ada).status_code == 400
    answer = client.put("/api/users/1/picture", json={"picture": "x"}, headers=ada)
    assert answer.status_code == 415


def test_who_sends_too_many_has_to_wait(app, register, sign_in, put):
    limit = accounts.limits_of(app)[pictures.WHAT]
    app.extensions["microflack_limits"] = {pictures.WHAT: limit}
    ada = sign_in(register())
    for _ in range(pictures.AT_ONCE):
        limit.wait_seconds(1)
    answer = put(ada, 1, picture())
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_the_export_has_the_picture_and_a_deleted_account_has_none(
    app, client, register, sign_in, put
):
    ada = sign_in(register())
    assert client.get("/api/users/me/export", headers=ada).json["picture"] is None
    put(ada, 1, picture())
    content = client.get("/api/users/1/picture").data
    url = client.get("/api/users/me/export", headers=ada).json["picture"]
    assert base64.b64decode(url.removeprefix("data:image/webp;base64,")) == content
    client.delete("/api/users/1", json={"current_password": PASSWORD}, headers=ada)
    assert client.get("/api/users/1").json["picture_url"] is None
    with app.app_context():
        assert db.session.get(pictures.Picture, 1) is None


def test_an_account_that_an_earlier_release_deletes_shows_no_picture(
    app, client, register, sign_in, put
):
    put(sign_in(register()), 1, picture())
    with app.app_context():
        db.session.execute(update(User).values(deleted_at=1))
        db.session.commit()
    assert client.get("/api/users/1").json["picture_url"] is None
    assert client.get("/api/users/1/picture").status_code == 404
    leftovers.remove(app)
    with app.app_context():
        assert db.session.get(pictures.Picture, 1) is None
