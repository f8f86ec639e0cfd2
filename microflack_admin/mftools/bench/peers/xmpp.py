"""A client of XMPP servers, with the least that a room needs (RFC 6120, XEP-0045).

Stanzas are cut out of the bytes that came, as cheaply as the other clients do it.
"""

import asyncio
import re
from base64 import b64encode
from typing import cast
from xml.sax.saxutils import escape, unescape

from mfplatform.state.home import PlatformError
from mftools.bench.http_client import Address
from mftools.bench.peers.base import NEWEST, OnText, Session
from mftools.bench.peers.program import HOST, ProgramPeer

DOMAIN = "localhost"
SERVICE = f"conference.{DOMAIN}"
ROOM = f"bench@{SERVICE}"
PASSWORD = "a password to measure with"
TIMEOUT_SECONDS = 120.0
STREAM = (
    f"<stream:stream to='{DOMAIN}' xmlns='jabber:client' version='1.0'"
    " xmlns:stream='http://etherx.jabber.org/streams'>"
)
REGISTER = (
    "<iq type='set' id='register'><query xmlns='jabber:iq:register'>"
    "<username>{name}</username><password>{password}</password></query></iq>"
)
AUTH = (
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>"
)
BIND = (
    "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
    "<resource>bench</resource></bind></iq>"
)
JOIN = (
    f"<presence to='{ROOM}/{{name}}'><x xmlns='http://jabber.org/protocol/muc'>"
    "<history maxstanzas='0'/></x></presence>"
)
POST = (
    f"<message type='groupchat' to='{ROOM}' id='{{id}}'><body>{{text}}</body></message>"
)
ARCHIVE = (
    f"<iq type='set' id='archive' to='{ROOM}'><query xmlns='urn:xmpp:mam:2'>"
    "<set xmlns='http://jabber.org/protocol/rsm'>"
    f"<max>{NEWEST}</max><before/></set></query></iq>"
)
FEATURES = rb"</stream:features>"
REGISTERED = rb"<iq[^>]*\bid=.register."
SUCCESS = rb"<success"
BOUND = rb"<iq[^>]*\bid=.bind."
JOINED = rb"<status[^>]*\bcode=.110."
REFUSED = re.compile(rb"<stream:error|<failure|<presence[^>]*type=.error.")

MESSAGE_END = b"</message>"
ID = re.compile(rb"<message[^>]*\bid=['\"]([^'\"]*)['\"]")
BODY = re.compile(rb"<body[^>]*>([^<]*)</body>")
# The end of what the archive answers; each message before it is a result.
LISTED = re.compile(rb"<iq[^>]*\bid=.archive..*?</iq>", re.DOTALL)
RESULT = re.compile(rb"<result[ >]")


class XmppSession(asyncio.Protocol):
    """Somebody in the room."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._name = f"bench-{number}"
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._in_room = False
        # Set when more has been received; used until everybody is in the room.
        self._more = asyncio.Event()
        self._on_text: OnText | None = None
        self._posted = 0
        self._waiting: dict[bytes, asyncio.Future[None]] = {}
        self._listed = 0

    @classmethod
    async def open(cls, address: Address, number: int) -> "XmppSession":
        """Register, sign in and join; raise OSError or PlatformError if that fails."""
        session = cls(number)
        name = session._name
        secret = b64encode(f"\0{name}\0{PASSWORD}".encode()).decode()
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: session, *address)
        await session._step(STREAM, FEATURES)
        # Whoever is registered already gets an error, which does no harm.
        await session._step(REGISTER.format(name=name, password=PASSWORD), REGISTERED)
        await session._step(AUTH.format(secret=secret), SUCCESS)
        await session._step(STREAM, FEATURES)
        await session._step(BIND, BOUND)
        await session._step(JOIN.format(name=name), JOINED)
        session._in_room, session._received = True, b""
        return session

    async def post(self, text: str) -> None:
        """Post a text; the server has it when the room sends it back."""
        self._posted += 1
        own = f"{self._name}-{self._posted}"
        await self._ask(own.encode(), POST.format(id=own, text=escape(text)))

    async def newest(self) -> int:
        """Ask the room's archive for the newest messages (XEP-0313)."""
        self._listed = 0
        await self._ask(b"archive", ARCHIVE)
        return self._listed

    async def listen(self, on_text: OnText) -> None:
        """Hand everything that is posted to ``on_text``."""
        self._on_text = on_text

    async def close(self) -> None:
        """Disconnect."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the transport: asyncio calls this first."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Handle the messages in what was received."""
        self._received += data
        if not self._in_room:
            self._more.set()
            return
        *whole, rest = self._received.split(MESSAGE_END)
        for stanza in whole:
            self._handle(stanza)
        # What is no message is of no interest, but for the end of a list.
        if b"archive" in self._waiting and LISTED.search(rest):
            self._done(b"archive")
            rest = b""
        done_with = rest.endswith(b">") and b"<message" not in rest
        self._received = b"" if done_with and b"<iq" not in rest else rest

    def connection_lost(self, _error: Exception | None) -> None:
        """Let nobody wait for what will not come."""
        self._more.set()
        self._transport = None
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(PlatformError("An XMPP connection was lost."))

    def _handle(self, stanza: bytes) -> None:
        if RESULT.search(stanza):
            self._listed += 1
            return
        body = BODY.search(stanza)
        if body is None:
            return
        if self._on_text is not None:
            self._on_text(self._number, unescape(body[1].decode()))
        if found := ID.search(stanza):
            self._done(found[1])

    def _done(self, key: bytes) -> None:
        future = self._waiting.pop(key, None)
        if future is not None and not future.done():
            future.set_result(None)

    async def _ask(self, key: bytes, text: str) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting[key] = future
        self._send(text)
        await asyncio.wait_for(future, TIMEOUT_SECONDS)

    async def _step(self, text: str, wanted: bytes) -> None:
        """Send something while signing in, and wait for what has to come back."""
        self._received = b""
        self._send(text)
        while not re.search(wanted, self._received):
            if self._transport is None or REFUSED.search(self._received):
                said = self._received[-300:].decode(errors="replace")
                raise PlatformError(f"an XMPP server refuses {text[:30]}...: {said}")
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), TIMEOUT_SECONDS)

    def _send(self, text: str) -> None:
        if self._transport is None:
            raise PlatformError("An XMPP connection was lost.")
        self._transport.write(text.encode())


class XmppPeer(ProgramPeer):
    """A server that people sign in to by XMPP."""

    async def session(self, number: int) -> Session:
        """Sign somebody in."""
        return await XmppSession.open(Address(HOST, self._port), number)
