"""Who there is: asked of the users service, seldom, and kept."""

import time

import pytest
from chat import Users

from microflack_common.errors import ServiceUnavailable
from microflack_common.testing import running
from microflack_messages import people as module
from microflack_messages.people import People


@pytest.fixture
def users():
    """Return a users service."""
    return Users()


class Clock:
    """A clock that goes when it is told to."""

    seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    """Return a clock."""
    return Clock()


@pytest.fixture
def people(app, users, clock):
    """Return what asks it."""
    with running(users.app) as url, app.app_context():
        yield People(url, clock)


@pytest.fixture
def later(clock):
    """Return a function that lets seconds go by."""

    def later(seconds):
        clock.seconds += seconds

    return later


def test_all_are_asked_for_once_and_then_what_has_changed(users, people, later):
    now = int(time.time())
    for user_id in range(1, 6):
        users.put(user_id, f"user {user_id}", at=now - 3600)
    users.page = 2
    people.refresh()
    people.refresh()
    assert len(users.asked) == 3
    assert [people.nickname(one) for one in (1, 5, 6)] == ["user 1", "user 5", "User 6"]
    users.page = 500
    users.put(2, "zoe", at=now)
    later(2)
    people.refresh()
    assert people.nickname(2) == "zoe"
    assert users.asked[3:] == [f"/api/users?updated_since={now - 3660}"]
    later(2)
    people.refresh()
    later(2)
    people.refresh()
    assert users.asked[-1] == f"/api/users?updated_since={now - 60}"


def test_somebody_who_has_come_just_now_is_found(users, people):
    people.refresh()
    assert people.find(3) is None
    users.put(3, "cy")
    assert people.find(3).nickname == "cy"
    asked = len(users.asked)
    assert people.find(3).nickname == "cy"
    assert len(users.asked) == asked


def test_who_was_found_hides_no_change_of_others(users, people, later):
    now = int(time.time())
    users.put(1, "ada", at=now - 7200)
    people.refresh()
    users.put(1, "adele", at=now - 3600)
    users.put(2, "bob", at=now)
    assert people.find(2).nickname == "bob"
    later(2)
    people.refresh()
    assert people.nickname(1) == "adele"


@pytest.mark.parametrize("user_id", [0, -1, 2**31, 2**70])
def test_nobody_has_an_impossible_id(users, people, user_id):
    assert people.find(user_id) is None
    assert users.asked == []


def test_what_is_known_has_to_do_while_the_service_is_away(users, people, later):
    users.put(1, "ada")
    people.refresh()
    users.status = 503
    later(2)
    people.refresh()
    asked = len(users.asked)
    # It is not asked again for each request.
    people.refresh()
    assert len(users.asked) == asked
    assert people.nickname(1) == "ada"
    assert people.find(1).nickname == "ada"
    with pytest.raises(ServiceUnavailable):
        people.find(2)
    users.status = None
    users.put(1, "adele")
    later(module.RETRY_SECONDS)
    people.refresh()
    assert people.nickname(1) == "adele"


def test_a_backup_that_was_restored_there_is_noticed(users, people, later):
    now = int(time.time())
    users.put(1, "ada", at=now)
    users.put(2, "bob", at=now)
    people.refresh()
    users.known.clear()
    users.put(1, "adam", at=now - 86400)
    later(module.RENEWAL_SECONDS)
    people.refresh()
    assert people.nickname(1) == "adam"
    assert people.count() == 1


def test_those_who_know_the_same_name_it_the_same(users, people, later):
    for user_id in (1, 2):
        users.put(user_id, f"user {user_id}")
    people.refresh()
    with running(users.app) as url:
        other = People(url)
        other.find(2)
        assert other.digest() != people.digest()
        other.refresh()
    assert other.digest() == people.digest()
    before = people.digest()
    users.put(2, "zoe")
    later(2)
    people.refresh()
    assert people.digest() != before


def test_where_only_members_read_it_is_asked_with_the_token_of_who_asks(
    app, users, people, monkeypatch
):
    monkeypatch.setitem(app.config, "ACCESS", "members")
    users.put(1, "ada")
    people.refresh()
    assert (users.asked, people.count()) == ([], 0)
    with app.test_request_context(headers={"Authorization": "Bearer x"}):
        people.refresh()
        people.find(2)
    assert users.tokens == ["Bearer x"] * 2
    assert people.nickname(1) == "ada"


def test_where_everybody_reads_no_token_is_shown_around(app, users, people):
    with app.test_request_context(headers={"Authorization": "Bearer x"}):
        people.refresh()
        people.find(2)
    assert users.tokens == [None, None]


def test_a_service_that_runs_alone_asks_nobody(app):
    with app.app_context():
        people = People("")
        people.refresh()
        assert people.find(7).nickname == people.nickname(7) == "User 7"
