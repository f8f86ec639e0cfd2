"""What a hostile or careless client may send."""

import time

import jwt
import pytest

from microflack_common.testing import SECRET, basic, bearer

CLAIMS = {"user_id": 1, "iat": 1, "exp": 4102444800, "jti": "x"}
BEARER = 'Bearer realm="Authentication Required"'


def forged(algorithm="HS256", secret=SECRET, **changes):
    claims = {k: v for k, v in (CLAIMS | changes).items() if v is not None}
    return jwt.encode(claims, secret, algorithm)


@pytest.mark.parametrize("source", [None, 7, 1.5, True, [], ["a"], {}, {"a": 1}])
def test_a_source_of_a_wrong_type_is_named(client, ada, source):
    answer = client.post("/api/messages", json={"source": source}, headers=ada)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("source: ")


@pytest.mark.parametrize(
    "source",
    [
        *("", " ", "\n\t\r ", "\u3000", "a\x00b", "\ud800"),
        *(
            "\u00ad",
            "\u200b",
            "\u2060 \u202e",
            "\u3164",
            "\u2800",
            "\ufe0f",
            "\ufffc\n",
        ),
    ],
)
def test_a_source_that_nobody_can_see_or_store_is_named(client, ada, source):
    answer = client.post("/api/messages", json={"source": source}, headers=ada)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("source: ")


def test_a_missing_source_is_named(client, ada):
    answer = client.post("/api/messages", json={"Source": "x"}, headers=ada)
    assert answer.status_code == 400
    assert "source" in answer.json["fields"]


@pytest.mark.parametrize("length", [16_385, 100_000])
def test_a_message_that_is_too_long_is_told_the_limit(client, ada, length):
    answer = client.post("/api/messages", json={"source": "x" * length}, headers=ada)
    assert answer.status_code == 400
    assert answer.json["error"] == "source: Must have 1 to 16384 characters."


def test_an_edit_is_checked_like_a_new_message(client, ada, post):
    url = post("fine")["_links"]["self"]
    for source in (None, "", " ", "x" * 16_385, 5):
        answer = client.put(url, json={"source": source}, headers=ada)
        assert answer.status_code == 400
        assert answer.json["error"].startswith("source: ")
    assert client.get(url).json["source"] == "fine"


@pytest.mark.parametrize(
    "body",
    ["{", "", "source", "{'a': 1}", "\xff", "[]", '"a"', "1", "null", "[" * 9999],
)
def test_a_body_that_is_no_json_object_is_refused(client, ada, body):
    answer = client.post(
        "/api/messages",
        data=body.encode("latin-1"),
        content_type="application/json",
        headers=ada,
    )
    assert answer.status_code == 400
    assert answer.json["error"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "text/html", ""]
)
def test_another_content_type_is_refused(client, ada, kind):
    answer = client.post(
        "/api/messages", data=b'{"source": "x"}', content_type=kind, headers=ada
    )
    assert answer.status_code == 415
    assert "JSON" in answer.json["error"]


def test_a_body_of_a_mebibyte_is_refused_with_the_limit(client, ada):
    answer = client.post("/api/messages", json={"source": "x" * 2**20}, headers=ada)
    assert answer.status_code == 413
    assert "262144" in answer.json["error"]


@pytest.mark.parametrize(
    "message_id", ["x", "9" * 30, 2**31, "-1", "1.5", "0", "%00", "²"]
)
def test_an_id_that_is_none_is_not_found(client, ada, message_id):
    url = f"/api/messages/{message_id}"
    for answer in (client.get(url), client.put(url, json={"source": "x"}, headers=ada)):
        assert answer.status_code == 404
        assert answer.json["error"]


def test_a_method_that_is_not_offered_is_refused_in_json(client, post):
    answer = client.patch(post()["_links"]["self"])
    assert answer.status_code == 405
    assert "PUT" in answer.headers["Allow"]
    assert answer.json["error"]


@pytest.mark.parametrize(
    "token",
    [
        forged(secret="another secret of a good length!"),
        forged(exp=int(time.time()) - 1),
        forged(algorithm="none", secret=""),
        forged(algorithm="HS512", secret=SECRET * 2),
        forged(user_id=None),
        forged(user_id="1"),
        forged(exp=None),
        forged(jti=None),
        "garbage",
        "a.b.c",
        "",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("post", "/api/messages"), ("put", "/api/messages/1")]
)
def test_a_bad_token_is_refused(client, method, path, token):
    body = {"source": "evil"}
    answer = getattr(client, method)(path, json=body, headers=bearer(token))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == BEARER
    assert answer.json["error"]


def test_a_bad_token_is_refused_where_none_is_needed(client, post):
    for url in ("/api/messages", post()["_links"]["self"]):
        assert client.get(url, headers=bearer("garbage")).status_code == 401


def test_basic_where_bearer_belongs_is_refused(client):
    headers = basic("ada", "x")
    answer = client.post("/api/messages", json={"source": "x"}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == BEARER
