"""ExtractorWorker: our side of the worker process. The first job starts it; it stays warm, and is replaced if it fails.

One job runs at a time. A job whose caller has gone is not waited for: the next one drops its late reply.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from mpdbridge.config import ResolverSettings
from mpdbridge.errors import YouTubeStreamError
from mpdbridge.logs import get_logger
from mpdbridge.resolver import protocol
from mpdbridge.resolver.failures import error_of, shown
from mpdbridge.resolver.metadata import Extracted, Listing
from mpdbridge.text import one_line

_log = get_logger(__name__)
_START_SECONDS = 60.0  # Python and yt-dlp take one second; a Raspberry Pi with a cold SD card takes many
_END_SECONDS = 1.0
_LIST_FACTOR = 4  # YouTube lists come in pages of 100, half a second each
_LONGEST_LINE = 64 * 2**20


class ExtractorWorker:
    """yt-dlp in a process of its own. `async with`; costs nothing until the first question."""

    def __init__(self, *, settings: ResolverSettings) -> None:
        self._settings = settings
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._jobs = 0
        self._overdue_at: float | None = None  # loop time at which the job that runs now is given up

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
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

    async def _ask(self, what: str, url: str, seconds: float) -> protocol.Message:
        if urlsplit(url).scheme not in ("http", "https"):
            raise YouTubeStreamError(
                f"{shown(url)}: not a link: it must begin with http:// or https://", permanent=True
            )
        async with self._turn:
            try:
                reply = await self._reply(what, url, seconds)
            except (EOFError, OSError):  # killed from outside, out of memory, crashed: not the link's fault, at first
                _log.warning("yt-dlp's process died, trying again", url=url)
                await self._end(kill=True)
                try:
                    reply = await self._reply(what, url, seconds)
                except (EOFError, OSError) as error:
                    await self._end(kill=True)
                    raise YouTubeStreamError(f"{shown(url)}: yt-dlp's process died over it, twice") from error
        if "refusal" in reply:
            raise YouTubeStreamError(reply["refusal"], permanent=reply["permanent"])
        if "failure" in reply:
            raise error_of(protocol.to_failure(reply["failure"]), url)
        value: protocol.Message = reply["value"]
        return value

    async def _reply(self, what: str, url: str, seconds: float) -> protocol.Message:
        """The worker's reply to one job.

        Raises:
            EOFError, OSError: the process died.
            YouTubeStreamError: no reply came in time; the process was killed.
        """
        process = await self._running()
        self._jobs += 1
        self._overdue_at = asyncio.get_running_loop().time() + seconds
        assert process.stdin is not None  # noqa: S101  # for mypy: it was made with PIPE
        process.stdin.write(protocol.line({"job": self._jobs, "do": what, "url": url}))
        try:
            async with asyncio.timeout_at(self._overdue_at):
                await process.stdin.drain()
                reply = await self._next(process, job=self._jobs)
        except TimeoutError:
            await self._end(kill=True)
            raise YouTubeStreamError(
                f"{shown(url)}: yt-dlp found nothing within {seconds:g} s (resolver.timeout_seconds)"
            ) from None
        self._overdue_at = None
        return reply

    async def _running(self) -> Process:
        """The process, ready for a job: started if there is none, and done with what nobody waits for any more."""
        if self._process is not None and self._overdue_at is not None:
            try:
                async with asyncio.timeout_at(self._overdue_at):
                    await self._next(self._process, job=self._jobs)
                self._overdue_at = None
            except (TimeoutError, EOFError, OSError):
                await self._end(kill=True)
        if self._process is None:
            await self._start()
        assert self._process is not None  # noqa: S101  # for mypy
        return self._process

    async def _start(self) -> None:
        # -P: a yt_dlp.py in the folder where the user happens to stand is not the one we mean.
        # A session of its own: Ctrl-C in the terminal is for the bridge, and deno dies with its yt-dlp.
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "mpdbridge.resolver.worker"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            limit=_LONGEST_LINE,
            start_new_session=True,
        )
        try:
            assert self._process.stdin is not None  # noqa: S101  # for mypy: it was made with PIPE
            self._process.stdin.write(protocol.line(self._options()))
            async with asyncio.timeout(_START_SECONDS):
                hello = await self._next(self._process, job=None)
            if "failure" in hello:
                reason = one_line(protocol.to_failure(hello["failure"]).message)
                raise YouTubeStreamError(f"yt-dlp does not start: {reason}: look at the resolver section")  # noqa: TRY301
        except (TimeoutError, EOFError, OSError) as error:
            await self._end(kill=True)
            raise YouTubeStreamError("yt-dlp does not start: `python -m yt_dlp --version` may say why") from error
        except BaseException:  # cancelled while it starts: it may be anywhere in its hello
            await self._end(kill=True)
            raise
        _log.debug("yt-dlp is ready", version=hello["ready"], pid=self._process.pid)

    def _options(self) -> protocol.Message:
        cookies = self._settings.cookies_file
        return {
            "format": self._settings.format,
            "extractor_args": self._settings.extractor_args,
            "cookies_file": None if cookies is None else str(cookies),
            "socket_timeout": self._settings.timeout_seconds / 2,
        }

    async def _next(self, process: Process, *, job: int | None) -> protocol.Message:
        """The next message about `job`; what yt-dlp says meanwhile is logged, replies to other jobs are dropped."""
        assert process.stdout is not None  # noqa: S101  # for mypy: it was made with PIPE
        while text := await process.stdout.readline():
            told = protocol.message(text)
            if "log" in told:
                _log.debug("yt-dlp says", message=told["log"])
            elif told.get("job") == job:
                return told
        raise EOFError

    async def _end(self, *, kill: bool) -> None:
        """Let the process end by itself, for it is idle; or `kill` it and what it has started."""
        process, self._process, self._overdue_at = self._process, None, None
        if process is None:
            return
        assert process.stdin is not None  # noqa: S101  # for mypy: both were made with PIPE
        assert process.stdout is not None  # noqa: S101
        process.stdin.close()
        try:
            if not kill:
                async with asyncio.timeout(_END_SECONDS):
                    await process.wait()
        except TimeoutError:
            pass
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # it leads its group; the group may outlive it
            await process.wait()
            await process.stdout.read()  # to the end, so that the loop lets go of the pipe
