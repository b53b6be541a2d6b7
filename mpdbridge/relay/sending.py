"""From an `Audio` into a response."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import closing

from aiohttp import web

from mpdbridge.icy import IcyEncoder
from mpdbridge.logs import get_logger
from mpdbridge.relay.alarm import Alarm
from mpdbridge.relay.audio import Audio
from mpdbridge.relay.patience import Patience

log = get_logger(__name__)

_SLOW_SEND_BUFFER = 48 * 1024  # asked of the kernel, which doubles it; see `listen` for the others'


async def send_audio(
    request: web.Request,
    response: web.StreamResponse,
    audio: Audio,
    encoder: IcyEncoder | None,
    *,
    patience: Patience,
    started: Callable[[], None],
) -> None:
    """Sends all of `audio`, with titles if there is an `encoder`.

    A client that takes nothing for a moment has little held for it, and one that takes nothing for `patience.pause`
    seconds only its own connection and the handler that waits for it; what it reads later is fetched from the byte
    where it stopped. `started` is called behind the first bytes, which are not to wait for anything.

    Raises:
        ProxyError: the audio cannot go on.
        ConnectionResetError: the client went.
    """

    def slow() -> None:
        audio.stand_by()
        body.expect_little()

    def let_go() -> None:
        log.info("the client pauses: upstream let go", track=request.match_info["track_id"], client=request.remote)
        audio.release()

    first = await audio.read()
    if not first or request.transport is None:
        return
    # At most one chunk waits there: the kernel's buffer, bounded as well, keeps the client busy meanwhile.
    request.transport.set_write_buffer_limits(high=0)
    await response.write(first if encoder is None else encoder.feed(first))  # and the headers
    started()
    del first  # like `chunk` below: it would keep all that it was cut from
    body = _Body(request.transport, encoder, chunked=response.headers.get("Transfer-Encoding") == "chunked")
    with closing(Alarm(patience.stall, slow)) as stall, closing(Alarm(patience.pause, let_go)) as pause:
        while True:
            if not await audio.pour(body.put):
                chunk = await audio.read()
                if not chunk:
                    return
                body.put(chunk)
                del chunk
            stall.set()
            pause.set()
            await body.taken(request)
            stall.clear()
            pause.clear()


class _Body:
    """The rest of a response, past `StreamResponse.write`: that is a coroutine, and what is poured is called back."""

    def __init__(self, transport: asyncio.Transport, encoder: IcyEncoder | None, *, chunked: bool) -> None:
        self._transport = transport
        self._encoder = encoder
        self._chunked = chunked

    def put(self, audio: bytes | memoryview) -> bool:
        """Sends `audio`; False when not all of it fits into the kernel's buffer, or the client has gone."""
        pieces = [audio] if self._encoder is None else self._encoder.weave(audio)
        if self._chunked:
            pieces = [b"%x\r\n" % sum(map(len, pieces)), *pieces, b"\r\n"]
        self._transport.write(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        return not (self._transport.get_write_buffer_size() or self._transport.is_closing())

    def expect_little(self) -> None:
        """The client is slow: what it has not taken need not lie in the kernel, beside what lies here."""
        connection = self._transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SLOW_SEND_BUFFER)

    async def taken(self, request: web.Request) -> None:
        """Returns when the kernel has all of it. Raises ConnectionResetError when the client has gone."""
        await request.writer.drain()
        if self._transport.is_closing():
            raise ConnectionResetError
