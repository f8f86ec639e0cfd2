"""Others are answered while a stranger attacks: real HAProxy, and two services."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from backend import Backend
from balancer import ADMIN, Balancer
from daemons import wait_for

from mftools.bench.attackers import ATTACKS

Maker = Callable[..., Backend]
ATTACKER, SOMEBODY = "127.0.0.66", "127.0.0.3"
# How its entries begin; those who guess have an address for each guess.
ATTACKING = (f"::ffff:{ATTACKER} ", "::ffff:127.66.")


@pytest.mark.parametrize("name", ATTACKS)
def test_others_are_answered_during(
    limited: Balancer, backend: Maker, name: str
) -> None:
    chat, sockets = backend("chat-1"), backend("io-1")
    limited.register("chat", "/", chat)
    limited.register("socketio", "/socket.io", sockets, balance="source")
    chat.answers["/api/messages?limit=500"] = (200, "x" * 250_000)
    chat.answers["/api/tokens"] = (401, "{}")
    command = [sys.executable, "-m", "mftools.bench.attackers", name, "127.0.0.1"]
    process = subprocess.Popen(
        [*command, str(limited.port), ATTACKER],
        env=os.environ | {"PYTHONPATH": str(ADMIN)},
    )
    try:
        wait_for(lambda: any(one in table(limited) for one in ATTACKING))
        for _ in range(20):
            for path in ("/x", "/socket.io/x"):
                assert limited.get_as(SOMEBODY, path).status_code == 200
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def table(balancer: Balancer) -> str:
    return balancer.ask_haproxy("show table _addresses")
