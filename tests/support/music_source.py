"""YTMusicSources that ask a FakeInnerTube."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from support.innertube import FakeInnerTube

from mpdbridge.config import YTMusicSettings
from mpdbridge.sources.ytmusic import YTMusicSource

Make = Callable[..., YTMusicSource]
"""`make(language="de", …)`: a source with these settings."""


@asynccontextmanager
async def making(tube: FakeInnerTube, **parts: Any) -> AsyncIterator[Make]:
    """What makes sources that ask `tube`, with `parts` of the test's; all of them are closed at the end."""
    async with AsyncExitStack() as stack:

        def make(**settings: object) -> YTMusicSource:
            checked = YTMusicSettings.model_validate(settings)
            source = YTMusicSource(settings=checked, session_factory=tube.session_factory, **parts)
            stack.push_async_callback(source.aclose)
            return source

        yield make
