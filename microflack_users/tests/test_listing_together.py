"""Lists that many ask for at the same time."""

from concurrent.futures import ThreadPoolExecutor

from conftest import stop

from microflack_common.testing import FakeRegistry
from microflack_users.app import create_app
from microflack_users.config import Config

CLIENTS = 4
ROUNDS = 5


def test_who_has_registered_is_listed_by_any_instance(app, settings):
    another = create_app(Config(settings), FakeRegistry())

    def register_and_list(number):
        here, there = (app, another) if number % 2 else (another, app)
        me = {"nickname": f"user{number}", "password": "a secret: 1"}
        assert here.test_client().post("/api/users", json=me).status_code == 201
        listed = there.test_client().get("/api/users").json["users"]
        return {user["nickname"] for user in listed}

    try:
        with ThreadPoolExecutor(CLIENTS) as pool:
            lists = list(pool.map(register_and_list, range(CLIENTS * ROUNDS)))
    finally:
        stop(another)
    for number, nicknames in enumerate(lists):
        assert f"user{number}" in nicknames
