"""Count the events that one client hears: about people, and about one of them."""

from collections import Counter

from mfplatform.state.home import PlatformError
from mftools.bench.figures import below, formatted
from mftools.bench.http_client import Address
from mftools.bench.listener import Listener
from mftools.bench.received_messages import updated_model
from mftools.bench.report import Row, single
from mftools.bench.users import SOCKETS


class PresenceLog:
    """A client that only counts.

    Whoever is told of by two events with the same ``updated_at`` was told of twice in
    one second: the server's own second, however late the events arrived.
    """

    def __init__(self) -> None:
        self._listener: Listener | None = None
        self._lost = False
        self._events: Counter[str] = Counter()
        self._seconds: Counter[tuple[int, int]] = Counter()

    @classmethod
    async def connect(cls, address: Address) -> "PresenceLog":
        """Return one that listens; raise OSError or TimeoutError if it cannot."""
        log = cls()

        def received(_listener: Listener, payload: bytes) -> None:
            log.record(payload)

        log._listener = await Listener.connect(address, SOCKETS, 0, received)
        log._listener.on_disconnect = log._on_disconnect
        return log

    def clear(self) -> None:
        """Count from now on."""
        self._events.clear()
        self._seconds.clear()

    def close(self) -> None:
        """Disconnect."""
        if self._listener is not None:
            self._listener.close()

    def rows(self, part: str, seconds: float) -> list[Row]:
        """Return what was counted in that many seconds.

        Raises PlatformError if its own connection was lost, so that some are missing.
        """
        if self._lost:
            raise PlatformError("The client that counts events lost its connection.")
        about = self._events["User"]
        most = max(self._seconds.values(), default=0)
        others = self._events["Message"]
        note = f"{formatted(about / seconds)} a second; about messages {others}"
        return [
            Row(part, "events about people", single(about), note=note),
            Row(
                part,
                "events about one person in one second, the most",
                single(most),
                goal=below(2),
                note=f"{len({person for person, _ in self._seconds})} people",
            ),
        ]

    def record(self, payload: bytes) -> None:
        """Count an event."""
        kind, model = updated_model(payload) or ("", {})
        self._events[kind] += 1
        if kind == "User":
            self._seconds[model["id"], model["updated_at"]] += 1

    def _on_disconnect(self, _listener: Listener) -> None:
        self._lost = True
