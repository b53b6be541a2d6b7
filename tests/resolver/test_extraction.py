"""The real yt-dlp on a real website: what it finds there, and what its failures mean."""

import time

import pytest
import pytest_asyncio

from mpdbridge.config import ResolverSettings
from mpdbridge.errors import YouTubeStreamError
from mpdbridge.resolver import ExtractorWorker
from mpdbridge.urls import TRACK_ID

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one warm worker for all of them


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def worker():
    async with ExtractorWorker(settings=ResolverSettings(timeout_seconds=20)) as worker:
        yield worker


@pytest.mark.parametrize(
    ("suffix", "content_type"),
    [("mp3", "audio/mpeg"), ("m4a", "audio/mp4"), ("webm", "audio/webm"), ("ogg", "audio/ogg"), ("flac", "audio/flac")],
)
async def test_a_plain_audio_file_is_its_own_stream_titled_by_its_name(worker, site, suffix, content_type):
    found = await worker.extract(site.url(f"tone.{suffix}"))
    assert found.stream.url == site.url(f"tone.{suffix}")
    assert found.stream.content_type == content_type
    assert "User-Agent" in found.stream.headers
    assert abs(found.stream.resolved_at - time.time()) < 60
    assert (found.track.title, found.track.source, found.track.source_url) == ("tone", "web", found.stream.url)
    assert TRACK_ID.fullmatch(found.track.track_id)


async def test_a_page_with_a_player_leads_to_its_file(worker, site):
    found = await worker.extract(site.url("one.html"))
    assert found.stream.url == site.url("tone.mp3")
    assert found.stream.headers["Referer"] == site.url("one.html")
    listing = await worker.list_entries(site.url("one.html"))
    assert (listing.title, listing.playlist_id) == ("One song", None)
    assert [entry.track_id for entry in listing.entries] == [found.track.track_id]


async def test_a_page_with_two_players_is_a_list_of_tracks_that_are_told_apart(worker, site):
    listing = await worker.list_entries(site.url("two.html"))
    assert (listing.title, listing.playlist_id) == ("Two songs", "two")
    assert [entry.source_url for entry in listing.entries] == [site.url("tone.webm"), site.url("tone.mp3")]
    assert len({entry.track_id for entry in listing.entries}) == 2
    first = await worker.extract(site.url("two.html"))
    assert first.stream.url == site.url("tone.webm"), "of a list, the first is played"


async def test_a_podcast_is_a_playlist_whose_entries_are_not_looked_into(worker, site):
    listing = await worker.list_entries(site.url("feed.xml"))
    assert listing.title == "Nachtfunk · Ünï"
    assert [(entry.title, entry.duration) for entry in listing.entries] == [
        ('Folge 1: "Anfang"', 65),
        ("Folge 2", None),
    ]
    assert [entry.source_url for entry in listing.entries] == [site.url("tone.mp3"), site.url("tone.m4a")]
    assert site.hits["/tone.mp3"] == 0


async def test_an_empty_podcast_lists_nothing(worker, site):
    listing = await worker.list_entries(site.url("empty.xml"))
    assert (listing.entries, listing.unavailable) == ((), ())
    with pytest.raises(YouTubeStreamError, match="an empty list"):
        await worker.extract(site.url("empty.xml"))


async def test_what_comes_only_in_segments_is_refused_plainly(worker, site):
    with pytest.raises(YouTubeStreamError, match="only as HLS") as caught:
        await worker.extract(site.url("only.m3u8"))
    assert caught.value.permanent
    listing = await worker.list_entries(site.url("only.m3u8"))
    assert listing.entries == ()
    assert "only as HLS" in listing.unavailable[0]


@pytest.mark.parametrize(
    ("status", "permanent", "asks_for_rest"),
    [(404, True, False), (410, True, False), (403, False, False), (500, False, False), (429, False, True)],
)
async def test_what_the_site_answers_decides_whether_to_ask_again(worker, site, status, permanent, asks_for_rest):
    with pytest.raises(YouTubeStreamError) as caught:
        await worker.extract(site.url(f"status/{status}/song.mp3"))
    assert caught.value.permanent is permanent
    assert (caught.value.retry_after is not None) is asks_for_rest
    message = str(caught.value)
    assert message.startswith(site.base)
    assert "\n" not in message
    assert len(message) < 250


async def test_a_page_without_sound_has_none_for_good(worker, site):
    with pytest.raises(YouTubeStreamError, match="finds no audio there") as caught:
        await worker.extract(site.url("nothing.html"))
    assert caught.value.permanent


async def test_a_site_that_is_not_there_may_be_there_later(worker):
    with pytest.raises(YouTubeStreamError, match="cannot be reached") as caught:
        await worker.extract("http://127.0.0.1:1/song.mp3")
    assert not caught.value.permanent
