"""open_sources: only what is enabled, and only that is imported."""

import locale
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest

from mpdbridge.config import ResolverSettings, SourcesSettings, YTMusicSettings
from mpdbridge.errors import SourceError
from mpdbridge.resolver import ExtractorWorker
from mpdbridge.sources import open_sources
from mpdbridge.sources.ytmusic.opened import Opened
from mpdbridge.sources.ytmusic.session import PatientSession

WEB = {"playlists": [{"name": "Pod", "url": "http://127.0.0.1:1/feed.xml"}]}
OPEN_WEB = f"""
import asyncio, sys
from mpdbridge.config import ResolverSettings, SourcesSettings, YTMusicSettings
from mpdbridge.resolver import ExtractorWorker
from mpdbridge.sources import open_sources

async def main():
    async with ExtractorWorker(settings=ResolverSettings()) as worker:
        async with open_sources(SourcesSettings(web={WEB}), worker) as sources:
            assert [source.name for source in sources.enabled] == ["web"]

asyncio.run(main())
print(sorted(sys.modules.keys() & {{"ytmusicapi", "yt_dlp", "aiohttp"}}))
"""


@asynccontextmanager
async def opened(**settings):
    async with (
        ExtractorWorker(settings=ResolverSettings()) as worker,
        open_sources(SourcesSettings(**settings), worker) as sources,
    ):
        yield sources


async def names(**settings):
    async with opened(**settings) as sources:
        return [source.name for source in sources.enabled]


async def test_nothing_configured_gives_no_playlists():
    assert await names() == []


async def test_what_is_enabled_is_there():
    assert await names(demo={"enabled": True}, web=WEB) == ["demo", "web"]
    assert await names(ytmusic={"enabled": True}) == ["ytmusic"]


async def test_links_can_be_looked_up_without_any_configuration():
    async with opened() as sources:
        assert [source.name for source in sources.asked] == ["ytmusic", "web"]
        with pytest.raises(SourceError, match=r"^this is no link and no id"):
            await sources.lookup("nonsense")


async def test_the_source_of_a_link_is_found():
    async with opened(demo={"enabled": True}) as sources:
        found = await sources.lookup("demo:demo-fjord-at-five.m4a")
    assert (found.ref.source, len(found.tracks)) == ("demo", 1)


def test_the_locale_of_the_program_stays(monkeypatch):
    before = locale.setlocale(locale.LC_ALL)
    other = min({"C", "C.UTF-8"} - {before})
    monkeypatch.setattr("ytmusicapi.YTMusic", lambda **_: locale.setlocale(locale.LC_ALL, other))  # the real one, too
    Opened(settings=YTMusicSettings(), session_factory=PatientSession).guest()
    assert locale.setlocale(locale.LC_ALL) == before


def test_a_source_not_in_use_is_not_imported():
    told = subprocess.run([sys.executable, "-c", OPEN_WEB], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
