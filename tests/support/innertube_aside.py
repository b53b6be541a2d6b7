"""The small music.youtube.com in a thread of its own, for tests of whole commands, which run their own event loop."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future

import pytest
from support.innertube import FakeInnerTube


@pytest.fixture
def tube(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeInnerTube]:
    """A running FakeInnerTube, to which this process's requests for music.youtube.com are led."""
    started: Future[tuple[FakeInnerTube, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        async with FakeInnerTube() as running:
            ended = asyncio.Event()
            started.set_result((running, asyncio.get_running_loop(), ended))
            await ended.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), name="InnerTube")
    thread.start()
    running, loop, ended = started.result(10)
    monkeypatch.setattr("mpdbridge.sources.ytmusic.session.open_session", running.session_factory)
    yield running
    loop.call_soon_threadsafe(ended.set)
    thread.join(10)
