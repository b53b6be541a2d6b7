"""Where playlists come from. Only the sources in use are imported: ytmusicapi alone takes a quarter of a second."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING

from mpdbridge.config import SourcesSettings
from mpdbridge.errors import SourceError
from mpdbridge.models import Playlist
from mpdbridge.resolver import ExtractorWorker
from mpdbridge.sources.base import Offer, Source

if TYPE_CHECKING:
    from mpdbridge.sources.ytmusic import YTMusicSource

__all__ = ["Offer", "OpenSources", "Source", "open_sources"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSources:
    """All sources, ready to be asked.

    Attributes:
        enabled: those that playlists are wanted of.
        asked: those that look links up, most particular first: YouTube's are for ytmusic, all others for yt-dlp.
        music: YouTube Music, enabled or not; without a login it still searches.
    """

    enabled: tuple[Source, ...]
    asked: tuple[Source, ...]
    music: "YTMusicSource"

    async def lookup(self, link: str) -> Playlist:
        """What a link or id stands for; one track is a playlist of one. At least one track can be played.

        Raises:
            SourceError: no source knows it, or nothing can be had from it.
        """
        for source in self.asked:
            found = await source.lookup(link)
            if found is not None and not found.tracks:
                raise SourceError("nothing of it can be played")
            if found is not None:
                return found
        raise SourceError("this is no link and no id; copy the link from the browser, with https:// in front")


@asynccontextmanager
async def open_sources(settings: SourcesSettings, worker: ExtractorWorker) -> AsyncIterator[OpenSources]:
    """The sources. To open one costs nothing: it connects to nobody before it is asked."""
    from mpdbridge.sources.web import WebSource
    from mpdbridge.sources.ytmusic import YTMusicSource

    async with AsyncExitStack() as stack:
        music = YTMusicSource(settings=settings.ytmusic)
        stack.push_async_callback(music.aclose)
        asked: list[Source] = [music, WebSource(worker=worker, settings=settings.web)]
        wanted = [settings.ytmusic.enabled, bool(settings.web.playlists)]
        if settings.demo.enabled:
            from mpdbridge.sources.demo import DemoSource

            asked, wanted = [DemoSource(), *asked], [True, *wanted]
        yield OpenSources(enabled=tuple(compress(asked, wanted)), asked=tuple(asked), music=music)
