"""Where playlists come from. Only the sources in use are imported: ytmusicapi alone takes a quarter of a second."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from mpdbridge.config import SourcesSettings
from mpdbridge.resolver import ExtractorWorker
from mpdbridge.sources.base import Offer, Source

__all__ = ["Offer", "Source", "open_sources"]


@asynccontextmanager
async def open_sources(
    settings: SourcesSettings, worker: ExtractorWorker, *, for_links: bool = False
) -> AsyncIterator[list[Source]]:
    """The enabled sources, most particular first; `for_links` opens those too that are needed to look links up.

    A link is asked of each in order: YouTube's links are for ytmusic, whatever is left over is for yt-dlp.
    """
    async with AsyncExitStack() as stack:
        sources: list[Source] = []
        if settings.demo.enabled:
            from mpdbridge.sources.demo import DemoSource

            sources.append(DemoSource())
        if settings.ytmusic.enabled or for_links:
            from mpdbridge.sources.ytmusic import YTMusicSource

            ytmusic = YTMusicSource(settings=settings.ytmusic)
            stack.push_async_callback(ytmusic.aclose)
            sources.append(ytmusic)
        if settings.web.playlists or for_links:
            from mpdbridge.sources.web import WebSource

            sources.append(WebSource(worker=worker, settings=settings.web))
        yield sources
