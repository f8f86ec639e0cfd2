"""Every service does what its document says, whatever it is asked.

Schemathesis reads the document and makes up requests: right ones, wrong ones, and
sequences of them. Nothing may fail with 5xx, and nothing may differ from the document.
`mftest fuzz -- --examples 50` tries more than 10,000 cases, as everybody.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
APIS = ["users", "tokens", "messages"]
COUNT = re.compile(r"(\d+) generated")


@pytest.fixture
def schemathesis(platform, request, tried, tmp_path):
    """Return a function that tries a document; it says how many cases there were."""

    def run(name, document, url, caller="nobody"):
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file"),
            *(HERE / "schemathesis.toml", "run", document, "--url", url),
            *("--max-examples", str(request.config.getoption("examples"))),
            *("--seed", str(request.config.getoption("seed")), "--no-color"),
        ]
        own = {
            "SCHEMATHESIS_HOOKS": "callers",
            "FUZZ_URL": platform.url,
            "FUZZ_AS": caller,
            "PYTHONPATH": str(HERE),
        }
        done = subprocess.run(
            command,
            # It keeps what it has learned where it runs.
            cwd=tmp_path,
            env=platform.environ | own,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        cases = int(COUNT.search(done.stdout)[1])
        tried[f"{name} as {caller}"] = cases
        return cases

    return run


@pytest.mark.parametrize("service", APIS)
def test_an_api_does_what_its_document_says(platform, schemathesis, service, caller):
    url = f"{platform.url}/api/{service}/openapi.json"
    assert schemathesis(service, url, platform.url, caller) >= 50


@pytest.mark.parametrize("service", ["ui", "socketio"])
def test_what_is_no_api_does_what_is_written_here(platform, schemathesis, service):
    assert schemathesis(service, HERE / f"{service}.json", platform.url) >= 40


@pytest.mark.parametrize("service", [*APIS, "ui", "socketio"])
def test_what_an_instance_tells_of_itself(schemathesis, address_of, service):
    name, document = f"an instance of {service}", HERE / "instance.json"
    assert schemathesis(name, document, address_of(service)) >= 9
