"""One connection to MPD. Foreign trouble leaves here only as MpdUnavailableError or MpdRefusedError.

One command, or one list, is under way at a time; others wait their turn. Whatever ends an exchange before its answer
is complete (an error, the time limit, a cancelled task) closes the connection: what is left in the stream would
otherwise be taken for the next answer.

Commands wait while `idle` does: use a connection of its own for it, or end it with `noidle()`. MPD cuts connections
that are silent for 60 s outside `idle`, so before the first command after a pause call `ensure_open()`. Nothing
reconnects by itself: after a restart of MPD song ids mean other songs, and only the caller knows what it still holds.
"""

import asyncio
import os
import re
import socket
from collections.abc import Collection, Sequence
from typing import Self

from mpd.base import HELLO_PREFIX

from mpdbridge.errors import MpdRefusedError, MpdUnavailableError
from mpdbridge.mpd import wire
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.wire import Answer, Batch, Command

_CHUNK = 1 << 18
_NOIDLE = wire.command_line(("noidle",))
# A host that vanished sends no FIN; without these an `idle` over TCP would wait for ever.
_KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}


class MpdConnection:
    """A connection to the MPD at `address`, open inside `async with`.

    Args:
        address: where MPD is, and the password it wants.
        timeout: seconds that opening, or one command or list, may take; `idle` takes as long as it takes.
    """

    def __init__(self, address: MpdAddress, timeout: float = 10.0) -> None:
        self.address = address
        self._timeout = timeout
        self._lock = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._idle = False
        self._version = ""

    @property
    def version(self) -> str:
        """Version of the protocol, from MPD's greeting, e.g. "0.23.5"; MPD 0.23.12 says this too."""
        return self._version

    async def __aenter__(self) -> Self:
        await self.ensure_open()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._close()

    async def ensure_open(self) -> bool:
        """Opens the connection if it is not, or if MPD has closed it meanwhile. Returns whether it is a new one.

        Raises:
            MpdUnavailableError: nobody answers, or it is no MPD.
            MpdRefusedError: MPD does not take the password.
        """
        async with self._lock:
            if self._streams is not None and not self._streams[0].at_eof():
                return False
            self._close()
            try:
                async with asyncio.timeout(self._timeout):
                    await self._open()
            except (OSError, ValueError) as error:
                self._close()
                raise MpdUnavailableError(self._unreachable(error)) from error
            except BaseException:
                self._close()
                raise
            return True

    async def command(self, *args: str) -> Answer:
        """The answer to one command as (key, value) pairs, in MPD's order.

        Raises:
            MpdRefusedError: ACK, or the command cannot be sent.
            MpdUnavailableError: the connection broke, or MPD did not answer in time.
        """
        async with self._lock:
            return (await self._exchange(wire.command_line(args), self._timeout))[0]

    async def require(self, *names: str) -> None:
        """Makes sure that MPD lets this client use the commands `names`; nothing is written to find out.

        Raises:
            MpdRefusedError: it does not.
            MpdUnavailableError: as for `command`.
        """
        missing = await self._forbidden(names)
        if missing:
            told = f"MPD at {self.address} does not permit {', '.join(sorted(missing))}; set mpd.password"
            raise MpdRefusedError(told, code=wire.ACK_PERMISSION)

    async def permits(self, *names: str) -> bool:
        """Whether MPD lets this client use the commands `names`, and knows them; nothing is written to find out.

        Raises:
            MpdUnavailableError: as for `command`.
        """
        return not await self._forbidden(names)

    async def _forbidden(self, names: Collection[str]) -> set[str]:
        return set(names) - {name for _, name in await self.command("commands")}

    async def command_list(self, commands: Sequence[Command]) -> list[Answer]:
        """The answer to each of `commands`, sent in as few command lists as MPD's limits allow.

        One list is never seen half done by other clients (`wire.fits_one_list`), but it is no transaction: what stands
        before a refused command was carried out.

        Raises:
            MpdRefusedError: its `index` is the position in `commands`; those behind it were not carried out.
            MpdUnavailableError: as for `command`; unknown how many were carried out.
        """
        answers: list[Answer] = []
        async with self._lock:
            for batch in wire.batches(commands):
                try:
                    answers += await self._exchange(batch.payload, self._timeout)
                except MpdRefusedError as error:
                    error.index += len(answers)
                    raise
        return answers

    async def send(self, batch: Batch) -> list[Answer]:
        """The answers to one command list made by `wire.batches`, for callers who have to know that it is one.

        Raises:
            MpdRefusedError, MpdUnavailableError: as for `command_list`.
        """
        async with self._lock:
            return await self._exchange(batch.payload, self._timeout)

    async def idle(self, *subsystems: str) -> set[str]:
        """Waits until one of `subsystems` (any, if none is given) changes; what changed since the last call counts.

        Cancelling it closes the connection; `noidle` ends it and keeps the connection.
        """
        async with self._lock:
            self._idle = True
            try:
                answer = (await self._exchange(wire.command_line(("idle", *subsystems)), None))[0]
            finally:
                self._idle = False
        return {value for _, value in answer}

    def noidle(self) -> None:
        """Makes an `idle` that waits return, with an empty set if nothing changed; else does nothing.

        MPD ignores it when its answer to `idle` is on the way already, so the two cannot miss each other.
        """
        if self._idle and self._streams is not None:
            self._streams[1].write(_NOIDLE)

    async def _open(self) -> None:
        if self.address.unnamed:
            self.address = await asyncio.to_thread(self.address.now)
        address = self.address
        if address.socket is not None:
            path = "\0" + address.socket[1:] if address.socket.startswith("@") else address.socket
            self._streams = await asyncio.open_unix_connection(path, limit=_CHUNK)
        else:
            self._streams = await asyncio.open_connection(address.host, address.port, limit=_CHUNK)
            _keep_alive(self._streams[1].get_extra_info("socket"))
        greeting = (await self._streams[0].readline()).decode("utf-8", "replace")
        if not greeting.startswith(HELLO_PREFIX):
            raise ValueError("what answers there is no MPD" if greeting else "it closed the connection at once")
        self._version = greeting.removeprefix(HELLO_PREFIX).strip()
        if address.password is not None:
            await self._exchange(wire.command_line(("password", address.password)), self._timeout)

    async def _exchange(self, request: bytes, limit: float | None) -> list[Answer]:
        if self._streams is None:
            raise MpdUnavailableError(f"the connection to MPD at {self.address} is closed; connect again")
        reader, writer = self._streams
        try:
            async with asyncio.timeout(limit):
                writer.write(request)
                await writer.drain()
                received = await _read_answer(reader)
        except OSError as error:
            self._close()
            raise MpdUnavailableError(self._broken(error)) from error
        except BaseException:
            self._close()
            raise
        return wire.parse(received)

    def _close(self) -> None:
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].transport.abort()  # nobody waits for what is still unsent

    def _unreachable(self, error: Exception) -> str:
        reason = "no answer" if isinstance(error, TimeoutError) else _reason(error)
        return f"cannot reach MPD at {self.address}: {reason}; start it, or set mpd.host and mpd.port (or MPD_HOST)"

    def _broken(self, error: OSError) -> str:
        if isinstance(error, TimeoutError):
            return (
                f"MPD at {self.address} did not answer within {self._timeout:g} s; is it busy? see mpd.timeout_seconds"
            )
        return f"lost the connection to MPD at {self.address}: {_reason(error)}; is it still running?"


async def _read_answer(reader: asyncio.StreamReader) -> bytearray:
    received = bytearray()
    while not wire.is_complete(received):
        chunk = await reader.read(_CHUNK)
        if not chunk:
            raise ConnectionResetError("MPD closed the connection")
        received += chunk
    return received


def _reason(error: Exception) -> str:
    # asyncio puts addresses into the text, and of several failures it makes one without a number.
    if numbered := re.search(r"\[Errno (\d+)\]", str(error)):
        return os.strerror(int(numbered[1]))
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).replace("\n", " ")


def _keep_alive(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _KEEPALIVE.items():
        if hasattr(socket, option):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
