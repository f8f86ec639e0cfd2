"""The part "search": how long one waits for what is found among many messages."""

import asyncio
import time
from urllib.parse import quote

from mfplatform.state import database
from mfplatform.state.home import Home, PlatformError
from mftools.bench import chat_texts, http_client
from mftools.bench.api_load import getting
from mftools.bench.bench import Bench, say
from mftools.bench.figures import Goal, below, quantile
from mftools.bench.http_client import Client
from mftools.bench.load import Load
from mftools.bench.report import Row, single
from mftools.bench.users import MESSAGES

STORED = 1_000_000
AUTHORS = 50
# Of one statement: a few megabytes.
CHUNK = 10_000
FILL_TIMEOUT_SECONDS = 120
# A service indexes beside its requests, and takes its time.
INDEX_TIMEOUT_SECONDS = 3 * 3600.0
LOOK_SECONDS = 5.0
# What is not indexed yet is looked at as well, if it is not more than this.
UNINDEXED = 2_000
SEARCH = f"{MESSAGES}/search"
INSERT = """
USE `{schema}`;
INSERT INTO messages (created_at, updated_at, revision, source, html, user_id, room_id,
    `change`)
VALUES {rows};
UPDATE rooms SET last_change = {last} WHERE id = 1;
"""
LAST = "SELECT last_change FROM `{schema}`.rooms WHERE id = 1;"
MARK = "needle"


def search(bench: Bench) -> None:
    """Fill the table, wait until it is indexed, and look for all kinds of words."""
    name = bench.bed.service_at(MESSAGES)
    if name is None:
        raise PlatformError(f"nothing is routed at {MESSAGES}")
    say(f"  storing {STORED} messages")
    _fill(bench.bed.home, name)
    took = asyncio.run(_wait(bench))
    bench.add(
        Row(
            "search",
            f"until {STORED} messages are indexed",
            single(took),
            "s",
            note="beside other work",
        )
    )
    asyncio.run(_search(bench))


def _fill(home: Home, schema: str) -> None:
    made = chat_texts.texts()
    counted = database.execute(home, LAST.format(schema=schema))
    begin = int(counted.split()[-1]) + 1
    for first in range(begin, begin + STORED, CHUNK):
        numbers = range(first, first + CHUNK)
        marked = begin + STORED - UNINDEXED
        rows = (_row_of(n, next(made), n == marked) for n in numbers)
        text = INSERT.format(schema=schema, rows=",".join(rows), last=numbers[-1])
        database.execute(home, text, timeout_seconds=FILL_TIMEOUT_SECONDS)


def _row_of(number: int, text: str, is_marked: bool) -> str:
    now, said = int(time.time()), f"'{text} {MARK}'" if is_marked else f"'{text}'"
    author = number % AUTHORS + 1
    return f"({now},{now},MD5({number}),{said},{said},{author},1,{number})"


async def _wait(bench: Bench) -> float:
    """Wait until a message is found that is indexed among the last ones."""
    client = Client(bench.bed.address)
    began = time.monotonic()
    while time.monotonic() - began < INDEX_TIMEOUT_SECONDS:
        answer = await client.send_checked(_looking_for(MARK))
        if answer["messages"]:
            client.close()
            return time.monotonic() - began
        await asyncio.sleep(LOOK_SECONDS)
    raise PlatformError("the messages are not indexed after hours")


def queries() -> dict[str, str]:
    """Return what is looked for, by what it stands for."""
    words = chat_texts.vocabulary()
    common, seldom, rare = words[3], words[500], words[-3]
    signs = "".join(chat_texts.HAN[10:12])
    return {
        "a common word": f"q={common}",
        "a rare word": f"q={rare}",
        "no such word": "q=xylophone",
        "two common words": f"q={words[5]}+{common}",
        "a common and a rare word": f"q={common}+{rare}",
        "three words": f"q={common}+{seldom}+{words[40]}",
        "one letter": f"q={common[0]}",
        "three letters": f"q={seldom[:3]}",
        "one letter and a rare word": f"q={common[0]}+{rare}",
        "of one author": f"q={seldom}&author=7",
        "in one room": f"q={seldom}+{common}&room=1",
        "one Chinese character": f"q={quote(signs[0])}",
        "two Chinese characters": f"q={quote(signs)}",
        "a later page": f"q={common}&before_id={STORED // 2}",
    }


async def _search(bench: Bench) -> None:
    every: list[float] = []
    for name, query in queries().items():
        load = Load(bench.bed.address, getting(f"{SEARCH}?{query}"))
        sample = await load.run(bench.seconds, connections=1)
        every += sample.latencies
        bench.add(_waits(f"{name}: 95 of 100 wait less than", sample.latencies))
    bench.add(_waits("all of these: 95 of 100 wait less than", every, below(100)))


def _waits(name: str, latencies: list[float], goal: Goal | None = None) -> Row:
    return Row("search", name, single(1000 * quantile(latencies, 0.95)), "ms", goal)


def _looking_for(word: str) -> bytes:
    return http_client.request("GET", f"{SEARCH}?q={word}")
