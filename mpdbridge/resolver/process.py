"""One run of the worker process: started, spoken to in lines, ended. What to do when it fails is decided elsewhere."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass

from mpdbridge.errors import YouTubeStreamError
from mpdbridge.logs import get_logger
from mpdbridge.resolver import protocol
from mpdbridge.text import one_line

_log = get_logger(__name__)
_START_SECONDS = 60.0  # Python and yt-dlp take one second; a Raspberry Pi with a cold SD card takes many
_END_SECONDS = 1.0
_LONGEST_LINE = 64 * 2**20  # 100,000 entries of a list
DIED = (EOFError, OSError, ValueError)
"""What speaking to a process raises that is no more, or has lost its mind (a line too long, or no message)."""


@dataclass(frozen=True, slots=True)
class WorkerProcess:
    """A running worker."""

    process: Process
    jobs: asyncio.StreamWriter
    replies: asyncio.StreamReader

    @property
    def pid(self) -> int:
        return self.process.pid

    @classmethod
    async def start(cls, options: protocol.Message) -> "WorkerProcess":
        """Start one, and return when it is ready for jobs.

        Raises:
            YouTubeStreamError: it does not start, or does not take the options.
        """
        # -P: a yt_dlp.py in the folder where the user happens to stand is not the one we mean.
        # A session of its own: Ctrl-C in the terminal is for the bridge, and deno is killed with its yt-dlp.
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "mpdbridge.resolver.worker"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            limit=_LONGEST_LINE,
            start_new_session=True,
        )
        assert process.stdin is not None  # noqa: S101  # for mypy: both were made with PIPE
        assert process.stdout is not None  # noqa: S101
        worker = cls(process, process.stdin, process.stdout)
        try:
            await worker._greet(options)
        except BaseException:  # cancelled in mid-greeting, too: it may be anywhere in it
            await worker.end(kill=True)
            raise
        return worker

    async def _greet(self, options: protocol.Message) -> None:
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self.send(options)
                hello = await self.next(job=None)
        except DIED as error:
            raise YouTubeStreamError("yt-dlp does not start: `python -m yt_dlp --version` may say why") from error
        if "failure" in hello:
            reason = one_line(protocol.to_failure(hello["failure"]).message)
            raise YouTubeStreamError(f"yt-dlp does not start with the resolver section as it is: {reason}")
        _log.debug("yt-dlp is ready", version=hello["ready"], pid=self.pid)

    async def send(self, message: protocol.Message) -> None:
        """Give it a message; raises what is in DIED."""
        self.jobs.write(protocol.line(message))
        await self.jobs.drain()

    async def next(self, *, job: int | None) -> protocol.Message:
        """The next message about `job`; raises what is in DIED.

        What yt-dlp says meanwhile is logged; late replies to other jobs are dropped.
        """
        while (text := await self.replies.readline()).endswith(b"\n"):
            told = protocol.message(text)
            if "log" in told:
                _log.debug("yt-dlp says", message=told["log"])
            elif told.get("job") == job:
                return told
        raise EOFError

    async def end(self, *, kill: bool) -> None:
        """Let it end by itself, for it is idle; or `kill` it together with what it has started."""
        self.jobs.close()
        try:
            if not kill:
                async with asyncio.timeout(_END_SECONDS):
                    await self.process.wait()
        except TimeoutError:
            _log.debug("yt-dlp does not end by itself", pid=self.pid)
        finally:
            if self.process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)
            await self.process.wait()
            # To their ends, so that the loop lets go of both pipes.
            await self.replies.read()
            with suppress(OSError):
                await self.jobs.wait_closed()
