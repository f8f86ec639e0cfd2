"""Send requests as fast as they are answered, and count."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from mfplatform.state.home import PlatformError
from mftools.bench import usage
from mftools.bench.http_client import TIMEOUT_SECONDS, Address, Answer, Connection

# As many at a time as an instance has threads.
CONNECTIONS = 8


@dataclass
class Sample:
    """What came of some seconds of requests.

    ``generator_share`` is the share of a core that sending them took, ``cpu_seconds``
    what each group of processes used, and ``failed`` counts statuses.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    failed: Counter[int] = field(default_factory=Counter)
    generator_share: float = 0.0
    cpu_seconds: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Requests answered as they should be, each second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def cpu_ms(self, group: str) -> float:
        """Milliseconds of CPU that a group of processes used for a request."""
        done = len(self.latencies) + self.failed.total()
        return self.cpu_seconds.get(group, 0.0) / done * 1000 if done else 0.0


class Load:
    """Connections that each send the next request when the last one is answered."""

    def __init__(
        self,
        address: Address,
        next_request: Callable[[], bytes],
        on_answer: Callable[[Answer], None] = lambda answer: None,
    ) -> None:
        self._address = address
        self._next = next_request
        self._on_answer = on_answer
        self._end = 0.0
        self._running = 0
        self._done = asyncio.Event()
        self.sample = Sample()

    async def run(self, seconds: float, connections: int = CONNECTIONS) -> Sample:
        """Send for some seconds, wait for the last answers, return what came of it.

        Raises PlatformError when requests are not answered any more.
        """
        began, used = time.perf_counter(), time.process_time()
        self._end = began + seconds
        opened = [
            await Connection.open(self._address, self._answered)
            for _ in range(connections)
        ]
        self._running = connections
        for connection in opened:
            connection.send(self._next())
        try:
            await asyncio.wait_for(self._done.wait(), seconds + TIMEOUT_SECONDS)
        except TimeoutError:
            raise PlatformError("Requests are not answered any more.") from None
        finally:
            for connection in opened:
                connection.close()
        self.sample.seconds = time.perf_counter() - began
        self.sample.generator_share = (time.process_time() - used) / self.sample.seconds
        return self.sample

    def _answered(self, connection: Connection, answer: Answer) -> None:
        if answer.is_success:
            self.sample.latencies.append(answer.seconds)
        else:
            self.sample.failed[answer.status] += 1
        self._on_answer(answer)
        # Who closes a connection is not asked again on it.
        if time.perf_counter() < self._end and connection.is_open:
            connection.send(self._next())
            return
        self._running -= 1
        if not self._running:
            self._done.set()


async def measure(
    load: Load,
    seconds: float,
    groups: Mapping[str, Sequence[int]],
    connections: int = CONNECTIONS,
) -> Sample:
    """Run a load; return its sample, with what it cost the groups of processes."""
    before = {name: usage.cpu_seconds(pids) for name, pids in groups.items()}
    sample = await load.run(seconds, connections)
    for name, pids in groups.items():
        sample.cpu_seconds[name] = usage.cpu_seconds(pids) - before[name]
    return sample
