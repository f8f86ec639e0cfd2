"""The part "peers": the same load against several servers, one after the other."""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from mfplatform.state.home import PlatformError
from mftools.bench import usage
from mftools.bench.bench import Bench, say
from mftools.bench.peers.base import NEWEST, Peer, Session, sessions
from mftools.bench.peers.ejabberd import Ejabberd
from mftools.bench.peers.heard import Heard
from mftools.bench.peers.ours import Ours
from mftools.bench.peers.prosody import Prosody
from mftools.bench.peers.results import PART, Result, Work, rows
from mftools.bench.peers.synapse import Synapse

AUTHORS = 8
POSTS_PER_SECOND = 5
ROUNDS = 3
IDLE_SECONDS = 5.0
LATE_SECONDS = 30.0
POLL_SECONDS = 0.02


def peers(bench: Bench) -> None:
    """Measure one after the other; leave out what cannot be installed or started."""
    results = []
    bed = bench.bed
    for peer in (Ours(bed), Ejabberd(), Prosody(), Synapse(bed)):
        bed.down()
        say(f"  {peer.name}: {peer.setup}")
        with TemporaryDirectory(
            prefix=f"{peer.name.lower()}-", dir=bed.home.path
        ) as own:
            try:
                results.append(_measured(bench, peer, Path(own)))
            except (PlatformError, OSError, sqlite3.Error) as error:
                bench.report.skipped[f"{PART}: {peer.name}"] = str(error)
            finally:
                peer.stop()
    bed.up()
    bench.add(*rows(results))


def _measured(bench: Bench, peer: Peer, folder: Path) -> Result:
    began = time.perf_counter()
    peer.start(folder)
    return asyncio.run(_Comparison(bench, peer).run(began))


class _Comparison:
    """All that is measured of one server."""

    def __init__(self, bench: Bench, peer: Peer) -> None:
        self._bench = bench
        self._peer = peer
        self._pids: list[int] = []
        self._acknowledged: list[str] = []
        self._made = 0
        self._result = Result(peer.name, peer.setup)

    async def run(self, began: float) -> Result:
        """Measure everything; return it."""
        result, bench = self._result, self._bench
        authors = await sessions(self._peer, range(1))
        await self._post(authors[0])
        result.start_seconds = time.perf_counter() - began
        self._pids = await asyncio.to_thread(self._peer.pids)
        await asyncio.sleep(min(IDLE_SECONDS, bench.seconds))
        result.idle_mb = self._memory()
        authors += await sessions(self._peer, range(1, AUTHORS))
        for _ in range(min(ROUNDS, bench.rounds)):
            result.posts.append(await self._saturated(authors, self._post))
        await self._fill(authors[0])
        for _ in range(min(ROUNDS, bench.rounds)):
            result.lists.append(await self._saturated(authors, self._list))
        await self._live(authors)
        result.used_mb = self._memory()
        for one in authors:
            await one.close()
        await self._look_up()
        return result

    def _memory(self) -> float:
        return sum(map(usage.memory_mb, self._pids))

    async def _post(self, author: Session) -> None:
        self._made += 1
        text = f"hello *world*! this is message {self._made} of a chat"
        await author.post(text)
        self._acknowledged.append(text)

    async def _list(self, reader: Session) -> None:
        count = await reader.newest()
        if count != NEWEST:
            raise PlatformError(f"the newest {NEWEST} messages were {count}")

    async def _fill(self, author: Session) -> None:
        """Have as many messages as a list holds."""
        while len(self._acknowledged) < NEWEST:
            await self._post(author)

    async def _saturated(
        self, some: Sequence[Session], act: Callable[[Session], Awaitable[None]]
    ) -> Work:
        """Have each do the next as soon as the last was answered, for some seconds."""
        latencies: list[float] = []
        failures: list[Exception] = []
        end = time.perf_counter() + self._bench.seconds

        async def repeat(session: Session) -> None:
            while (began := time.perf_counter()) < end:
                try:
                    await act(session)
                    latencies.append(time.perf_counter() - began)
                except (PlatformError, OSError) as error:
                    failures.append(error)

        return await self._work(asyncio.gather(*map(repeat, some)), latencies, failures)

    async def _live(self, authors: Sequence[Session]) -> None:
        """Post at an even rate while more and more clients listen."""
        listening: list[Session] = []
        heard = Heard()
        most = self._bench.clients
        for clients in sorted({max(1, most // 3), most}):
            say(f"    {clients} clients listen")
            numbers = range(AUTHORS + len(listening), AUTHORS + clients)
            new = await sessions(self._peer, numbers)
            for one in new:
                await one.listen(heard.record)
            listening += new
            heard.listeners = clients
            await self._evenly(authors, heard, clients)
        for one in listening:
            await one.close()

    async def _evenly(
        self, authors: Sequence[Session], heard: Heard, clients: int
    ) -> None:
        count = max(1, round(POSTS_PER_SECOND * self._bench.seconds * 4))
        began = time.perf_counter()
        posted: dict[str, float] = {}
        failures: list[Exception] = []

        async def post(number: int) -> None:
            moment = began + number / POSTS_PER_SECOND
            await asyncio.sleep(max(0.0, moment - time.perf_counter()))
            text = f"live {number} with {clients} clients"
            try:
                await authors[number % len(authors)].post(text)
            except (PlatformError, OSError) as error:
                failures.append(error)
                return
            posted[text] = moment
            self._acknowledged.append(text)

        async def all_of_them() -> None:
            await asyncio.gather(*map(post, range(count)))
            deadline = time.perf_counter() + LATE_SECONDS
            while heard.missing(posted) and time.perf_counter() < deadline:
                await asyncio.sleep(POLL_SECONDS)

        work = await self._work(all_of_them(), [], failures)
        work.latencies = heard.seconds(posted)
        self._result.live[clients] = work
        self._result.missing[clients] = heard.missing(posted)

    async def _work(
        self, task: Awaitable[object], latencies: list[float], failures: list[Exception]
    ) -> Work:
        """Do something; return what it took, and who used the processors meanwhile."""
        server, own = usage.cpu_by_process(self._pids), time.process_time()
        machine, began = usage.machine_cpu_seconds(), time.perf_counter()
        await task
        seconds = time.perf_counter() - began
        used = usage.cpu_since(server, self._pids)
        generator = time.process_time() - own
        others = usage.machine_cpu_seconds() - machine - used - generator
        return Work(
            seconds, latencies, len(failures), used, generator, max(0.0, others)
        )

    async def _look_up(self) -> None:
        stored = Counter(await asyncio.to_thread(self._peer.stored))
        self._result.acknowledged = len(self._acknowledged)
        self._result.stored = sum(stored[text] == 1 for text in self._acknowledged)
