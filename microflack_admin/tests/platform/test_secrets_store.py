"""The secrets of services in a store: a real one, and a platform that has it."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from daemons import wait_for
from stores import (
    LEASE_SECONDS,
    StorePlatform,
    instance,
    logged_in,
)

from mfplatform.secrets_store import start, store, tokens
from mfplatform.secrets_store.client import StoreError
from mfplatform.secrets_store.leases import Token, newest

pytest_plugins = ["store_fixtures"]


def test_a_service_has_its_secrets_and_the_disk_has_not(chat: StorePlatform) -> None:
    name = instance(chat)
    given, written = chat.given(name), chat.on_disk(name)
    for secret in ("JWT_SECRET_KEY", "ETCD", "DATABASE_URL"):
        assert written[secret].startswith("openbao:")
        assert not given[secret].startswith("openbao:")
    # What it came in with is not for the service.
    assert not {start.STORE, start.ROLE_ID, start.SECRET_ID} & set(given)
    assert "JWT_SECRET_KEY" not in chat.state.secrets
    assert "DB_PASSWORD" not in (chat.home / "secrets" / "echo.env").read_text()
    assert chat.get("/api/echo")[0] == 200
    user = given["DATABASE_URL"].split("//")[1].split(":")[0]
    assert wait_for(lambda: chat.database_users() == {user})


def test_secrets_are_in_no_file_log_or_command_line(chat: StorePlatform) -> None:
    name = instance(chat)
    given = chat.given(name)
    password = given["DATABASE_URL"].split(":")[2].split("@")[0]
    hidden = {given["JWT_SECRET_KEY"], password}
    for path in chat.home.rglob("*"):
        told = path.is_file() and not path.is_symlink() and path.stat().st_size < 10**7
        if told and "openbao" not in path.parts:
            text = path.read_bytes()
            assert not [one for one in hidden if one.encode() in text], path
    hidden |= {chat.on_disk(name)[start.SECRET_ID]}
    hidden |= {store.key_file(chat.state).read_text()}
    for pid in chat.processes():
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
        assert not [one for one in hidden if one.encode() in line]
    logs = "".join(path.read_text() for path in chat.home.glob("logs/*.log"))
    assert not [one for one in hidden if one in logs]
    assert store.folder(chat.state).stat().st_mode & 0o777 == 0o700
    assert store.key_file(chat.state).stat().st_mode & 0o777 == 0o600


def test_a_service_reads_its_own_and_nothing_else(chat: StorePlatform) -> None:
    others = ["kv/data/keys/service", "kv/data/keys/secret", "kv/data/accounts/other"]
    others += [
        "kv/metadata/?list=true",
        "database/creds/other",
        "sys/policies/acl/root",
    ]
    with logged_in(chat) as asked:
        assert asked.read("accounts/echo")[0]["ETCD"].startswith("http://echo:")
        assert asked.read("keys/jwt")[0]["JWT_SECRET_KEY"]
        for path in others:
            with pytest.raises(StoreError) as refused:
                asked.call("GET", path)
            assert refused.value.status == 403, path
        with pytest.raises(StoreError, match="refuses POST kv/data/keys/jwt"):
            asked.call("POST", "kv/data/keys/jwt", {"data": {"JWT_SECRET_KEY": "x"}})


def test_what_an_instance_has_is_renewed_and_ends_with_it(chat: StorePlatform) -> None:
    chat.done("mfrun", "echo")
    # That of one that was stopped just now is ended a moment later.
    wait_for(lambda: len(_newest(chat)) == 2)
    first = _newest(chat)
    wait_for(lambda: _later(chat, first), 3 * LEASE_SECONDS)
    users = chat.database_users()
    assert len(users) == 2
    *gone, _stays = chat.working_instances()
    chat.done("mfkill", gone[0])
    wait_for(lambda: len(chat.database_users()) == 1)
    assert gone[0] not in chat.asked().names(tokens.ROLES)
    assert chat.database_users() < users


def _newest(chat: StorePlatform) -> dict[str, Token]:
    return newest(tokens.of_instances(chat.asked()))


def _later(chat: StorePlatform, first: dict[str, Token]) -> bool:
    now = _newest(chat)
    return all(now[name].ends > one.ends for name, one in first.items())


def test_one_that_is_started_again_has_another_user(chat: StorePlatform) -> None:
    name = instance(chat)
    before = chat.database_users()
    os.kill(chat.pid(name), signal.SIGKILL)
    wait_for(lambda: before.isdisjoint(chat.database_users()))
    assert wait_for(chat.working_instances) == [name]
    assert len(chat.database_users()) == 1


def test_the_key_of_tokens_is_replaced(chat: StorePlatform) -> None:
    before, users = chat.given(instance(chat)), chat.database_users()
    with chat.being_asked() as answers:
        chat.done("mfsecrets", "rotate")
    assert set(answers) == {200}
    after = chat.given(instance(chat))
    assert after["JWT_SECRET_KEY"] != before["JWT_SECRET_KEY"]
    assert after["JWT_SECRET_KEY_BEFORE"] == before["JWT_SECRET_KEY"]
    assert "JWT_SECRET_KEY" in chat.done("mfsecrets", "list")
    assert users.isdisjoint(wait_for(chat.database_users))
    chat.done("mfsecrets", "retire", "--now")
    assert chat.given(instance(chat))["JWT_SECRET_KEY_BEFORE"] == ""


def test_a_secret_that_no_checkout_before_knew_is_made_once(
    chat: StorePlatform,
) -> None:
    chat.asked().write("keys/web-push", {})
    made = set()
    for _ in range(2):
        chat.done("mfup")
        made.add(chat.asked().read("keys/web-push")[0]["WEB_PUSH_KEY"])
    assert [len(key) for key in made] == [64]


def test_what_the_store_does_not_have_is_said(chat: StorePlatform) -> None:
    own = chat.on_disk(instance(chat))
    gone = own | {"JWT_SECRET_KEY": "openbao:kv/data/keys/jwt?version=99#{X}"}
    with pytest.raises(start.StartError, match="gives no kv/data/keys/jwt"):
        start.complete(gone)
    with pytest.raises(start.StartError, match="invalid role or secret ID"):
        start.complete(own | {start.SECRET_ID: "other"})
    with pytest.raises(start.StartError, match="does not answer"):
        start.complete(own | {start.STORE: "127.0.0.1:1"})


def test_it_comes_back_after_mfdown(chat: StorePlatform) -> None:
    name = instance(chat)
    chat.done("mfdown")
    assert chat.processes() == []
    chat.done("mfup")
    assert chat.working_instances() == [name]
    assert chat.get("/api/echo")[0] == 200


def test_triggers_outlast_the_user_that_made_them(chat: StorePlatform) -> None:
    first = instance(chat)
    user = chat.given(first)["DATABASE_URL"].split("//")[1].split(":")[0]
    chat.sql("CREATE TABLE echo.said (n INT); CREATE TABLE echo.count (n INT)")
    count = "BEGIN UPDATE count SET n = n + 1; INSERT INTO count VALUES (1); END"
    trigger = f"TRIGGER echo.counts AFTER INSERT ON echo.said FOR EACH ROW {count}"
    chat.sql(f"DELIMITER //\nCREATE DEFINER = '{user}'@'%' {trigger}//")
    try:
        # Its migrations are done when an instance is ready.
        chat.done("mfrun", "echo")
        chat.done("mfkill", first)
        wait_for(lambda: user not in chat.database_users())
        chat.sql("INSERT INTO echo.said VALUES (1)")
        assert chat.sql("SELECT COUNT(*) FROM echo.count") == ["1"]
        assert "echo" not in chat.database_users()
    finally:
        chat.sql("DROP TABLE echo.said; DROP TABLE echo.count")


def test_secrets_are_moved_back_and_an_interrupted_move_is_completed(
    chat: StorePlatform,
) -> None:
    before = chat.given(instance(chat))
    with chat.being_asked() as answers:
        chat.done("mfup", "--secrets", "files")
        after = chat.given(instance(chat))
        assert after["JWT_SECRET_KEY"] == before["JWT_SECRET_KEY"]
        assert chat.on_disk(instance(chat))["JWT_SECRET_KEY"] == after["JWT_SECRET_KEY"]
        assert not store.folder(chat.state).exists()
        assert "openbao" not in {part["name"] for part in chat.status()["parts"]}
        assert chat.database_users() == {"echo"}
        # There and back again, killed at every step on the way.
        folder = store.folder(chat.state)
        interrupt(chat, "openbao", store.key_file(chat.state).exists)
        interrupt(chat, "openbao", lambda: store.holds_secrets(chat.state))
        chat.done("mfup", "--secrets", "openbao")
        assert chat.database_users().isdisjoint({"echo"})
        interrupt(chat, "files", lambda: not store.holds_secrets(chat.state))
        chat.done("mfup")
        assert not folder.exists()
    assert set(answers) == {200}
    assert chat.given(instance(chat))["JWT_SECRET_KEY"] == before["JWT_SECRET_KEY"]


def interrupt(chat: StorePlatform, where: str, moment: Callable[[], bool]) -> None:
    """Kill mfup, and all that it has called, when a moment has come."""
    program = chat.folder / "microflack_admin" / "bin" / "mfup"
    with subprocess.Popen(
        [program, "--secrets", where],
        env=chat.environment(MF_SECRETS_LEASE=str(LEASE_SECONDS)),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as called:
        wait_for(moment, 120)
        os.killpg(called.pid, signal.SIGKILL)
