"""A real MPD that plays something, and is told to play a track whose URL is not known: it freezes, or it does not."""

import asyncio

import pytest
from support.mpd_process import MpdProcess, wait_until
from support.relay_bench import ID
from support.waiting import eventually

from mpdbridge.catalogue import demo_file, demo_playlists
from mpdbridge.models import Track
from mpdbridge.relay.head_file import Head
from mpdbridge.relay.heads import HeadCache
from mpdbridge.relay.origin import Origin

pytestmark = pytest.mark.mpd

DEMO = next(track for playlist in demo_playlists() for track in playlist.tracks if track.file.endswith(".webm"))
PLAYING = Track(DEMO.track_id, DEMO.title, source="demo", source_url=f"demo:{DEMO.file}")
BODY = demo_file(DEMO.file).read_bytes()
HEAD = BODY[: len(BODY) // 4]


def freezes(mpd: MpdProcess) -> bool:
    """Whether MPD, told to play the second song, answers another client within a second."""
    with mpd.client() as one, mpd.client() as other:
        one.send("play 1\n")
        other.socket.settimeout(1.0)
        try:
            while ("song", "1") not in other.command("status"):
                pass
        except TimeoutError:
            return True
        wait_until(lambda: float(mpd.status().get("elapsed", 0)) > 0, "the sound to start", 2)
        return False


@pytest.mark.parametrize("headed", [True, False], ids=["with a head", "without"])
async def test_mpd_answers_all_its_clients_while_the_url_of_a_headed_track_is_looked_for(
    bench, mpd, tmp_path, headed
) -> None:
    async with HeadCache(folder=tmp_path / "heads", limit=2**20) as heads:
        await bench.put(b"", track=PLAYING)
        await bench.put(BODY)
        if headed:
            heads.keep(Head(ID, Origin("", "251", len(BODY), "audio/webm"), HEAD))
        relay = await bench.start({"heads": heads, "tagged": lambda _: True})
        mpd.command("add", relay.urls.of(PLAYING))
        mpd.command("add", f"{relay.urls.base}/proxy/{ID}")
        await asyncio.to_thread(mpd.command, "play", "0")
        await asyncio.to_thread(wait_until, lambda: float(mpd.status().get("elapsed", 0)) > 0, "the first song")
        bench.worker.free.clear()
        assert await asyncio.to_thread(freezes, mpd) is not headed
        assert not bench.upstream.requests
        bench.worker.free.set()
        rest = len(BODY) - (len(HEAD) if headed else 0)
        await eventually(lambda: sum(seen.sent for seen in bench.upstream.requests) == rest, "the rest to come")
        await asyncio.to_thread(mpd.command, "stop")
