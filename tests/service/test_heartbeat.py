"""A sign of life is a proof of life."""

import asyncio
from contextlib import asynccontextmanager

from structlog.testing import capture_logs
from support.notify import NotifySocket
from support.waiting import eventually

from mpdbridge.service.heartbeat import Heartbeat, status_line
from mpdbridge.service.manager import ServiceManager


class Bridge:
    """Works, or does not; `asked` counts."""

    def __init__(self) -> None:
        self.status = "well"
        self.trouble: Exception | None = None
        self.asked = 0

    async def works(self) -> None:
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble


@asynccontextmanager
async def beating(heard, bridge):
    beat = Heartbeat(manager=ServiceManager(heard.env), works=bridge.works, status=lambda: bridge.status)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(beat.run())
        yield
        task.cancel()


async def test_it_beats_twice_as_often_as_is_wanted() -> None:
    bridge = Bridge()
    with NotifySocket(watchdog=0.1) as heard:
        async with beating(heard, bridge):
            started = asyncio.get_running_loop().time()
            await eventually(lambda: bridge.asked >= 5, "five beats")
            assert asyncio.get_running_loop().time() - started >= 4 * 0.05
        assert heard.pending()[:4] == ["WATCHDOG=1", "STATUS=well"] * 2


async def test_a_status_that_changes_does_not_wait_for_the_next_beat() -> None:
    bridge = Bridge()
    with NotifySocket(watchdog=10) as heard:
        async with beating(heard, bridge):
            await eventually(lambda: bridge.asked, "the first beat")
            bridge.status = "tagging"
            await eventually(lambda: "STATUS=tagging" in heard.pending(), "the new status")
        assert (bridge.asked, heard.heard.count("STATUS=tagging")) == (1, 1)


async def test_a_bridge_that_does_not_work_gives_no_sign_until_it_does_again() -> None:
    bridge = Bridge()
    bridge.trouble = ConnectionRefusedError("nobody listens")
    with NotifySocket(watchdog=0.1) as heard, capture_logs() as logs:
        async with beating(heard, bridge):
            await eventually(lambda: bridge.asked >= 5, "five tries")
            assert heard.pending() == []
            bridge.trouble = None
            await eventually(lambda: "WATCHDOG=1" in heard.pending(), "a beat")
    assert [line["event"] for line in logs] == ["our own relay does not answer", "our own relay answers again"]


def test_the_status_line_tells_the_rooms() -> None:
    facts = {"mpd": {"address": "/s", "tagger": "attached"}, "sync": {"last": None, "error": None}}
    assert status_line(facts) == "tagging MPD at /s, nothing synced yet"
    facts = {
        "mpd": {"address": "/s", "tagger": "reconnecting"},
        "sync": {"last": {"playlists": 3}, "error": "no answer"},
    }
    assert status_line(facts) == "reconnecting: MPD at /s, 3 playlists synced; last trouble: no answer"
