"""The key of tokens is replaced while the services go on, and nobody is signed out."""

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from platforms import Platform

from mfplatform.commands import prepare
from mfplatform.state import access
from mfplatform.state.home import Home, write_env
from mfplatform.state.token_keys import KEY, SECOND, TokenKeys, key_id

pytest_plugins = ["platform_fixtures"]

KEYS = TokenKeys("old", "", None)


def test_a_new_key_is_known_everywhere_before_it_signs() -> None:
    coming = KEYS.with_new()
    assert coming.key == "old" and len(coming.second) == 64
    assert coming.is_coming and not coming.is_over(now=10**10)
    assert not coming.is_given_to({KEY: "old", SECOND: ""})
    used = coming.changed_over(now=1000)
    assert (used.key, used.second) == (coming.second, "old")
    assert not used.is_over(now=1000 + 3600) and used.is_over(now=1000 + 3660)
    assert used.is_given_to({KEY: used.key, SECOND: "old"})
    assert used.without_second() == dataclasses.replace(KEYS, key=used.key)


def test_without_a_second_key_there_is_nothing_to_wait_for() -> None:
    assert KEYS.is_over(now=0) and not KEYS.is_coming
    assert KEYS.is_given_to({})


DECLARED = {
    "nothing": ({"NEEDS_JWT_KEY": "no"}, set()),
    "tokens": ({"NEEDS_JWT_KEY": "yes"}, {KEY, SECOND}),
    "services": ({"NEEDS_JWT_KEY": "no", "NEEDS_SERVICE_KEY": "yes"}, {"SERVICE_KEY"}),
    "web push": (
        {"NEEDS_JWT_KEY": "no", "NEEDS_WEB_PUSH_KEY": "yes"},
        {"WEB_PUSH_KEY"},
    ),
    "before that could be said": ({}, {KEY, "SECRET_KEY"}),
}


@pytest.mark.parametrize(("declared", "names"), DECLARED.values(), ids=DECLARED)
def test_a_service_gets_the_secrets_that_it_declares(
    tmp_path_factory: pytest.TempPathFactory, declared: dict[str, str], names: set[str]
) -> None:
    home = Home(tmp_path_factory.mktemp("home"))
    secrets = {name: f"the {name}" for name in prepare.SECRETS}
    write_env(home.secrets_file, secrets | {"STATS_PASSWORD": "x"})
    given = access.secrets_of(home, declared)
    assert set(given) == names
    assert given == {name: secrets.get(name, "") for name in names}


@pytest.fixture
def chat(fresh: Platform) -> Iterator[Platform]:
    """Return a platform whose service says that it needs the key."""
    with open(fresh.folder / "microflack_echo" / "service.env", "a") as declared:
        declared.write("NEEDS_JWT_KEY=yes\n")
    fresh.done("mfup")
    yield fresh


def environment(platform: Platform) -> dict[str, str]:
    """Return the environment of the one instance that there is."""
    (file,) = platform.home.glob("instances/*/env")
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def test_the_key_is_replaced_without_losing_a_request(chat: Platform) -> None:
    home, before = Home(chat.home), environment(chat)
    assert before[SECOND] == ""
    done: list[bool] = []

    def ask() -> set[int]:
        answers = set()
        while not done:
            answers.add(chat.get("/api/echo")[0])
        return answers

    with ThreadPoolExecutor() as pool:
        asking = pool.submit(ask)
        told = chat.mf("mfsecrets", "rotate")
        done.append(True)
        assert told.returncode == 0, told.stderr
        assert asking.result() == {200}
    after = environment(chat)
    assert after[SECOND] == before[KEY] and after[KEY] != before[KEY]
    # Twice: the first knew both, the second signs with the new one.
    assert chat.working_instances() == ["echo-3"]
    listed = chat.done("mfsecrets", "list")
    assert key_id(after[KEY]) in listed and key_id(before[KEY]) in listed
    assert not any(
        value in listed for value in home.secrets.values() if len(value) > 20
    )

    for arguments in (["rotate"], ["retire"]):
        refused = chat.mf("mfsecrets", *arguments)
        assert refused.returncode == 1
        assert "mfsecrets retire" in refused.stderr
    told = chat.mf("mfsecrets", "retire", "--now")
    assert told.returncode == 0, told.stderr
    assert environment(chat)[SECOND] == ""
    assert environment(chat)[KEY] == after[KEY]

    # As if it had been interrupted when the new key had just been made.
    coming = TokenKeys.of(home).with_new()
    coming.write(home)
    told = chat.mf("mfsecrets", "rotate")
    assert told.returncode == 0, told.stderr
    assert environment(chat)[KEY] == coming.second
    assert '"message":"mfsecrets rotate"' in chat.done("mflogs", "--raw", "audit")
