"""A secrets store that is sealed, dead, or not there."""

import os
import signal
import time

from daemons import wait_for
from platforms import Platform
from stores import (
    LEASE_SECONDS,
    SEALED,
    StorePlatform,
    instance,
    is_open,
    sealed,
    sealed_until,
)

from mfplatform.secrets_store import store

pytest_plugins = ["store_fixtures"]


def test_a_sealed_store_stops_nothing_that_runs(chat: StorePlatform) -> None:
    with chat.being_asked() as answers, sealed(chat):
        wait_for(lambda: SEALED in chat.done("mfstatus"))
        assert "the secrets store is sealed" in chat.done("mfsecrets", "status")
        # Early, and until when.
        assert sealed_until(chat) > time.time()
        for command in (["mfrun", "echo"], ["mfup"]):
            refused = chat.mf(*command)
            assert refused.returncode == 1
            assert SEALED in refused.stderr.splitlines()[-1]
            assert "Traceback" not in refused.stderr
        assert len(answers) > 0
    assert set(answers) == {200}
    wait_for(lambda: "sealed" not in chat.done("mfstatus"))
    assert len(chat.working_instances()) == 1


def test_when_a_lease_ended_the_instance_is_replaced(chat: StorePlatform) -> None:
    name = instance(chat)
    with chat.being_asked() as answers:
        wait_for(lambda: len(answers) > 20)
        with sealed(chat):
            ends = wait_for(lambda: sealed_until(chat), 2 * LEASE_SECONDS)
            wait_for(lambda: time.time() > ends, 2 * LEASE_SECONDS)
    assert set(answers) == {200}
    assert instance(chat) != name


def test_the_wrong_key_opens_nothing(chat: StorePlatform) -> None:
    key = store.key_file(chat.state)
    aside = key.rename(chat.home / "key.aside")
    try:
        chat.done("mfsecrets", "seal")
        wrong = {"nothing": "", "too short": "AAAA", "another": "A" * 43 + "="}
        for text in wrong.values():
            refused = chat.with_input(text, "mfsecrets", "unseal")
            assert refused.returncode == 1
            assert len(refused.stderr.splitlines()) == 1, refused.stderr
        assert "does not open the secrets store" in refused.stderr
        right = chat.with_input(aside.read_text(), "mfsecrets", "unseal")
        assert right.returncode == 0, right.stderr
        # The platform keeps it, as it was told.
        assert key.read_text() == aside.read_text()
    finally:
        aside.unlink()
    assert chat.get("/api/echo")[0] == 200


def test_a_store_that_died_is_open_again(chat: StorePlatform) -> None:
    died = chat.pid("openbao")
    with chat.being_asked() as answers:
        os.kill(died, signal.SIGKILL)
        wait_for(lambda: chat.pid("openbao") not in (0, died) and is_open(chat))
        chat.done("mfrun", "echo")
        chat.have_one_instance()
    assert set(answers) == {200}


def test_a_store_that_cannot_be_entered_is_not_made_anew(chat: StorePlatform) -> None:
    login = store.login_file(chat.state)
    aside = login.rename(chat.home / "login.aside")
    try:
        refused = chat.mf("mfup")
        assert refused.returncode == 1
        assert "platform.env is missing" in refused.stderr.splitlines()[-1]
    finally:
        aside.rename(login)
    chat.done("mfup")
    assert chat.get("/api/echo")[0] == 200


def test_without_a_store_there_is_nothing_to_open(fresh: Platform) -> None:
    refused = fresh.mf("mfup", "--secrets", "vault")
    assert refused.returncode == 2
    assert "MF_SECRETS takes files or openbao, not 'vault'" in refused.stderr
    assert not (fresh.home / "settings.env").exists()
    fresh.done("mfup", "--empty")
    assert "MF_SECRETS" not in fresh.settings
    assert "files of mode 0600" in fresh.done("mfsecrets", "status")
    refused = fresh.mf("mfsecrets", "unseal")
    assert refused.returncode == 1
    assert "has no secrets store" in refused.stderr
