"""A media server that behaves as googlevideo does, and fails as it is told to: one `Answer` per request.

It shares no code with the package, so that a mistake there cannot cancel itself out here. It runs in the
test's own event loop: a test that calls a blocking client goes through `asyncio.to_thread`.
"""

import asyncio
import re
import socket
import ssl
import struct
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Self

from aiohttp import web

_PIECE = 64 * 1024
_CLOSED_RANGE = re.compile(r"bytes=([0-9]+)-([0-9]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How one request is answered; the default is what googlevideo does on a good day.

    Attributes:
        status: answer this status and nothing else, e.g. 403, 429, 500.
        headers: extra response headers; they win over our own.
        delay: seconds before the headers.
        ignore_range: 200 with the whole body, whatever was asked.
        chunked: do not tell the length (only sensible with `ignore_range`).
        hide_total: `Content-Range: bytes a-b/*`.
        total: `Content-Range: bytes a-b/<total>`, true or not.
        surplus: bytes of rubbish behind the body, which Content-Length counts.
        piece: bytes to send at a time.
        reset_after: bytes of body after which the connection is reset.
        stop_after: bytes of body after which the connection is closed, in spite of Content-Length.
        stall_after: bytes of body after which nothing comes any more, until the client goes.
        redirect: answer 302 to this URL.
        last: the URL, and every other one signed so far, is refused from then on.
    """

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    ignore_range: bool = False
    chunked: bool = False
    hide_total: bool = False
    total: int | None = None
    surplus: int = 0
    piece: int = _PIECE
    reset_after: int | None = None
    stop_after: int | None = None
    stall_after: int | None = None
    redirect: str | None = None
    last: bool = False

    @property
    def cut(self) -> int | None:
        """Bytes of body before the fault, or None for all of it."""
        return min((n for n in (self.reset_after, self.stop_after, self.stall_after) if n is not None), default=None)


@dataclass(slots=True)
class Seen:
    """One request as it came, and what became of it."""

    method: str
    name: str
    range: str | None
    headers: dict[str, str]
    status: int = 0
    sent: int = 0


@dataclass(frozen=True, slots=True)
class Media:
    body: bytes
    content_type: str


class FakeUpstream:
    """`async with FakeUpstream() as upstream`: `add` media, give its URL to the code under test, look at `requests`.

    Attributes:
        script: answers for the next requests, one each; then `default`.
        tls: what it speaks TLS with; None = plain http.
        pace: bytes per second for a GET that is no closed range, as googlevideo does; None = full speed.
        requests: every request, oldest first.
        active: requests that are being answered right now.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.time, pace: int | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.script: deque[Answer] = deque()
        self.default = Answer()
        self.pace = pace
        self._tls = tls
        self.requests: list[Seen] = []
        self.active = 0
        self.port = 0
        self._clock = clock
        self._media: dict[str, Media] = {}
        self._valid: set[str] = set()
        self._signed = 0
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/audio/{name}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        self._running.push_async_callback(self._runner.cleanup)
        listener = socket.create_server(("127.0.0.1", 0))
        # Small, so that `sent` tells what the other side took, not what the kernel stores.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _PIECE)
        await web.SockSite(self._runner, listener, ssl_context=self._tls).start()
        self.port = listener.getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._running.aclose()

    @property
    def connections(self) -> int:
        """TCP connections that clients hold open, idle ones included."""
        return len(self._runner.server.connections) if self._runner.server else 0

    def add(self, name: str, body: bytes, content_type: str = "audio/webm") -> str:
        """Serve `body` as `name`; returns a signed URL of it."""
        self._media[name] = Media(body, content_type)
        return self.url(name)

    def url(self, name: str, *, lifetime: float = 6 * 3600) -> str:
        """A new signed URL of `name` that expires after `lifetime` seconds of `clock`."""
        self._signed += 1
        self._valid.add(str(self._signed))
        expire = int(self._clock() + lifetime)
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://127.0.0.1:{self.port}/audio/{name}?expire={expire}&sig={self._signed}&sparams=expire%2Cip"

    def revoke(self) -> None:
        """From now on every URL signed so far is answered 403."""
        self._valid.clear()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        seen = Seen(request.method, name, request.headers.get("Range"), dict(request.headers))
        self.requests.append(seen)
        answer = self.script.popleft() if self.script else self.default
        with self._counted():
            await asyncio.sleep(answer.delay)
            response, body = self._head(request, answer)
            seen.status = response.status
            if answer.last:
                self.revoke()
            if isinstance(response, web.Response):
                return response
            with suppress(ConnectionResetError):  # the client goes when it likes
                await response.prepare(request)
                if request.method == "GET":
                    await self._send(request, response, body, answer, seen)
            return response

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self.active += 1
        try:
            yield
        finally:
            self.active -= 1

    def _head(self, request: web.Request, answer: Answer) -> tuple[web.StreamResponse, memoryview]:
        media = self._media.get(request.match_info["name"])
        if answer.redirect is not None:
            return web.Response(status=302, headers={"Location": answer.redirect}), memoryview(b"")
        status = answer.status or (404 if media is None else None) or (403 if self._refused(request) else None)
        if media is None or status is not None:
            return web.Response(status=status or 404, headers=answer.headers, text="refused"), memoryview(b"")
        whole = memoryview(media.body)
        asked = _CLOSED_RANGE.fullmatch(request.headers.get("Range", ""))
        if asked is None or answer.ignore_range:
            return _prepared(200, media, whole, answer, {}), whole
        total = len(whole)
        first, last = int(asked[1]), min(int(asked[2] or total - 1), total - 1)
        if first > last:
            return web.Response(status=416, headers={"Content-Range": f"bytes */{total}"}), memoryview(b"")
        told = "*" if answer.hide_total else answer.total or total
        part = memoryview(bytes(whole[first : last + 1]) + b"\xff" * answer.surplus)
        return _prepared(206, media, part, answer, {"Content-Range": f"bytes {first}-{last}/{told}"}), part

    def _refused(self, request: web.Request) -> bool:
        # A re-encoded query is a broken signature: googlevideo signs it as it wrote it.
        intact = "sparams=expire%2Cip" in request.raw_path
        expired = float(request.query["expire"]) <= self._clock()
        return expired or not intact or request.query["sig"] not in self._valid

    async def _send(
        self, request: web.Request, response: web.StreamResponse, body: memoryview, answer: Answer, seen: Seen
    ) -> None:
        closed = re.fullmatch(r"bytes=[0-9]+-[0-9]+", seen.range or "") is not None
        limit = len(body) if answer.cut is None else min(answer.cut, len(body))
        paced = not closed and self.pace is not None
        piece = max(1, (self.pace or 0) // 20) if paced else answer.piece
        while seen.sent < limit:
            part = body[seen.sent : min(seen.sent + piece, limit)]
            await response.write(part)
            seen.sent += len(part)
            if paced:
                await asyncio.sleep(0.05)
        transport = request.transport
        if transport is None or limit == len(body) > 0:
            return
        if answer.stall_after is not None:
            await asyncio.Event().wait()
        if answer.reset_after is not None:
            # SO_LINGER with time 0 makes close() send RST instead of FIN.
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.close()


def _prepared(status: int, media: Media, part: memoryview, answer: Answer, extra: dict[str, str]) -> web.StreamResponse:
    response = web.StreamResponse(status=status, headers={"Content-Type": media.content_type, **extra})
    if not answer.chunked:
        response.content_length = len(part)
    response.headers.update(answer.headers)
    return response
