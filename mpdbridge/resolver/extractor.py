"""ExtractorWorker: our side of the worker process. The first job starts it; it stays warm, and is replaced if it fails.

One job runs at a time. A job whose caller has gone is not waited for: the next one drops its late reply, unless it is
the very same job: MPD opens some files with three requests, each of which takes the place of the one before.
"""

import asyncio
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from mpdbridge.config import ResolverSettings
from mpdbridge.errors import YouTubeStreamError
from mpdbridge.logs import get_logger
from mpdbridge.resolver import protocol
from mpdbridge.resolver.failures import error_of, shown
from mpdbridge.resolver.metadata import Extracted, Listing
from mpdbridge.resolver.process import DIED, WorkerProcess
from mpdbridge.resolver.toolchain import Toolchain

_log = get_logger(__name__)
_LIST_FACTOR = 4  # YouTube's lists come in pages of 100, half a second each


class ExtractorWorker:
    """yt-dlp in a process of its own. `async with`; costs nothing until the first question.

    Args:
        settings: what yt-dlp is told.
        login: file whose cookies it gets if the settings name none; it need not exist (yet).
    """

    def __init__(self, *, settings: ResolverSettings, login: Path | None = None) -> None:
        self._settings = settings
        self._login = login
        self._turn = asyncio.Lock()
        self._process: WorkerProcess | None = None
        self._jobs = 0
        self._last: tuple[str, str] | None = None  # what the last job was
        self._overdue_at: float | None = None  # loop time at which the job that runs now is given up

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end(kill=self._overdue_at is not None)

    async def warm(self) -> None:
        """Start the process now, so that the first job need not wait for it.

        Raises:
            YouTubeStreamError: it cannot be started.
        """
        async with self._turn:
            await self._running()

    async def extract(self, url: str) -> Extracted:
        """The stream and the metadata of the one piece behind `url`; of a list, its first.

        Raises:
            YouTubeStreamError: there is none, now or for good, or it took too long.
        """
        return protocol.to_extracted(await self._ask("extract", url, self._settings.timeout_seconds))

    async def list_entries(self, url: str) -> Listing:
        """What stands behind `url`, without looking into each entry; a single piece is a list of one.

        Raises:
            YouTubeStreamError: it cannot be listed, now or for good, or it took too long.
        """
        return protocol.to_listing(await self._ask("list", url, self._settings.timeout_seconds * _LIST_FACTOR))

    async def about(self) -> Toolchain:
        """What yt-dlp works with; this asks no site.

        Raises:
            YouTubeStreamError: it does not start, or does not tell.
        """
        return Toolchain.of(await self._answer("about", "yt-dlp", self._settings.timeout_seconds))

    async def _ask(self, what: str, url: str, seconds: float) -> protocol.Message:
        if urlsplit(url).scheme not in ("http", "https"):
            raise YouTubeStreamError(f"{shown(url)}: not a link that begins with http:// or https://", permanent=True)
        return await self._answer(what, url, seconds)

    async def _answer(self, what: str, url: str, seconds: float) -> protocol.Message:
        async with self._turn:
            try:
                reply = await self._reply(what, url, seconds)
            except DIED:  # killed from outside, out of memory, crashed: not the link's fault, at first
                _log.warning("yt-dlp's process died, trying again", url=shown(url))
                try:
                    reply = await self._reply(what, url, seconds)
                except DIED as error:
                    raise YouTubeStreamError(f"{shown(url)}: yt-dlp's process died over it, twice") from error
        if "refusal" in reply:
            raise YouTubeStreamError(reply["refusal"], permanent=reply["permanent"])
        if "failure" in reply:
            raise error_of(protocol.to_failure(reply["failure"]), url)
        value: protocol.Message = reply["value"]
        return value

    async def _reply(self, what: str, url: str, seconds: float) -> protocol.Message:
        """The worker's reply to one job; raises what is in DIED, or YouTubeStreamError when none came in time."""
        late = await self._late_reply()
        if late is not None and self._last == (what, url):
            return late
        process = await self._running()
        self._jobs, self._last = self._jobs + 1, (what, url)
        self._overdue_at = asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout_at(self._overdue_at):
                await process.send({"job": self._jobs, "do": what, "url": url})
                reply = await process.next(job=self._jobs)
        except TimeoutError:
            await self._end(kill=True)
            raise YouTubeStreamError(
                f"{shown(url)}: yt-dlp found nothing within {seconds:g} s (resolver.timeout_seconds)"
            ) from None
        except DIED:
            await self._end(kill=True)
            raise
        self._overdue_at = None
        return reply

    async def _late_reply(self) -> protocol.Message | None:
        """The reply to a job that nobody waits for any more, if there is such a one; afterwards the process is idle."""
        if self._process is None or self._overdue_at is None:
            return None
        try:
            async with asyncio.timeout_at(self._overdue_at):
                reply = await self._process.next(job=self._jobs)
        except DIED:  # too late counts as dead: TimeoutError is an OSError
            await self._end(kill=True)
            return None
        self._overdue_at = None
        return reply

    async def _running(self) -> WorkerProcess:
        """The process, started if there is none."""
        if self._process is None:
            self._process = await WorkerProcess.start(await self._options())
        return self._process

    async def _options(self) -> protocol.Message:
        cookies = self._settings.cookies_file
        if cookies is not None and not await asyncio.to_thread(cookies.exists):
            _log.warning("resolver.cookies_file does not exist", path=str(cookies))
        return {
            "format": self._settings.format,
            "extractor_args": self._settings.extractor_args,
            "cookies_file": None if cookies is None else str(cookies),
            "login_file": None if self._login is None else str(self._login),
            "socket_timeout": self._settings.timeout_seconds / 2,
        }

    async def _end(self, *, kill: bool) -> None:
        process, self._process, self._overdue_at = self._process, None, None
        if process is not None:
            await process.end(kill=kill)
