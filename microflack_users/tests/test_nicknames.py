"""Which nicknames there can be, and which are too much alike."""
# What looks alike is the very thing here.
# ruff: noqa: RUF001

import pytest
from conftest import PASSWORD
from sqlalchemy import update

from microflack_users import name_claims
from microflack_users.models import User, db
from microflack_users.name_claims import Adoption, NameClaim


@pytest.fixture
def give(client):
    """Return a function that asks for an account of this nickname."""
    return lambda nickname: client.post(
        "/api/users", json={"nickname": nickname, "password": PASSWORD}
    )


@pytest.mark.parametrize(
    "nickname",
    ["\u2800", "\u3164", "\u115f\u1160", "\u00ad", "al\u200bice", "a\u00adda",
     "a\u200db", "ada\u200c", "\u2060ada", "\ufeffada", "\U0001d159", "a\U000e0061b"],
)  # fmt: skip
def test_what_shows_nothing_is_refused(give, nickname):
    answer = give(nickname)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("nickname: ")


@pytest.mark.parametrize(
    "nickname",
    ["می\u200cخواهم", "क्\u200dष", "👨\u200d👩\u200d👧", "❤️\u200d🔥", "🙂\u200d↔️",
     "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "🇩🇪", "👋🏽"],
)  # fmt: skip
def test_what_a_script_or_an_emoji_needs_stays(give, nickname):
    answer = give(nickname)
    assert answer.status_code == 201
    assert answer.json["nickname"] == nickname


@pytest.mark.parametrize(
    "nickname",
    ["Everyone", "everyone", "admin", "ADMIN", "ａｄｍｉｎ", "аdmin", "ADMlN",
     "MicroFlack", "Ada (you)", "Ada (YOU)", "Deleted account 7"],
)  # fmt: skip
def test_a_reserved_nickname_is_refused(give, nickname):
    answer = give(nickname)
    assert answer.status_code == 400
    assert "reserved" in answer.json["fields"]["nickname"]


@pytest.mark.parametrize(
    ("first", "second"),
    [("copa", "сора"), ("Alice", "AIice"), ("modern", "modem"), ("ada 1", "ada l"),
     ("ada", "ａｄａ"), ("Ada L", "ada\u2009l"), ("Zoë", "Zoe\u0308")],
)  # fmt: skip
def test_a_nickname_that_looks_like_another_is_taken(give, first, second):
    assert give(first).status_code == 201
    answer = give(second)
    assert answer.status_code == 400
    assert "taken" in answer.json["fields"]["nickname"]


def test_a_nickname_that_was_given_up_is_nobody_elses_for_a_while(
    app, client, register, sign_in, give
):
    headers = sign_in(register("ada"))
    change = {"nickname": "countess"}
    assert client.put("/api/users/1", json=change, headers=headers).status_code == 204
    assert give("ada").status_code == 400
    for nickname in ("ada", "countess"):
        change = {"nickname": nickname}
        answer = client.put("/api/users/1", json=change, headers=headers)
        assert answer.status_code == 204
    with app.app_context():
        free = update(NameClaim).where(NameClaim.free_at.is_not(None))
        db.session.execute(free.values(free_at=1))
        db.session.commit()
    assert give("ada").status_code == 201
    assert give("countess").status_code == 400


def test_nicknames_of_earlier_releases_are_claimed_and_stay(
    app, client, register, sign_in, give, monkeypatch
):
    for nickname in ("copa", "someone"):
        register(nickname)
    with app.app_context():
        # As release 7 has made them: no claims, and two that look alike.
        db.session.get(User, 2).rename("сора")
        db.session.execute(NameClaim.__table__.delete())
        db.session.commit()
        monkeypatch.setattr(name_claims, "BATCH_SIZE", 1)
        Adoption().adopt()
        assert {c.user_id for c in db.session.query(NameClaim)} == {1}
    assert give("сopa").status_code == 400
    second = sign_in({"id": 2})
    change = {"nickname": "сора", "password": "another secret"}
    assert client.put("/api/users/2", json=change, headers=second).status_code == 204
