"""The worker process: started when needed, killed when it hangs, replaced when it dies, gone when the bridge is."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import structlog
from support.waiting import eventually

from mpdbridge.config import ResolverSettings
from mpdbridge.errors import YouTubeStreamError
from mpdbridge.resolver import ExtractorWorker

PARENT = """
import asyncio, sys
from mpdbridge.config import ResolverSettings
from mpdbridge.logs import configure
from mpdbridge.resolver import ExtractorWorker

configure("error")

async def main():
    async with ExtractorWorker(settings=ResolverSettings()) as worker:
        await worker.warm()
        print(worker._process.pid, flush=True)
        await worker.extract(sys.argv[1])
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture
def settings():
    return ResolverSettings(timeout_seconds=20)


@pytest.fixture
async def worker(settings):
    async with ExtractorWorker(settings=settings) as worker:
        yield worker


def is_gone(pid):
    """No such process, or only its zombie, which a container without an init keeps."""
    try:
        return ") Z" in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "FILE:/etc/passwd", "ftp://127.0.0.1/x", "data:,x", "song.mp3", ""]
)
async def test_nothing_but_http_reaches_yt_dlp(worker, url):
    for ask in (worker.extract, worker.list_entries):
        with pytest.raises(YouTubeStreamError, match="http:// or https://") as caught:
            await ask(url)
        assert caught.value.permanent
    assert worker._process is None, "it is not even started"


async def test_a_worker_that_is_not_asked_costs_nothing(settings):
    async with ExtractorWorker(settings=settings) as worker:
        assert worker._process is None


async def test_a_warm_worker_answers_at_once_and_ends_at_once(settings, site):
    async with ExtractorWorker(settings=settings) as worker:
        await worker.warm()
        pid = worker._process.pid
        await worker.extract(site.url("tone.mp3"))
        assert worker._process.pid == pid
        started = time.monotonic()
    assert time.monotonic() - started < 5
    assert is_gone(pid)


async def test_a_site_that_does_not_answer_costs_its_time_limit_and_the_next_job_works(site):
    async with ExtractorWorker(settings=ResolverSettings(timeout_seconds=1.5)) as worker:
        await worker.warm()
        await worker.extract(site.url("tone.mp3"))
        pid = worker._process.pid
        # sockets time out before the job does, but yt-dlp tries more than once
        with pytest.raises(YouTubeStreamError, match=r"resolver\.timeout_seconds|in time") as caught:
            await worker.extract(site.url("stalls-tone.mp3"))
        assert not caught.value.permanent
        await eventually(lambda: worker._process is not None or is_gone(pid), "the worker is killed")
        assert (await worker.extract(site.url("tone.mp3"))).stream.url == site.url("tone.mp3")


async def test_a_worker_that_hangs_is_killed_and_replaced(site):
    async with ExtractorWorker(settings=ResolverSettings(timeout_seconds=2)) as worker:
        await worker.warm()
        pid = worker._process.pid
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(YouTubeStreamError, match="nothing within 2 s"):
            await worker.extract(site.url("tone.mp3"))
        assert is_gone(pid)
        assert (await worker.list_entries(site.url("tone.mp3"))).title == "tone"


async def test_a_worker_killed_in_mid_job_is_replaced_and_the_job_done_again(worker, site):
    async with asyncio.TaskGroup() as group:
        job = group.create_task(worker.extract(site.url("first-stalls-tone.mp3")))
        await eventually(lambda: site.hits["/first-stalls-tone.mp3"], "yt-dlp asks", limit=30)
        os.kill(worker._process.pid, signal.SIGKILL)
    assert job.result().stream.url == site.url("first-stalls-tone.mp3")


async def test_a_job_that_kills_the_worker_twice_fails_and_the_next_works(worker, site):
    async def kill_at_each_request():
        for _ in range(2):
            hits = site.hits["/stalls-tone.mp3"]
            await eventually(lambda hits=hits: site.hits["/stalls-tone.mp3"] > hits, "yt-dlp asks", limit=30)
            os.kill(worker._process.pid, signal.SIGKILL)

    async with asyncio.TaskGroup() as group:
        group.create_task(kill_at_each_request())
        with pytest.raises(YouTubeStreamError, match="died over it, twice") as caught:
            await worker.extract(site.url("stalls-tone.mp3"))
    assert not caught.value.permanent
    assert (await worker.extract(site.url("tone.mp3"))).track.title == "tone"


async def test_a_worker_killed_while_idle_is_not_noticed_by_anybody(worker, site):
    await worker.warm()
    os.kill(worker._process.pid, signal.SIGKILL)
    assert (await worker.extract(site.url("tone.mp3"))).track.title == "tone"


async def test_the_late_reply_to_a_job_is_the_answer_to_the_same_job_asked_again(worker, site):
    await worker.warm()
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await worker.extract(site.url("late-tone.mp3"))
    assert (await worker.extract(site.url("late-tone.mp3"))).stream.url == site.url("late-tone.mp3")
    assert worker._jobs == 1
    await worker.extract(site.url("late-tone.mp3"))
    assert worker._jobs == 2, "an answered one is asked anew"


async def test_the_late_reply_to_a_job_nobody_waits_for_is_not_taken_for_another(worker, site):
    await worker.extract(site.url("tone.mp3"))
    pid = worker._process.pid
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await worker.extract(site.url("late-tone.mp3"))
    assert (await worker.extract(site.url("tone.flac"))).stream.url == site.url("tone.flac")
    assert worker._process.pid == pid


@pytest.mark.parametrize("next_one", ["tone.flac", "tone.mp3"], ids=["another", "the same"])
async def test_a_job_nobody_waits_for_that_hangs_does_not_fail_the_next(site, next_one):
    async with ExtractorWorker(settings=ResolverSettings(timeout_seconds=2)) as worker:
        await worker.extract(site.url("tone.mp3"))
        pid = worker._process.pid
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await worker.extract(site.url("tone.mp3"))
        assert (await worker.extract(site.url(next_one))).stream.url == site.url(next_one)
        assert is_gone(pid)


async def test_leaving_in_mid_job_ends_the_worker_at_once(settings, site):
    async with ExtractorWorker(settings=settings) as worker:
        async with asyncio.TaskGroup() as group:
            job = group.create_task(worker.extract(site.url("stalls-tone.mp3")))
            await eventually(lambda: site.hits["/stalls-tone.mp3"], "yt-dlp asks", limit=30)
            job.cancel()
        pid = worker._process.pid
        started = time.monotonic()
    assert time.monotonic() - started < 1
    assert is_gone(pid)


async def test_cancelling_the_start_leaves_no_process(settings):
    async with ExtractorWorker(settings=settings) as worker:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await worker.warm()
        assert worker._process is None
        await worker.warm()


@pytest.mark.parametrize("path", ["tone.mp3", "stalls-tone.mp3"])
async def test_the_worker_does_not_outlive_a_bridge_that_is_killed(site, path):
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, site.url(path)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    pid = int(await parent.stdout.readline())
    await eventually(lambda: site.hits[f"/{path}"], "yt-dlp asks", limit=30)
    parent.kill()
    await parent.communicate()
    await eventually(lambda: is_gone(pid), "the worker ends with its parent")


async def test_several_questions_at_once_each_get_their_own_answer(worker, site):
    paths = ("tone.mp3", "tone.flac", "tone.ogg")
    async with asyncio.TaskGroup() as group:
        jobs = {path: group.create_task(worker.extract(site.url(path))) for path in paths}
    assert {path: job.result().stream.url for path, job in jobs.items()} == {path: site.url(path) for path in jobs}


async def test_what_yt_dlp_says_goes_to_the_debug_log_and_nowhere_else(worker, site, capfd):
    with structlog.testing.capture_logs() as logs:
        await worker.extract(site.url("one.html"))
        with pytest.raises(YouTubeStreamError):
            await worker.extract(site.url("status/404/x.mp3"))
    assert capfd.readouterr() == ("", "")
    said = [entry for entry in logs if entry["event"] == "yt-dlp says"]
    assert {entry["log_level"] for entry in said} == {"debug"}
    assert any("404" in entry["message"] for entry in said)


async def test_a_format_that_yt_dlp_does_not_understand_is_told_in_one_line(site):
    async with ExtractorWorker(settings=ResolverSettings(format="bestaudio[ext")) as worker:
        with pytest.raises(YouTubeStreamError, match="Invalid format specification") as caught:
            await worker.extract(site.url("tone.mp3"))
        assert "\n" not in str(caught.value)
        assert worker._process is None


async def test_a_format_that_the_site_does_not_have_is_not_replaced_by_any_other(site):
    async with ExtractorWorker(settings=ResolverSettings(format="251")) as worker:
        with pytest.raises(YouTubeStreamError, match=r"resolver\.format") as caught:
            await worker.extract(site.url("tone.mp3"))
        assert not caught.value.permanent
        listing = await worker.list_entries(site.url("tone.mp3"))
        assert len(listing.entries) == 1, "a list does not care"


async def test_a_cookies_file_that_is_not_there_is_told(tmp_path, site):
    with structlog.testing.capture_logs() as logs:
        async with ExtractorWorker(settings=ResolverSettings(cookies_file=tmp_path / "none.txt")) as worker:
            await worker.extract(site.url("tone.mp3"))
    assert [entry["path"] for entry in logs if entry["log_level"] == "warning"] == [str(tmp_path / "none.txt")]


async def test_cookies_are_sent_kept_for_the_fetch_and_read_again_when_they_change(tmp_path, site):
    file = tmp_path / "cookies.txt"
    line = "# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tlogin\t{}\n"
    file.write_text(line.format("first"))
    async with ExtractorWorker(settings=ResolverSettings(cookies_file=file)) as worker:
        found = await worker.extract(site.url("tone.mp3"))
        assert "login=first" in site.cookies
        assert found.stream.headers["Cookie"] == "login=first"
        file.write_text(line.format("second"))
        os.utime(file, (1, 1))
        await worker.extract(site.url("tone.mp3"))
        assert "login=second" in site.cookies
    assert file.read_text() == line.format("second"), "it is the user's file: never written"
