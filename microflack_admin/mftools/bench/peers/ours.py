"""The chat of this checkout, as one of those that are compared."""

from pathlib import Path

from mfplatform.state import database
from mfplatform.state.home import PlatformError
from mftools.bench import http_client, users
from mftools.bench.http_client import Address, Client
from mftools.bench.listener import WISHES, Listener
from mftools.bench.peers.base import NEWEST, OnText, Session
from mftools.bench.received_messages import updated_model
from mftools.bench.testbed import Testbed
from mftools.bench.users import MESSAGES, SOCKETS

LIST = http_client.request("GET", f"{MESSAGES}?before_id={2**31}&limit={NEWEST}")
# Texts come without line ends, so each is one line of the answer.
STORED = "SELECT source FROM `{schema}`.messages;"


class OurSession:
    """Somebody who has the page open."""

    def __init__(self, address: Address, number: int, token: str) -> None:
        self._address = address
        self._number = number
        self._bearer = f"Bearer {token}"
        self._client = Client(address, connections=1)
        self._listener: Listener | None = None

    async def post(self, text: str) -> None:
        """Post a text."""
        body = {"source": text}
        message = http_client.request("POST", MESSAGES, body, self._bearer)
        await self._client.send_checked(message)

    async def newest(self) -> int:
        """Ask for the newest messages."""
        answer = await self._client.send_checked(LIST)
        return len(answer["messages"])

    async def listen(self, on_text: OnText) -> None:
        """Hand everything that is posted to ``on_text``."""

        def received(listener: Listener, payload: bytes) -> None:
            kind, model = updated_model(payload) or ("", {})
            if kind == "Message":
                on_text(listener.number, model["source"])

        self._listener = await Listener.connect(
            self._address, SOCKETS, self._number, received, wishes=WISHES
        )

    async def close(self) -> None:
        """Disconnect."""
        self._client.close()
        if self._listener is not None:
            self._listener.close()


class Ours:
    """Five services with their platform, one instance of each."""

    name = "ours"
    setup = "one instance of each service, the default settings"

    def __init__(self, bed: Testbed) -> None:
        self._bed = bed

    def start(self, _folder: Path) -> None:
        """Start it with nothing stored; its folder is that of the platform."""
        self._bed.empty()
        self._bed.up()

    def stop(self) -> None:
        """Stop it."""
        self._bed.down()

    def pids(self) -> list[int]:
        """Return the processes of its services and of its platform."""
        return [pid for own in self._bed.pids().values() for pid in own]

    async def session(self, number: int) -> Session:
        """Sign somebody in."""
        client = Client(self._bed.address, connections=1)
        registration = users.registration(users.nickname(number))
        answer = await client.send(registration)
        if answer.status not in (201, 400):
            raise PlatformError(f"nobody can register: {answer.status}")
        token = (await client.send_checked(users.login(number)))["token"]
        client.close()
        return OurSession(self._bed.address, number, token)

    def stored(self) -> list[str]:
        """Return the texts in the database of messages."""
        schema = self._bed.service_at(MESSAGES)
        found = database.execute(self._bed.home, STORED.format(schema=schema))
        return found.splitlines()[1:]
