"""`--online` does what `watch` does for a song: yt-dlp looks it up, and its first bytes are fetched."""

import asyncio

import pytest

from mpdbridge.config import Settings
from mpdbridge.doctor.online import Answered, _head, probe, resolved
from mpdbridge.models import Stream, Track
from mpdbridge.store import TrackStore

SONG = Track("oLtmHdXKIYE", "Thin Brown Layer", ("Tommy Guerrero",))
STREAM = Stream("https://host.example/a", 0.0, None, "audio/webm", 4_000_000, 213.4, "251")


@pytest.fixture
def known(tmp_path, site):
    """`known(path)` gives settings whose database knows one track, which stands on the test's website."""
    database = tmp_path / "t.db"

    def known(path):
        with TrackStore(database) as store:
            store.upsert_tracks([Track("web-track-0001", "A tone", source="web", source_url=site.url(path))])
        return Settings.model_validate({"proxy": {"track_mapping_db": str(database)}})

    return known


@pytest.fixture
def tone(known):
    return known("tone.webm")


@pytest.fixture
def gone(known):
    return known("status/404/x")


async def test_a_track_of_the_users_is_resolved_and_begun(tone, site) -> None:
    track, clock = await probe(tone)
    assert track.state == "ok"
    assert track.told.startswith("A tone: ")
    assert site.hits["/tone.webm"] >= 2, "yt-dlp looks, and we fetch"
    assert (clock.state, clock.told) == ("ok", "as 127.0.0.1 has it")


async def test_a_track_that_is_gone_still_tells_the_time(gone) -> None:
    track, clock = await probe(gone)
    assert (track.state, clock.state) == ("fail", "ok")


def test_the_quality_is_told() -> None:
    check = resolved(SONG, STREAM, 2.34, Answered(206, None))
    assert check.told == ("Tommy Guerrero - Thin Brown Layer: format 251, audio/webm, 150 kbit/s, 213 s long, in 2.3 s")


@pytest.mark.parametrize(("answered", "part"), [(None, "does not answer"), (Answered(403, None), "answers 403")])
def test_a_link_that_does_not_play_is_no_success(answered, part) -> None:
    check = resolved(SONG, STREAM, 1.0, answered)
    assert check.state == "fail"
    assert part in check.told


async def test_a_server_that_tells_no_time_that_anybody_understands_tells_none() -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 206 OK\r\nDate: soon\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await _head(f"http://127.0.0.1:{port}/", {}, "GET") == Answered(206, None)
