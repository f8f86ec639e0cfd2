"""Settings from the environment."""

import pytest

from microflack_common.config import ConfigError, Environment, Instance, version


def test_all_problems_are_named_at_once():
    env = Environment({"PORT": "many", "LB": "nowhere", "KEY": "short", "ON": "maybe"})
    env.text("NAME")
    env.integer("PORT")
    env.url("LB")
    env.secret("KEY")
    env.boolean("ON")
    with pytest.raises(ConfigError) as raised:
        env.check()
    for name in ("NAME", "PORT", "LB", "KEY", "ON"):
        assert name in str(raised.value)


def test_a_secret_never_stands_in_the_problem():
    env = Environment({"KEY": "hunter2"})
    env.secret("KEY")
    assert "hunter2" not in str(env.problems)


def test_good_settings_are_read_as_their_type():
    env = Environment({"N": "7", "ON": "yes", "LB": "http://lb/", "T": " a "})
    assert (env.integer("N"), env.boolean("ON")) == (7, True)
    assert (env.url("LB"), env.text("T")) == ("http://lb", "a")
    env.check()


@pytest.mark.parametrize("value", ["-1", "1.5", "²", "9" * 13, "11", "x"])
def test_a_number_out_of_range_is_a_problem(value):
    env = Environment({"N": value})
    env.integer("N", minimum=0, maximum=10)
    assert env.problems


def test_defaults_stand_in_for_what_is_missing():
    env = Environment({})
    assert (env.text("A", "b"), env.integer("N", 3), env.boolean("ON")) == (
        "b",
        3,
        False,
    )
    env.check()


def test_a_secret_is_made_up_only_when_that_is_asked_for():
    first = Environment({"EPHEMERAL_SECRETS": "yes"}).secret("KEY")
    second = Environment({"EPHEMERAL_SECRETS": "yes"}).secret("KEY")
    assert len(first) >= 32
    assert first != second


def test_a_file_completes_the_environment(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("A=file\nB=file\n")
    monkeypatch.setenv("A", "process")
    env = Environment(folder=tmp_path)
    assert (env.text("A"), env.text("B")) == ("process", "file")


def test_a_service_that_runs_alone_does_not_register():
    assert not Instance.from_environment(Environment({})).registers


def test_an_instance_is_read_from_the_environment():
    values = {
        "SERVICE_NAME": "users", "INSTANCE_NAME": "users-1",
        "SERVICE_URL": "/api/users", "SERVICE_ADDRESS": "127.0.0.1:5000",
        "ETCD": "127.0.0.1:2379",
        "LB_ALGORITHM": "source", "SERVICE_VERSION": "3",
    }  # fmt: skip
    instance = Instance.from_environment(Environment(values))
    assert instance.registers
    assert (instance.name, instance.balance, instance.version) == (
        "users-1",
        "source",
        "3",
    )


def test_an_unknown_balance_is_a_problem():
    env = Environment({"LB_ALGORITHM": "random"})
    Instance.from_environment(env)
    assert "LB_ALGORITHM" in env.problems[0]


def test_a_service_tells_the_release_that_its_folder_holds(tmp_path):
    (tmp_path / "VERSION").write_text("7\n")
    assert version(str(tmp_path / "microflack_small" / "app.py")) == "7"
