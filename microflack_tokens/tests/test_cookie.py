"""The refresh token in a cookie, for browsers."""

import pytest
from werkzeug.http import parse_cookie

from microflack_common.testing import basic, bearer

COOKIE = {"X-Session": "cookie"}


def kept(answer):
    """Return the refresh token that the answer has the browser keep."""
    [header] = answer.headers.getlist("Set-Cookie")
    return parse_cookie(header)["microflack_session"]


@pytest.fixture
def signed_in(client):
    """Return the answer to who has signed in with a browser."""
    return client.post("/api/tokens", headers=basic("ada", "lovelace") | COOKIE)


@pytest.fixture
def renew(client):
    """Return a function that renews with a cookie and returns the answer."""

    def renew(refresh_token, **headers):
        cookie = {"Cookie": f"microflack_session={refresh_token}"}
        return client.post("/api/tokens", headers=cookie | headers)

    return renew


def test_who_asks_for_it_gets_the_cookie_and_no_refresh_token(signed_in):
    assert set(signed_in.json) == {"token", "expires_at"}
    [header] = signed_in.headers.getlist("Set-Cookie")
    parts = {part.strip() for part in header.split(";")[1:]}
    assert {"HttpOnly", "SameSite=Strict", "Path=/api/tokens"} <= parts
    assert "Max-Age=2592000" in parts
    assert "Secure" not in parts


def test_who_signs_in_again_leaves_the_session_before(client, signed_in, renew):
    before = kept(signed_in)
    cookie = {"Cookie": f"microflack_session={before}"}
    again = client.post(
        "/api/tokens", headers=basic("ada", "lovelace") | COOKIE | cookie
    )
    assert again.status_code == 200
    left = client.get("/api/tokens", headers=bearer(signed_in.json["token"]))
    assert left.status_code == 401
    assert renew(before).status_code == 401
    assert renew(kept(again)).status_code == 200


def test_who_only_names_a_session_does_not_end_it(client, signed_in):
    session_id = kept(signed_in).partition(".")[0]
    cookie = {"Cookie": f"microflack_session={session_id}.1.{'A' * 43}"}
    client.post("/api/tokens", headers=basic("ada", "lovelace") | COOKIE | cookie)
    good = client.get("/api/tokens", headers=bearer(signed_in.json["token"]))
    assert good.status_code == 200


def test_who_does_not_ask_for_it_gets_none(client):
    answer = client.post("/api/tokens", headers=basic("ada", "lovelace"))
    assert "Set-Cookie" not in answer.headers
    assert answer.json["refresh_token"]


def test_under_tls_it_is_sent_under_tls_only(client):
    headers = basic("ada", "lovelace") | COOKIE | {"X-Forwarded-Proto": "https"}
    answer = client.post("/api/tokens", headers=headers)
    assert "Secure" in answer.headers["Set-Cookie"]


def test_who_renews_by_it_gets_it_whatever_else_they_say(signed_in, renew):
    refresh_token = kept(signed_in)
    for headers in ({}, COOKIE, {"X-Session": "none"}, bearer("old.access.token")):
        answer = renew(refresh_token, **headers)
        assert answer.status_code == 200
        assert set(answer.json) == {"token", "expires_at"}
        assert kept(answer) != refresh_token
        refresh_token = kept(answer)


def test_two_tabs_that_renew_at_once_are_given_the_same(signed_in, renew):
    refresh_token = kept(signed_in)
    one, other = renew(refresh_token), renew(refresh_token)
    assert (one.json, kept(one)) == (other.json, kept(other))


def test_a_refresh_token_in_the_body_can_be_put_into_the_cookie(client, sign_in):
    body = {"refresh_token": sign_in()["refresh_token"]}
    answer = client.post("/api/tokens", json=body, headers=COOKIE)
    assert set(answer.json) == {"token", "expires_at"}
    assert kept(answer)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:81"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "ftp://localhost"},
        {"Origin": "http://[::1"},
        {"Origin": "http://localhost\u2100"},
        {"Origin": "http://localhost", "X-Forwarded-Proto": "https"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_another_sites_page_cannot_renew(signed_in, renew, headers):
    answer = renew(kept(signed_in), **headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert renew(kept(signed_in)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "https://localhost", "X-Forwarded-Proto": "https"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_a_page_of_this_site_can(signed_in, renew, headers):
    assert renew(kept(signed_in), **headers).status_code == 200


def test_a_cookie_that_is_good_no_more_is_forgotten(renew):
    answer = renew("0" * 32 + ".1." + "A" * 43)
    assert answer.status_code == 401
    assert kept(answer) == ""
    assert "Max-Age=0" in answer.headers["Set-Cookie"]


def test_a_wrong_password_does_not_end_a_session(client, signed_in, renew):
    cookie = {"Cookie": f"microflack_session={kept(signed_in)}"}
    answer = client.post("/api/tokens", headers=basic("ada", "wrong") | cookie)
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert renew(kept(signed_in)).status_code == 200


def test_who_signs_out_keeps_no_cookie(client, signed_in, renew):
    cookie = {"Cookie": f"microflack_session={kept(signed_in)}"}
    headers = bearer(signed_in.json["token"]) | cookie
    answer = client.delete("/api/tokens", headers=headers)
    assert answer.status_code == 204
    assert kept(answer) == ""
    assert renew(kept(signed_in)).status_code == 401
