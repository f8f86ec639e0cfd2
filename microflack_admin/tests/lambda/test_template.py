"""The template is what AWS's own tools take, and names nothing that is not there."""

import os
import subprocess

import pytest
from functions import environments
from template import LAMBDA, TEMPLATE, functions, read, resolve


def tool(name):
    """Return a tool of AWS, which mftest has installed."""
    found = environments() / "lambda" / "bin" / name
    if not found.exists():
        pytest.skip(f"{name} is not here: mftest lambda installs it")
    return found


def test_the_template_is_valid(tmp_path):
    own = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "eu-central-1"}
    # Beside its own checks it has cfn-lint's.
    done = subprocess.run(
        [tool("sam"), "validate", "--lint", "--template", TEMPLATE],
        cwd=tmp_path,
        env=os.environ | own | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_secret_and_parameter_is_one_that_the_template_names():
    said = read()["Parameters"]
    names = said["Secret"]["Description"].replace(",", " ").replace(".", " ").split()
    secret = {name: name for name in names if name.isupper()}
    for settings in functions().values():
        found = resolve(settings, secret, dict.fromkeys(said, "yes"), "https://chat")
        assert not any("{{" in value for value in found.values())


def test_functions_have_the_settings_that_the_handler_asks_for():
    text = (LAMBDA / "handler.py").read_text()
    scope = {}
    exec(text[text.index("NEEDED = ") : text.index("NOT_SET_UP")], scope)
    assert set(scope["NEEDED"]) == set(functions())
    for service, needed in scope["NEEDED"].items():
        assert set(needed) <= set(functions()[service])


def test_no_setting_holds_a_secret_in_the_template():
    for settings in functions().values():
        for name, value in settings.items():
            if name.endswith(("KEY", "URL")) or name == "ETCD":
                assert value.startswith("{{resolve:secretsmanager:"), name


@pytest.mark.parametrize(("bucket", "store"), [("", ""), ("files", "s3://files")])
def test_files_are_kept_in_a_bucket_if_there_is_one(bucket, store):
    setting = {"FILES_STORE": functions()["messages"]["FILES_STORE"]}
    assert resolve(setting, {}, {"Bucket": bucket}, "") == {"FILES_STORE": store}
