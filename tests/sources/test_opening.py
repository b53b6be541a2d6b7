"""open_sources: only what is enabled, and only that is imported."""

import subprocess
import sys

from mpdbridge.config import ResolverSettings, SourcesSettings
from mpdbridge.resolver import ExtractorWorker
from mpdbridge.sources import open_sources

WEB = {"playlists": [{"name": "Pod", "url": "http://127.0.0.1:1/feed.xml"}]}
OPEN_WEB = f"""
import asyncio, sys
from mpdbridge.config import ResolverSettings, SourcesSettings
from mpdbridge.resolver import ExtractorWorker
from mpdbridge.sources import open_sources

async def main():
    async with ExtractorWorker(settings=ResolverSettings()) as worker:
        async with open_sources(SourcesSettings(web={WEB}), worker) as sources:
            assert [source.name for source in sources] == ["web"]

asyncio.run(main())
print(sorted(sys.modules.keys() & {{"ytmusicapi", "yt_dlp", "aiohttp"}}))
"""


async def names(*, for_links=False, **settings):
    async with (
        ExtractorWorker(settings=ResolverSettings()) as worker,
        open_sources(SourcesSettings(**settings), worker, for_links=for_links) as sources,
    ):
        return [source.name for source in sources]


async def test_nothing_configured_opens_nothing():
    assert await names() == []


async def test_what_is_enabled_is_opened():
    assert await names(demo={"enabled": True}, web=WEB) == ["demo", "web"]
    assert await names(ytmusic={"enabled": True}) == ["ytmusic"]


async def test_links_can_be_looked_up_without_any_configuration():
    assert await names(for_links=True) == ["ytmusic", "web"]


def test_a_source_not_in_use_is_not_imported():
    told = subprocess.run([sys.executable, "-c", OPEN_WEB], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
