"""The line from an instance to the parts, which can be cut for a while.

An instance is told other addresses of the parts: there this listens, and passes on
what comes. While its line is cut nothing gets through, in either direction: what is
sent waits, as where packets are lost, and nobody is told. No rule of the machine's
network is touched, and nothing is left of it when this process ends, however it does.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress

CHUNK_BYTES = 64 * 1024


class Line:
    """What one instance reaches the parts by.

    :param host: where the parts listen, and this does.
    """

    def __init__(self, host: str) -> None:
        self._host = host
        self._whole = asyncio.Event()
        self._whole.set()
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def lead(
        self, environment: Mapping[str, str], ports: Iterable[str]
    ) -> dict[str, str]:
        """Listen for some ports of the parts.

        :param environment: what an instance is given.
        :returns: those of its variables that name one of the ports, changed so that
            they lead here.
        """
        found: dict[str, str] = {}
        for port in ports:
            there, here = f"{self._host}:{port}", await self._lay(port)
            for name, value in {**environment, **found}.items():
                if value.replace(there, here) != value:
                    found[name] = value.replace(there, here)
        return found

    def cut(self) -> None:
        """Let nothing through from now on."""
        self._whole.clear()

    def mend(self) -> None:
        """Let everything through, also what has waited."""
        self._whole.set()

    async def close(self) -> None:
        """Listen no more, and end what is connected."""
        for server in self._servers:
            server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _lay(self, port: str) -> str:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(self._connect(port, reader, writer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        server = await asyncio.start_server(accept, self._host, 0)
        self._servers.append(server)
        return f"{self._host}:{server.sockets[0].getsockname()[1]}"

    async def _connect(
        self, port: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            await self._whole.wait()
            # If the part is away, who asked finds the connection ended.
            with suppress(OSError):
                answers, requests = await asyncio.open_connection(self._host, int(port))
                # The registry's gate answers to whoever calls it by its own name.
                here = f"{self._host}:{writer.get_extra_info('sockname')[1]}"
                names = (here.encode(), f"{self._host}:{port}".encode())
                await asyncio.gather(
                    self._pass_on(reader, requests, names),
                    self._pass_on(answers, writer),
                )
        finally:
            writer.close()

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        names: tuple[bytes, bytes] = (b"", b""),
    ) -> None:
        """Pass on what comes, with a name that stands in it replaced by another."""
        try:
            with suppress(OSError):
                while data := await reader.read(CHUNK_BYTES):
                    await self._whole.wait()
                    writer.write(data.replace(*names) if names[0] else data)
                    await writer.drain()
            # An end does not get through either.
            await self._whole.wait()
        finally:
            writer.close()
