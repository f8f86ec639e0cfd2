"""Many clients that listen to one server, and what they receive of what is posted."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mfplatform.state.home import PlatformError
from mftools.bench import usage
from mftools.bench.delivery_log import Delivery, DeliveryLog
from mftools.bench.http_client import Address, Client
from mftools.bench.listener import Listener

# More than that is not "live" any more.
LIVE_P99_MS = 1000.0
LATE_EVENTS_SECONDS = 5.0
# Connections that are opened at a time, and POSTs that wait for an answer at a time.
CONNECTING_AT_ONCE = 25
POSTING_AT_ONCE = 8


@dataclass(frozen=True)
class Target:
    """The Socket.IO server that is listened to.

    ``path`` is where it is connected to, ``next_post`` makes the next request that
    posts a message, and ``pids`` are its processes. ``wishes`` is what the client with
    this number says when it connects, as JSON. ``posts_to`` is where is posted, if that
    is another address.
    """

    name: str
    address: Address
    path: str
    next_post: Callable[[], bytes]
    pids: list[int]
    wishes: Callable[[int], bytes] = lambda number: b""
    posts_to: Address | None = None


@dataclass
class RateResult:
    """What came of posting at one rate.

    ``rate`` is in messages a second, ``seconds`` is how long it took, ``cpu_seconds``
    what the target used, and ``generator_share`` the share of a core that the clients
    took.
    """

    rate: int
    delivery: Delivery
    failed_posts: int
    disconnected: int
    cpu_seconds: float
    generator_share: float
    seconds: float

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of the target's CPU for a message."""
        posted = self.delivery.posted
        return self.cpu_seconds / posted * 1000 if posted else 0.0

    @property
    def is_sustained(self) -> bool:
        """Say whether everything arrived, and in time."""
        wrong = self.failed_posts + self.delivery.lost + self.delivery.doubled
        late = self.delivery.p99_ms >= LIVE_P99_MS
        return not wrong and not self.disconnected and not late


@dataclass
class ListenerPool:
    """Clients that listen to one target; ``disconnected`` counts those it lost."""

    target: Target
    log: DeliveryLog
    listeners: list[Listener] = field(default_factory=list)
    disconnected: int = 0

    @classmethod
    async def connect(cls, target: Target, size: int) -> "ListenerPool":
        """Connect all clients, some at a time; raise PlatformError if one cannot."""
        pool = cls(target, DeliveryLog(size))
        for start in range(0, size, CONNECTING_AT_ONCE):
            numbers = range(start, min(start + CONNECTING_AT_ONCE, size))
            try:
                found = await asyncio.gather(*map(pool._connect, numbers))
            except (OSError, TimeoutError) as error:
                pool.close()
                raise PlatformError(f"{target.name}: no connection: {error}") from error
            pool.listeners += found
        return pool

    async def _connect(self, number: int) -> Listener:
        target = self.target
        record = self.log.record

        def received(listener: Listener, payload: bytes) -> None:
            record(listener.number, payload)

        listener = await Listener.connect(
            target.address,
            target.path,
            number,
            received,
            wishes=target.wishes(number),
        )
        listener.on_disconnect = self._disconnected
        return listener

    def _disconnected(self, _listener: Listener) -> None:
        self.disconnected += 1

    def close(self) -> None:
        """End all connections."""
        for listener in self.listeners:
            listener.close()

    async def measure(self, rate: int, seconds: float) -> RateResult:
        """Post so many messages a second, whatever comes back; return what arrived."""
        address = self.target.posts_to or self.target.address
        client = Client(address, connections=POSTING_AT_ONCE)
        used, own = usage.cpu_seconds(self.target.pids), time.process_time()
        began = time.perf_counter()
        count = max(1, round(rate * seconds))
        moments = [began + number / rate for number in range(count)]
        answers = await asyncio.gather(*(self._post(client, at) for at in moments))
        posted = dict(one for one in answers if one is not None)
        deadline = time.perf_counter() + LATE_EVENTS_SECONDS
        while not self.log.is_complete(posted) and time.perf_counter() < deadline:
            await asyncio.sleep(0.02)
        spent = time.perf_counter() - began
        client.close()
        return RateResult(
            rate,
            self.log.delivery(posted),
            failed_posts=count - len(posted),
            disconnected=self.disconnected,
            cpu_seconds=usage.cpu_seconds(self.target.pids) - used,
            generator_share=(time.process_time() - own) / spent,
            seconds=spent,
        )

    async def _post(self, client: Client, moment: float) -> tuple[int, float] | None:
        """Post at a moment; return the message's id, and the moment, if it is stored.

        The clock runs from when the POST was due: a server that cannot follow is not
        helped by being asked later.
        """
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        answer = await client.send(self.target.next_post())
        return (int(answer.document()["id"]), moment) if answer.is_success else None
