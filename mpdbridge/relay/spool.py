"""What upstream can only send from the first byte on, kept on disk for a client that is slower than upstream.

Such an answer cannot be let go of for a moment, for it would be loaded all over again, nor be left waiting: kernel, TLS
and aiohttp hold some megabytes of it, and the site may tire of it. So its rest goes into a file without a name, as fast
as it comes, and then the connection is free. Of the file nothing is left behind, not by a kill -9 either.

While the disk is known to take nothing, or to give nothing back, such an answer waits where it is, on a connection that
holds little from its headers on.
"""

import asyncio
import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

import platformdirs

from mpdbridge.concurrency import OneThread
from mpdbridge.logs import get_logger
from mpdbridge.relay.reply import Reply, UpstreamError

log = get_logger(__name__)

CAPACITY = 256 * 1024 * 1024  # bytes of one answer that wait at the most: more than three hours of music
_SHARE = 16  # of the disk's free space, one answer takes at the most one part in so many
_LEAST = 1024 * 1024  # bytes of room that are worth a file
_PIECE = 64 * 1024  # bytes read from the disk at once
AGAIN = 60.0  # seconds that a disk is left alone after it has failed
_NOTHING = memoryview(b"")


class Spool:
    """Makes room for answers in `folder`; all of it is written and read in one thread. `async with` it."""

    def __init__(self, folder: Path, *, capacity: int = CAPACITY, again: float = AGAIN) -> None:
        self._folder = folder
        self._capacity = capacity
        self._again = again
        self._disk = OneThread("spool")
        self._failed: float | None = None  # when the disk has failed last; None once it has served an answer again

    async def __aenter__(self) -> Self:
        await self._disk.__aenter__()
        self._disk.run(self._ask)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._disk.__aexit__(None)

    @property
    def refused(self) -> bool:
        """The disk has failed, and not served an answer since."""
        return self._failed is not None

    @property
    def usable(self) -> bool:
        """It has not failed, or so long ago that it is to be tried again."""
        return self._failed is None or time.monotonic() - self._failed > self._again

    def take(self, ahead: memoryview, reply: Reply, *, wanted: int | None) -> "SpooledReply":
        """`ahead` and the rest of `reply`, which is loaded from now on as fast as it comes.

        `wanted`: how many bytes of that are to be read; None for all there are.
        """
        ring = _Ring(self._folder, self._capacity, self._disk)
        return SpooledReply(ahead, reply, wanted=wanted, ring=ring, tell=self._tell)

    def _ask(self) -> None:
        """Whether there is room, before the first answer needs it."""
        try:
            file, _ = _file_in(self._folder)
            file.close()
        except OSError as error:
            self._tell(error)

    def _tell(self, error: OSError | None) -> None:
        """How the disk has served an answer. If it has, that does not make up for what another one met meanwhile."""
        if error is not None:
            if self._failed is None:
                reason = error.strerror or str(error)
                log.warning("slow streams wait in memory", folder=str(self._folder), reason=reason)
            self._failed = time.monotonic()
        elif self.usable:
            self._failed = None


class SpooledReply:
    """The rest of a `Reply`, by way of the disk. What finds no room there waits where it is. `close` it."""

    def __init__(
        self,
        ahead: memoryview,
        reply: Reply,
        *,
        wanted: int | None,
        ring: "_Ring",
        tell: Callable[[OSError | None], None],
    ) -> None:
        self._unwritten = ahead  # `_load` has it until it ends, then `read`
        self._reply = reply
        self._wanted = wanted
        self._ring = ring
        self._tell = tell
        self._loading = asyncio.create_task(self._load())  # noqa: TID251  # `close` ends it

    async def read(self) -> bytes | memoryview:
        """The next bytes; `b""` at the end of this answer. Not behind what was wanted of it.

        Raises:
            UpstreamError: it broke off or fell silent there, or the disk does not give it back.
        """
        try:
            if piece := await self._ring.read():
                return piece
        except OSError as error:
            self._tell(error)
            raise UpstreamError(f"what upstream sent cannot be read from the disk ({error.strerror})") from error
        await self._loading  # it has ended: this raises mistakes of ours
        unwritten, self._unwritten = self._unwritten, _NOTHING
        return unwritten or await self._next()

    def close(self) -> None:
        """Let go of the answer, and of what is on the disk of it."""
        self._loading.cancel()
        self._reply.close()
        self._ring.close()

    async def _load(self) -> None:
        try:
            with suppress(UpstreamError):  # it is raised again when `read` comes there
                await self._fill()
            self._tell(None)
        except OSError as error:
            self._tell(error)
        finally:
            self._ring.end()
            self._reply.rest()

    async def _fill(self) -> None:
        await self._ring.open()  # before anything has come that would wait for it
        while self._wanted is None or self._ring.written < self._wanted:
            self._unwritten = self._unwritten or memoryview(await self._next())
            if not self._unwritten:
                return
            written = await self._ring.write(self._unwritten)
            self._unwritten = self._unwritten[written:] or _NOTHING  # an empty slice would keep what it was cut from
        self._reply.close()

    async def _next(self) -> bytes | memoryview:
        """What comes next from upstream."""
        pieces: list[bytes | memoryview] = []

        def put(piece: bytes | memoryview) -> bool:
            pieces.append(piece)
            return False

        if self._reply.can_be_poured:
            await self._reply.pour(put)
        return pieces[0] if pieces else await self._reply.read()


class _Ring:
    """A file that is written at its one end and read at the other, begun anew wherever `capacity` is reached.

    Where the disk turns out to be smaller, so is the capacity.

    Attributes:
        written: bytes, since the beginning.
    """

    def __init__(self, folder: Path, capacity: int, disk: OneThread) -> None:
        self._folder = folder
        self._capacity = capacity
        self._disk = disk
        self._file: IO[bytes] | None = None  # opened and closed in the thread, whoever still waits for it
        self.written = 0
        self._taken = 0
        self._ended = False
        self._changed = asyncio.Event()

    async def open(self) -> None:
        """Ask for its place. Raises OSError."""
        await self._disk.run(self._open)

    async def read(self) -> bytes:
        """The next bytes, as soon as there are any; `b""` after the `end`. Raises OSError."""
        while self.written == self._taken:
            if self._ended:
                return b""
            await self._change()
        at = self._taken % self._capacity
        size = min(_PIECE, self.written - self._taken, self._capacity - at)
        piece = await self._disk.run(self._get, size, at)
        self._taken += len(piece)
        self._changed.set()
        return piece

    async def write(self, chunk: memoryview) -> int:
        """Keeps the first bytes of `chunk`, as soon as there is room; returns how many. Raises OSError."""
        while self.written - self._taken == self._capacity:
            await self._change()
        at = self.written % self._capacity
        room = min(self._capacity - (self.written - self._taken), self._capacity - at)
        try:
            size = await self._disk.run(self._put, chunk[:room], at)
        except OSError:
            if not _LEAST <= self.written < self._capacity:
                raise
            self._capacity = self.written  # the disk is full: what it has given will do, over and over
            return 0
        self.written += size
        self._changed.set()
        return size

    def end(self) -> None:
        """Nothing more will be written."""
        self._ended = True
        self._changed.set()

    def close(self) -> None:
        """Give the room back. What is being written or read just now comes to its end before."""
        self._disk.run(self._close)

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def _open(self) -> None:
        self._file, room = _file_in(self._folder)
        self._capacity = min(self._capacity, room)

    def _put(self, chunk: memoryview, at: int) -> int:
        return os.pwrite(self._descriptor, chunk, at)

    def _get(self, size: int, at: int) -> bytes:
        piece = os.pread(self._descriptor, size, at)
        if not piece:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return piece

    @property
    def _descriptor(self) -> int:
        if self._file is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._file.fileno()

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # late news of a write that failed; nobody wants it any more
                file.close()


def _file_in(folder: Path) -> tuple[IO[bytes], int]:
    """A new file there, and how many bytes of it the disk can spare. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    share = shutil.disk_usage(folder).free // _SHARE
    if share < _LEAST:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return tempfile.TemporaryFile(dir=folder, buffering=0), share


def users_spool() -> Spool:
    """The one in the user's cache folder: a temporary folder may well be in memory."""
    return Spool(platformdirs.user_cache_path("mpdbridge") / "spool")
