"""Renewing a token with a refresh token."""

import jwt
import pytest
from sqlalchemy import select, text, update
from waiting import wait_until

from microflack_common.testing import SECRET, basic, bearer
from microflack_tokens.models import Session, db
from microflack_tokens.sessions import GRACE_SECONDS, IDLE_SECONDS


@pytest.fixture
def renew(client):
    """Return a function that renews with a refresh token and returns the answer."""

    def renew(refresh_token):
        return client.post("/api/tokens", json={"refresh_token": refresh_token})

    return renew


@pytest.fixture
def turn_back(app):
    """Return a function that has the last renewal seem to be so much longer ago."""

    def turn_back(seconds):
        values = {
            "renewed_at": Session.renewed_at - seconds,
            "last_used_at": Session.last_used_at - seconds,
        }
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(update(Session).values(values))

    return turn_back


def claims_of(answer):
    return jwt.decode(answer["token"], SECRET, algorithms=["HS256"])


def test_who_signs_in_can_renew_for_as_long_as_they_come_back(client, sign_in, renew):
    pair = sign_in()
    assert pair["expires_at"] == claims_of(pair)["exp"]
    seen = {pair["refresh_token"]}
    for _ in range(3):
        answer = renew(pair["refresh_token"])
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert claims_of(answer.json)["jti"] != claims_of(pair)["jti"]
        assert claims_of(answer.json)["user_id"] == 7
        pair = answer.json
        assert client.get("/api/tokens", headers=bearer(pair["token"])).json["sid"]
        seen.add(pair["refresh_token"])
    assert len(seen) == 4


def test_a_renewed_token_says_when_the_password_was_given(app, sign_in, renew):
    pair = sign_in()
    given = claims_of(pair)["auth_time"]
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(update(Session).values(created_at=given - 1000))
    claims = claims_of(renew(pair["refresh_token"]).json)
    assert claims["auth_time"] == given - 1000
    assert claims["iat"] >= given


def test_a_lost_answer_is_given_again(sign_in, renew, turn_back):
    first = sign_in()["refresh_token"]
    pair = renew(first).json
    turn_back(GRACE_SECONDS / 2)
    assert [renew(first).json for _ in range(3)] == [pair] * 3
    assert renew(pair["refresh_token"]).status_code == 200


def test_after_a_while_it_is_not_given_again_and_the_session_ends(
    client, sign_in, renew, turn_back
):
    first = sign_in()["refresh_token"]
    pair = renew(first).json
    turn_back(GRACE_SECONDS + 1)
    assert renew(first).status_code == 401
    assert renew(pair["refresh_token"]).status_code == 401
    assert client.get("/api/tokens", headers=bearer(pair["token"])).status_code == 401


def test_an_older_one_ends_the_session_at_once(client, sign_in, renew):
    first = sign_in()["refresh_token"]
    second = renew(first).json["refresh_token"]
    third = renew(second).json
    assert renew(first).status_code == 401
    assert renew(third["refresh_token"]).status_code == 401
    assert client.get("/api/tokens", headers=bearer(third["token"])).status_code == 401


def test_the_users_other_sessions_go_on(client, sign_in, renew):
    other = sign_in()
    first = sign_in()["refresh_token"]
    renew(renew(first).json["refresh_token"])
    assert renew(first).status_code == 401
    assert renew(other["refresh_token"]).status_code == 200
    assert client.get("/api/tokens", headers=bearer(other["token"])).status_code == 200


def test_who_knows_a_session_by_name_cannot_end_it(sign_in, renew):
    pair = sign_in()
    session_id, _, secret = pair["refresh_token"].split(".")
    wrong = secret[::-1]
    for number, text_ in ((1, wrong), (0, wrong), (2, secret), (999_999_999, wrong)):
        assert renew(f"{session_id}.{number}.{text_}").status_code == 401
    assert renew(pair["refresh_token"]).status_code == 200


def test_who_does_not_come_back_for_thirty_days_has_to_sign_in(
    sign_in, renew, turn_back
):
    kept = sign_in()["refresh_token"]
    turn_back(IDLE_SECONDS - 100)
    kept = renew(kept).json["refresh_token"]
    turn_back(IDLE_SECONDS + 1)
    assert renew(kept).status_code == 401


def test_no_refresh_token_can_be_read_from_the_database(app, sign_in, renew):
    pair = renew(sign_in()["refresh_token"]).json
    with app.app_context(), db.engine.connect() as connection:
        stored = connection.execute(select(*Session.__table__.columns)).all()
        everything = repr(stored) + repr(
            connection.execute(text("SELECT * FROM ended")).all()
        )
    assert pair["refresh_token"].split(".")[0] in everything
    assert pair["refresh_token"].split(".")[2] not in everything


@pytest.mark.parametrize(
    "refresh_token", ["", "x", "a.b.c", "0" * 32 + ".1." + "A" * 43, "ä", "x" * 5000]
)
def test_what_is_no_refresh_token_is_refused(client, renew, refresh_token):
    answer = renew(refresh_token)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    # It counts with the sign-ins that failed.
    assert "X-Failed-Sign-In" in answer.headers
    assert "refresh token" in answer.json["error"]


@pytest.mark.parametrize("body", [{"refresh_token": 7}, {"refresh_token": ["x"]}, []])
def test_a_body_that_makes_no_sense_is_refused(client, body):
    assert client.post("/api/tokens", json=body).status_code == 400


@pytest.mark.parametrize("body", [{}, {"refresh_token": None}, {"other": 1}])
def test_without_anything_one_has_to_sign_in(client, body):
    assert client.post("/api/tokens", json=body).status_code == 401


def test_a_password_goes_before_a_refresh_token(client):
    answer = client.post(
        "/api/tokens", json={"refresh_token": "x"}, headers=basic("ada", "lovelace")
    )
    assert answer.status_code == 200
    answer = client.post(
        "/api/tokens",
        json={"refresh_token": answer.json["refresh_token"]},
        headers=basic("ada", "wrong"),
    )
    assert answer.status_code == 401


def test_people_who_were_deactivated_cannot_renew(registry, sign_in, renew):
    pair = sign_in()
    registry.put("/rights/users/7", '{"deactivated": true}')
    try:
        wait_until(lambda: renew(pair["refresh_token"]).status_code == 401)
    finally:
        registry.delete("/rights/users/7")


def test_who_signed_out_at_an_older_release_cannot_renew(registry, sign_in, renew):
    """Which knows nothing of sessions: it revokes the token."""
    pair = sign_in()
    token_id = claims_of(pair)["jti"]
    registry.put(f"/revoked-tokens/{token_id}", str(pair["expires_at"]))
    latest = [pair["refresh_token"]]

    def is_refused():
        answer = renew(latest[-1])
        if answer.status_code == 200:
            # It had not been heard of yet.
            latest.append(answer.json["refresh_token"])
            id_of = claims_of(answer.json)["jti"]
            registry.put(f"/revoked-tokens/{id_of}", "1")
        return answer.status_code == 401

    wait_until(is_refused)
    registry.delete(f"/revoked-tokens/{token_id}")
    assert renew(latest[-1]).status_code == 401
