"""The part "attacks": is everybody else answered while a stranger attacks?"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from mftools.bench import users
from mftools.bench.attackers import ATTACKS
from mftools.bench.bench import Bench, say
from mftools.bench.figures import at_least
from mftools.bench.http_client import Address, Answer, Client, request
from mftools.bench.report import Row, single
from mftools.bench.users import MESSAGES, SOCKETS, TOKENS, USERS

# Where attacks come from, and where everybody else does not.
ATTACKER = "127.0.0.66"
# What is asked for meanwhile, one every so often, and how soon it is to be answered.
PROBE_SECONDS = 0.1
IN_TIME_SECONDS = 1.0
ANSWERED_SHARE = 0.99
# During these whoever signs in may be told to come back later.
REFUSED_SIGN_INS = {"many-guessers"}
# Texts that make lists long: some megabytes of HTML.
LARGE_TEXTS = 90
LARGE_TEXT = "*a* " * 4000


@contextmanager
def attacking(name: str, address: Address) -> Iterator[None]:
    """Have a process attack while the block runs."""
    command = [sys.executable, "-m", "mftools.bench.attackers", name]
    environment = os.environ | {"PYTHONPATH": os.environ["MF_ADMIN"]}
    process = subprocess.Popen(
        [*command, address.host, str(address.port), ATTACKER], env=environment
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def probes(token: str, attack: str) -> list[bytes]:
    """Return what somebody does who uses the chat during an attack."""
    bearer = f"Bearer {token}"
    return [
        request("GET", f"{MESSAGES}?limit=20"),
        request("GET", f"{USERS}?limit=20"),
        request("GET", "/"),
        request("GET", TOKENS, authorization=bearer),
        request("POST", MESSAGES, {"source": "still there"}, bearer),
        request("GET", f"{SOCKETS}/?EIO=4&transport=polling"),
        *([] if attack in REFUSED_SIGN_INS else [users.login(0)]),
    ]


async def answered(address: Address, asked: Sequence[bytes], seconds: float) -> float:
    """Ask for these in turn; return the share that is answered in time."""
    waiting: list[asyncio.Task[Answer]] = []
    client = Client(address, connections=64, keep=False)
    begin = time.monotonic()
    while time.monotonic() < begin + seconds or len(waiting) < len(asked):
        message = asked[len(waiting) % len(asked)]
        waiting.append(asyncio.create_task(client.send(message)))
        await asyncio.sleep(PROBE_SECONDS)
    answers = await asyncio.gather(*waiting)
    client.close()
    good = [one for one in answers if one.is_success and one.seconds < IN_TIME_SECONDS]
    return len(good) / len(answers)


async def _prepare(address: Address) -> str:
    """Have people, and messages that are long to list; return somebody's token."""
    client = Client(address)
    first, second = await users.tokens(client, 2)
    text = {"source": LARGE_TEXT}
    large = request("POST", MESSAGES, text, f"Bearer {second}")
    for _ in range(LARGE_TEXTS):
        await client.send_checked(large)
    client.close()
    return first


def attacks(bench: Bench) -> None:
    """Measure what everybody notices of each attack, on a platform that has limits."""
    bench.bed.have_limits("on")
    try:
        address = bench.bed.address
        token = asyncio.run(_prepare(address))
        seconds = bench.seconds * bench.rounds
        for name in ATTACKS:
            say(f"  {name}")
            with attacking(name, address):
                asked = probes(token, name)
                share = asyncio.run(answered(address, asked, seconds))
            bench.add(
                Row(
                    "attacks",
                    f"others answered within a second during {name}",
                    single(share),
                    goal=at_least(ANSWERED_SHARE),
                )
            )
    finally:
        bench.bed.have_limits("off")
