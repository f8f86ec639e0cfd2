"""The version of all lists changes with every change of a user, in its transaction."""

import threading
import time
from functools import partial

import pytest
from sqlalchemy import select, text, update

from microflack_users import presence
from microflack_users.models import User, UsersVersion, db

CHANGES = [
    "UPDATE users SET password_hash = 'x' WHERE id = 2",
    "DELETE FROM users WHERE id = 2",
    "INSERT INTO users (created_at, updated_at, last_seen_at, nickname, nickname_key,"
    " password_hash, online) VALUES (1, 1, 1, 'c', 'c', 'x', FALSE)",
]


@pytest.fixture
def users(app):
    """Store two users."""
    with app.app_context():
        db.session.add_all([User("a", "x"), User("b", "x")])
        db.session.commit()


def version(app):
    with app.app_context():
        return db.session.scalar(select(UsersVersion.version))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.usefixtures("users")
def test_it_is_another_one_after_every_change_of_a_row(app, change):
    versions = [version(app)]
    with app.app_context():
        db.session.execute(text(change))
        assert db.session.scalar(select(UsersVersion.version)) != versions[0]
        db.session.rollback()
    assert version(app) == versions[0]
    with app.app_context():
        db.session.execute(text(change))
        db.session.commit()
    versions += [version(app)]
    assert len(set(versions)) == 2


@pytest.mark.usefixtures("users")
def test_those_who_change_several_users_wait_for_none_who_waits_for_them(app):
    if "sqlite" in app.config["SQLALCHEMY_DATABASE_URI"]:
        pytest.skip("SQLite locks the whole database")
    problems = []

    def in_thread(function):
        def run():
            with app.app_context():
                try:
                    function()
                except Exception as error:
                    problems.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def see_all(moment):
        presence.write_activity({1: moment, 2: moment})

    def touch(user_id, moment):
        this = update(User).where(User.id == user_id)
        db.session.execute(this.values(updated_at=moment))
        db.session.commit()

    now = int(time.time())
    for moment in range(now, now + 100):
        threads = [
            in_thread(partial(see_all, moment)),
            in_thread(partial(touch, 1, moment)),
            in_thread(partial(touch, 2, moment)),
            in_thread(presence.mark_idle_offline),
        ]
        for thread in threads:
            thread.join()
    assert problems == []
