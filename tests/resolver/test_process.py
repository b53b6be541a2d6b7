"""Speaking with the worker process: what counts as an answer."""

import asyncio
import signal
from asyncio.subprocess import PIPE

import pytest
import structlog

from mpdbridge.resolver.process import DIED, WorkerProcess


def worker_that_wrote(text, *, limit=2**16):
    replies = asyncio.StreamReader(limit=limit)
    replies.feed_data(text)
    replies.feed_eof()
    return WorkerProcess(process=None, jobs=None, replies=replies)


async def test_logs_and_late_replies_are_passed_over():
    worker = worker_that_wrote(b'{"log":"hello"}\n{"job":1,"value":1}\n{"job":2,"value":2}\n')
    with structlog.testing.capture_logs() as logs:
        assert await worker.next(job=2) == {"job": 2, "value": 2}
    assert [entry["message"] for entry in logs] == ["hello"]


@pytest.mark.parametrize(
    "text",
    [b"", b'{"job":1,"val', b'{"job":1}', b"Traceback\n", b"[]\n", b'{"log":"' + b"x" * 5000],
    ids=["nothing", "half a reply", "no end of line", "no JSON", "no message", "a line without end"],
)
async def test_a_worker_that_ends_in_mid_line_or_talks_nonsense_counts_as_dead(text):
    with pytest.raises(DIED):
        await worker_that_wrote(text, limit=1000).next(job=1)


async def test_one_that_does_not_end_by_itself_is_killed(monkeypatch):
    monkeypatch.setattr("mpdbridge.resolver.process._END_SECONDS", 0.05)
    process = await asyncio.create_subprocess_exec("sleep", "60", stdin=PIPE, stdout=PIPE, start_new_session=True)
    async with asyncio.timeout(10):
        await WorkerProcess(process=process, jobs=process.stdin, replies=process.stdout).end(kill=False)
    assert process.returncode == -signal.SIGKILL
