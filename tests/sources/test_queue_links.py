"""Which links in a queue are for us: YouTube's by their form, other sites' only when they lead to a page with music."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from mpdbridge.config import ResolverSettings, SourcesSettings
from mpdbridge.errors import SourceError
from mpdbridge.resolver import ExtractorWorker
from mpdbridge.sources import open_sources
from mpdbridge.sources.queue_links import QueueLinks
from mpdbridge.urls import ProxyUrls

URLS = ProxyUrls.for_listener("localhost", 8080)
AUDIO = [
    "http://a.example/b.mp3",
    "http://a.example/b.M3U8?x=1",
    "http://a.example:8000/stream.ogg;",
    "http://a.example/b.pls",
]
VIDEOS = [
    "https://music.youtube.com/watch?v=abcdefghijk",
    "http://youtu.be/abcdefghijk",
    "HTTPS://YouTu.be/abcdefghijk",
    "https://youtube.com/live/abcdefghijk",
]
LISTS = ["https://music.youtube.com/playlist?list=PL0123456789", "https://music.youtube.com/browse/MPREb_0123456789a"]
FOREIGN = [
    "abcdefghijk",
    "Artist/abcdefghijk",
    "cdda:///1",
    "smb://host/abcdefghijk",
    "http://localhost:8080/proxy/abcdefghijk/x",
]
PAGES = [
    "https://a.example/some/page",
    "https://www.youtube.com/@channel/videos",
    "http://a.example:8000/",
    "http://[::1]/x",
]


@asynccontextmanager
async def queue_links(sites):
    async with (
        ExtractorWorker(settings=ResolverSettings(timeout_seconds=20)) as worker,
        open_sources(SourcesSettings(), worker) as sources,
    ):
        yield QueueLinks(sources=sources, sites=sites, urls=URLS)


@asynccontextmanager
async def answering(head):
    """A server that says `head` and then nothing more, to everybody; gives its URL and what it was asked."""
    asked, open_still = [], []

    async def answer(reader, writer):
        open_still.append(writer)
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(head)

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/radio", asked
        for writer in open_still:
            writer.close()
            await writer.wait_closed()


@pytest.mark.parametrize("sites", ["youtube", "all"])
async def test_youtubes_links_are_ours_and_files_streams_and_our_own_are_not(sites) -> None:
    async with queue_links(sites) as links:
        assert all(map(links.may_be_ours, VIDEOS + LISTS))
        assert not any(map(links.may_be_ours, AUDIO + FOREIGN))
        assert [links.may_be_ours(page) for page in PAGES] == [sites == "all"] * len(PAGES)


async def test_of_a_video_the_id_is_known_without_asking() -> None:
    async with queue_links("youtube") as links:
        tracks = [links.video(link) for link in VIDEOS]
        assert {(track.track_id, track.title, track.source_url) for track in tracks} == {
            ("abcdefghijk", "", "https://music.youtube.com/watch?v=abcdefghijk")
        }
        assert [links.video(link) for link in LISTS + PAGES] == [None] * 6


async def test_a_page_with_music_gives_its_tracks(site) -> None:
    async with queue_links("all") as links:
        (track,) = await links.look_up(site.url("one.html"))
        assert (track.title, track.source) == ("One song", "web")


async def test_a_page_without_music_gives_the_reason(site) -> None:
    async with queue_links("all") as links:
        with pytest.raises(SourceError, match=r"nothing\.html"):
            await links.look_up(site.url("nothing.html"))


@pytest.mark.parametrize("name", ["late-tone.mp3", "only.m3u8", "feed.xml", "status/404/x", "status/503/x"])
async def test_what_is_no_page_is_left_to_mpd(site, name) -> None:
    async with queue_links("all") as links:
        assert await links.look_up(site.url(name)) is None
    assert site.hits[f"/{name}"] == 1, "asked once, and yt-dlp not at all"


@pytest.mark.parametrize(
    "head",
    [
        b"ICY 200 OK\r\nicy-name: old station\r\nicy-metaint: 8192\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\nicy-name: a station\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nicy-name: a station that does not know better\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
    ],
)
async def test_a_web_radio_is_left_to_mpd(head) -> None:
    async with queue_links("all") as links, answering(head) as (url, asked), asyncio.timeout(5):
        assert await links.look_up(url) is None
    assert "Mozilla" not in asked[0]
    assert "icy-metadata: 1" in asked[0].lower()


async def test_a_server_that_does_not_answer_is_an_error_for_now(monkeypatch) -> None:
    monkeypatch.setattr("mpdbridge.sources.queue_links._PATIENCE", 0.2)
    async with queue_links("all") as links, answering(b"") as (url, _):
        for silent in (url, "http://127.0.0.1:1/page"):
            with pytest.raises(SourceError, match="no answer"):
                await links.look_up(silent)
