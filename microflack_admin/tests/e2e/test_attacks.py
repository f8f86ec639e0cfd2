"""Others are answered while a stranger attacks: a whole MicroFlack with limits."""

import os
import subprocess
import sys
import time

import pytest
import requests
from chat import ADMIN, Person

from mftools.bench.attackers import ATTACKS
from mftools.bench.attacks import REFUSED_SIGN_INS

ATTACKER = "127.0.0.66"
# An attack has to be under way when it is looked at.
WARM_UP_SECONDS = 1.0
# On a busy machine everybody waits for a processor. What an attack holds, it holds for
# longer than this.
PATIENCE_SECONDS = 20


@pytest.fixture(scope="module")
def limited(platform):
    """Return the platform, which refuses what is too much."""
    platform.environ["MF_LIMITS"] = "on"
    platform.run("mfup")
    yield platform
    platform.environ["MF_LIMITS"] = "off"
    platform.run("mfup")


@pytest.fixture(scope="module")
def eve(limited):
    """Return somebody who has written long texts."""
    person = Person(limited.url, f"eve {os.urandom(3).hex()}")
    for _ in range(60):
        person.send("POST", "/api/messages", json={"source": "*a* " * 3000})
    return person


@pytest.mark.parametrize("name", ATTACKS)
def test_others_are_answered_during(limited, eve, name):
    host, port = limited.url.removeprefix("http://").split(":")
    allowed = {200, 429} if name in REFUSED_SIGN_INS else {200}
    command = [sys.executable, "-m", "mftools.bench.attackers", name, host, port]
    environment = os.environ | {"PYTHONPATH": str(ADMIN)}
    process = subprocess.Popen([*command, ATTACKER], env=environment)
    try:
        time.sleep(WARM_UP_SECONDS)
        for path in (
            *("/", "/api/messages?limit=10", "/api/users?limit=10", "/api/tokens"),
            "/socket.io/?EIO=4&transport=polling",
        ):
            answer = eve.session.get(limited.url + path, timeout=PATIENCE_SECONDS)
            assert answer.status_code == 200, f"{path}: {answer.text[:200]}"
        login = (eve.nickname, eve.password)
        url = f"{limited.url}/api/tokens"
        sign_in = requests.post(url, auth=login, timeout=PATIENCE_SECONDS)
        assert sign_in.status_code in allowed, sign_in.text
        assert sign_in.status_code == 200 or int(sign_in.headers["Retry-After"]) > 0
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def test_guesses_are_refused(limited, eve):
    login = (eve.nickname, "a wrong one")
    url = f"{limited.url}/api/tokens"
    answers = [requests.post(url, auth=login, timeout=60) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    right = requests.post(url, auth=(eve.nickname, eve.password), timeout=60)
    assert right.status_code == 429
