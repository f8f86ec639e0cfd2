"""deploy.sh says what is not right before it makes anything."""

import shutil
import subprocess

import pytest
from template import LAMBDA, read

GIVEN = ["Secret=chat", "Subnets=subnet-1,subnet-2", "SecurityGroups=sg-1"]


def deploy(*arguments, path="/usr/bin:/bin", **environ):
    return subprocess.run(
        ["/bin/bash", LAMBDA / "deploy.sh", *arguments],
        env={"PATH": path} | environ,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "the stack's name comes first"),
        (GIVEN, "the stack's name comes first"),
        (["chat"], "Secret is not given"),
        (["chat", *GIVEN[:2]], "SecurityGroups is not given"),
        (["chat", *GIVEN, "Subnets="], "Subnets is empty"),
        (["chat", *GIVEN, "Colour=red"], "there is no parameter 'Colour'"),
    ],
)
def test_a_wrong_call_is_said_in_one_sentence(arguments, sentence):
    done = deploy(*arguments)
    first, usage = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in first
    assert usage.startswith("Usage: deploy.sh STACK")


def test_without_aws_command_line_nothing_is_made(tmp_path):
    for name in ("dirname", "bash"):
        (tmp_path / name).symlink_to(shutil.which(name))
    done = deploy("chat", *GIVEN, path=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == (
        "deploy.sh: sam, AWS's command line for functions, is not installed\n"
    )


def test_without_an_engine_nothing_is_made(tmp_path):
    if not shutil.which("docker"):
        pytest.skip("docker is not installed")
    nobody = f"unix://{tmp_path}/nobody.sock"
    done = deploy("--images", DOCKER_HOST=nobody)
    assert done.returncode == 1
    assert done.stderr == "deploy.sh: no Docker engine answers: start it\n"


def test_the_parameters_are_those_of_the_template():
    said = read()["Parameters"]
    text = (LAMBDA / "deploy.sh").read_text()
    needed = text.partition("NEEDED=(")[2].partition(")")[0].split()
    known = text.partition('KNOWN=" ${NEEDED[*]} ')[2].partition('"')[0].split()
    assert set(needed) == {name for name, one in said.items() if "Default" not in one}
    assert set(needed + known) == set(said)


def test_help_is_printed():
    assert deploy("--help").stdout.startswith("Summary: deploy MicroFlack")
