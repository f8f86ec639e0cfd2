"""mfuser: people are looked after from a shell, without a password."""

import json
import time

import pytest
import requests


@pytest.fixture
def mfuser(platform):
    """Return a function that calls mfuser and returns what it did."""
    return lambda *words, check=True: platform.run("mfuser", *words, check=check)


@pytest.fixture
def account(mfuser):
    """Return a function that returns what mfuser knows of somebody."""

    def account(nickname):
        users = json.loads(mfuser("list", "--json").stdout)
        return next(user for user in users if user["nickname"] == nickname)

    return account


def wait_for_status(person, status):
    """Wait until the token of a person is answered so."""
    deadline = time.monotonic() + 30
    while person.send("GET", "/api/tokens", check=False).status_code != status:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_people_are_listed_and_made_administrators(person, mfuser, account):
    ada = person("ada")
    assert ada.nickname in mfuser("list").stdout
    assert not account(ada.nickname)["admin"]
    mfuser("admin", ada.nickname.upper())
    assert account(ada.nickname)["admin"]
    invitations = ada.send("GET", "/api/users/invitations").json()
    assert invitations.keys() == {"invitations"}
    bob = person("bob")
    mfuser("admin", bob.nickname)
    mfuser("admin", ada.nickname, "--remove")
    mfuser("admin", ada.nickname, "--remove")
    assert not account(ada.nickname)["admin"]


def test_an_invitation_is_a_link_to_register_with(platform, mfuser):
    link = mfuser("invite").stdout.strip()
    assert link.startswith(f"{platform.url}/#invitation=")
    told = json.loads(mfuser("invite", "--uses", "2", "--days", "1", "--json").stdout)
    assert told["uses_left"] == 2
    assert told["expires_at"] - time.time() < 86400 + 60
    body = {"nickname": f"by link {time.time_ns()}", "password": "a password: 1"}
    body["invitation"] = link.partition("=")[2]
    url = f"{platform.url}/api/users"
    assert requests.post(url, json=body, timeout=30).status_code == 201


def test_a_deactivated_person_is_out_until_reinstated(person, mfuser):
    ada = person("ada")
    mfuser("deactivate", ada.nickname)
    wait_for_status(ada, 401)
    pair = ada.nickname.encode(), ada.password.encode()
    answer = requests.post(f"{ada.url}/api/tokens", auth=pair, timeout=30)
    assert answer.status_code == 401
    mfuser("reinstate", ada.nickname)
    assert ada.sign_in()


def test_a_forgotten_password_is_replaced_by_a_link(platform, person, mfuser):
    ada = person("ada")
    link = mfuser("reset", ada.nickname).stdout.strip()
    assert link.startswith(f"{platform.url}/reset#")
    body = {"code": link.partition("#")[2], "password": "another password: 2"}
    ada.send("POST", "/api/users/reset", json=body)
    ada.password = body["password"]
    assert ada.sign_in()


def test_nobody_is_called_so(mfuser):
    for verb in ("admin", "deactivate", "reinstate", "reset", "signout"):
        result = mfuser(verb, "nobody at all", check=False)
        assert result.returncode == 1
        assert "nobody is called 'nobody at all'" in result.stderr


@pytest.mark.parametrize(
    "words",
    [(), ("everything",), ("admin",), ("admin", ""), ("admin", "a", "b"),
     ("list", "a"), ("invite", "--uses"), ("invite", "--uses", "0"),
     ("invite", "--uses", "many"), ("invite", "--days", "366"), ("list", "--admin"),
     ("reset", "a", "--remove"), ("list", "--all")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(mfuser, words):
    result = mfuser(*words, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Usage: mfuser" in result.stderr
