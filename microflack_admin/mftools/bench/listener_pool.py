"""Many clients that listen to one server, and what they hear of what is posted."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mfplatform.state.home import PlatformError
from mftools.bench import usage
from mftools.bench.delivery_log import Delivery, Hearing
from mftools.bench.http_client import Address, Client
from mftools.bench.listener import Listener

# Milliseconds: more is not "live" any more, and a rate is given up.
SUSTAINED = 1000.0
# Seconds that late events are waited for.
PATIENCE = 5.0
# Connections opened at a time, and posts on their way at a time.
AT_ONCE = 25
POSTERS = 8


@dataclass(frozen=True)
class Hall:
    """A Socket.IO server with an audience: where to listen, how to speak."""

    name: str
    address: Address
    path: str
    post: Callable[[], bytes]
    pids: list[int]


@dataclass
class Run:
    """What came of one rate."""

    rate: int
    delivery: Delivery
    failed: int
    thrown_out: int
    cpu: float
    generator: float

    @property
    def cost(self) -> float:
        """Milliseconds of the server's CPU for a message."""
        posted = self.delivery.posted
        return self.cpu / posted * 1000 if posted else 0.0

    @property
    def holds(self) -> bool:
        """Say whether everything arrived, and in time."""
        wrong = self.failed + self.delivery.lost + self.delivery.doubled
        return not wrong and not self.thrown_out and self.delivery.p99 < SUSTAINED


@dataclass
class Audience:
    """Clients that listen in one hall."""

    hall: Hall
    hearing: Hearing
    listeners: list[Listener] = field(default_factory=list)
    gone: int = 0

    @classmethod
    async def gather(cls, hall: Hall, size: int) -> "Audience":
        """Connect all of them, some at a time."""
        audience = cls(hall, Hearing(size))
        for start in range(0, size, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, size))
            try:
                found = await asyncio.gather(*map(audience._connect, numbers))
            except (OSError, TimeoutError) as error:
                audience.leave()
                raise PlatformError(f"{hall.name}: no connection: {error}") from error
            audience.listeners += found
        return audience

    async def _connect(self, number: int) -> Listener:
        hall = self.hall
        hear = self.hearing.heard

        def heard(listener: Listener, payload: bytes) -> None:
            hear(listener.number, payload)

        listener = await Listener.connect(hall.address, hall.path, number, heard)
        listener.lost = self._lost
        return listener

    def _lost(self, _listener: Listener) -> None:
        self.gone += 1

    def leave(self) -> None:
        """End all connections."""
        for listener in self.listeners:
            listener.close()

    async def listen(self, rate: int, seconds: float) -> Run:
        """Post at an even rate, whatever comes back, and account for all of it."""
        client = Client(self.hall.address, connections=POSTERS)
        used, own = usage.cpu(self.hall.pids), time.process_time()
        began = time.perf_counter()
        count = max(1, round(rate * seconds))
        moments = [began + number / rate for number in range(count)]
        answers = await asyncio.gather(*(self._post(client, at) for at in moments))
        posted = dict(one for one in answers if one is not None)
        deadline = time.perf_counter() + PATIENCE
        while not self.hearing.complete(posted) and time.perf_counter() < deadline:
            await asyncio.sleep(0.02)
        spent = time.perf_counter() - began
        client.close()
        return Run(
            rate,
            self.hearing.delivery(posted),
            failed=count - len(posted),
            thrown_out=self.gone,
            cpu=usage.cpu(self.hall.pids) - used,
            generator=(time.process_time() - own) / spent,
        )

    async def _post(self, client: Client, moment: float) -> tuple[int, float] | None:
        # The clock runs from when it was due: a server that cannot follow is not
        # helped by being asked later.
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        answer = await client.send(self.hall.post())
        return (int(answer.document()["id"]), moment) if answer.good else None
