"""Links that clients put into the queue of a real mpd give way to their tracks."""

import asyncio
import itertools
import time
from collections import defaultdict
from contextlib import asynccontextmanager

import pytest
from support.audio_server import AudioServer, silence
from support.no_way_out import NoWayOut
from support.tagging import address, numbered, running, soon, started, tagged, tags
from support.waiting import eventually

from mpdbridge.errors import SourceError
from mpdbridge.models import Playlist, PlaylistRef, Stream, Track
from mpdbridge.mpd import links as module
from mpdbridge.mpd.links import LinkReplacer
from mpdbridge.mpd.tag_diff import desired_tags
from mpdbridge.sources.queue_links import QueueLinks
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.urls import ProxyUrls

pytestmark = pytest.mark.mpd
SONG = Track(
    "abcdefghijk", "Jóga", ("Björk",), album="Homogenic", source_url="https://music.youtube.com/watch?v=abcdefghijk"
)
VIDEO = "https://music.youtube.com/watch?v=abcdefghijk"
LIST = "https://music.youtube.com/playlist?list=PL0123456789"
TRACKS = numbered(3)


class Site:
    """Stands in for all sources: `answers` by link, each after `pause` seconds; an error is raised."""

    def __init__(self):
        self.answers = {VIDEO: [SONG], LIST: TRACKS}
        self.pause = defaultdict(float)
        self.asked = []

    async def lookup(self, link):
        self.asked.append(link)
        await asyncio.sleep(self.pause[link])
        answer = self.answers.get(link, SourceError(f"{link}: there is no such video"))
        if isinstance(answer, Exception):
            raise answer
        return Playlist(PlaylistRef("ytmusic", link, ""), tuple(answer))


class Setup:
    """A replacer on an mpd that plays silence for every track, and cannot reach any page.

    Attributes:
        changed: how often it said that the tracks of the queue are better known.
    """

    def __init__(self, mpd, way, site, store, urls):
        self.mpd, self.way, self.site, self.store, self.urls = mpd, way, site, store, urls
        self.changed = 0

    @asynccontextmanager
    async def running(self, **more):
        links = QueueLinks(sources=self.site, sites="youtube", urls=self.urls)
        replacer = LinkReplacer(
            address=address(self.mpd),
            store=self.store,
            urls=self.urls,
            links=links,
            tracks_changed=self._count,
            delays=soon,
            **more,
        )
        async with running(self.mpd, self.store, self.urls) as tagger:
            tagger.tell_others(replacer.queue_changed)
            async with started(replacer):
                await eventually(lambda: replacer.facts["state"] == "attached", "the replacer to attach")
                yield replacer

    def add(self, *uris):
        """Adds them, and returns their song ids."""
        return [dict(self.mpd.command("addid", uri))["Id"] for uri in uris]

    def has(self, *wanted):
        """Whether the queue is just these URIs and tagged tracks."""
        found = [tags(entry) or entry["file"][0] for entry in self.mpd.queue()]
        return found == [desired_tags(one) if isinstance(one, Track) else one for one in wanted]

    def plays(self, track_id):
        """Whether that track sounds."""
        status = self.mpd.status()
        playing = {entry["Id"][0]: self.urls.track_id(entry["file"][0]) for entry in self.mpd.queue()}
        return (status["state"], playing.get(status.get("songid"))) == ("play", track_id) and "audio" in status

    def _count(self):
        self.changed += 1


@pytest.fixture
def way():
    with NoWayOut() as running:
        yield running


@pytest.fixture
async def setup(start_mpd, server, way):
    async with AsyncStore.open(":memory:") as store:
        mpd = start_mpd(https_proxy=way.port)
        yield Setup(mpd, way, Site(), store, ProxyUrls.for_listener("127.0.0.1", server.port))


@pytest.fixture
def other(setup):
    """The URI of something else that plays."""
    return f"{setup.urls.base}/something"


async def play(mpd, position):
    await asyncio.to_thread(mpd.command, "play", str(position))
    await eventually(lambda: float(mpd.status().get("elapsed", 0)) > 0.05, "MPD to play")


@pytest.mark.parametrize(
    "link", [VIDEO, "http://youtu.be/abcdefghijk?t=9", "https://www.youtube.com/watch?v=abcdefghijk&list=PL0123456789"]
)
async def test_a_video_gives_way_to_its_track_within_a_second(setup, other, link) -> None:
    setup.site.answers[link] = [SONG]
    async with setup.running() as replacer:
        setup.add(other, link, other)
        await eventually(lambda: setup.has(other, SONG, other), "the track", limit=1)
        assert setup.mpd.queue()[1]["file"] == [setup.urls.of(SONG)]
        facts = {"state": "attached", "reason": "", "replaced": 1, "failed": {}}
        await eventually(lambda: replacer.facts == facts, "it to be counted")
        assert setup.mpd.status()["state"] == "stop"


async def test_a_playlist_gives_way_to_all_its_tracks_with_its_priority(setup, other) -> None:
    setup.site.pause[LIST] = 0.1
    async with setup.running():
        _, song_id, _ = setup.add(other, LIST, other)
        setup.mpd.command("prioid", "9", song_id)
        await eventually(lambda: setup.has(other, *TRACKS, other), "the tracks")
        assert [entry.get("Prio") for entry in setup.mpd.queue()] == [None, ["9"], ["9"], ["9"], None]
        known = await setup.store.run(TrackStore.tracks, [track.track_id for track in TRACKS])
        assert list(known.values()) == TRACKS


async def test_a_list_that_is_pasted_again_is_what_it_holds_by_now(setup) -> None:
    async with setup.running():
        setup.add(LIST)
        await eventually(lambda: setup.has(*TRACKS), "the tracks")
        setup.site.answers[LIST] = [SONG]
        setup.add(LIST)
        await eventually(lambda: setup.has(*TRACKS, SONG), "the one that it has now")


async def test_links_that_were_there_before_give_way_too(setup, other) -> None:
    setup.add(VIDEO, other, LIST)
    async with setup.running():
        await eventually(lambda: setup.has(SONG, other, *TRACKS), "the tracks")


async def test_what_is_no_link_of_ours_is_left_alone(setup) -> None:
    files = [
        "http://127.0.0.1:1/radio",
        setup.urls.of(TRACKS[2]),
        "https://www.youtube.com/feed",
        "http://127.0.0.1:1/a.html",
    ]
    async with setup.running():
        setup.add(*files, VIDEO)
        await eventually(lambda: setup.has(*files, SONG), "the link to give way")
    assert setup.site.asked == [VIDEO]


async def test_a_link_that_is_started_at_once_plays(setup, other) -> None:
    """Added and started by its song id while MPD is stopped; MPD may have given up already when we look."""
    for _ in range(3):
        async with setup.running():
            (song_id,) = setup.add(VIDEO)
            with setup.mpd.watch("player") as watcher:
                setup.mpd.try_to_play("playid", song_id)
                await eventually(lambda: setup.plays(SONG.track_id), "the track to play")
                watcher.changed()
            assert len(setup.mpd.queue()) == 1
        setup.mpd.command("clear")


async def test_a_known_track_whose_link_is_started_at_once_has_its_length_in_the_queue(setup) -> None:
    await setup.store.run(TrackStore.upsert_tracks, [SONG])
    await setup.store.run(TrackStore.save_stream, SONG.track_id, Stream("http://x/", resolved_at=1.0, duration=60.0))
    async with setup.running():
        (song_id,) = setup.add(VIDEO)
        setup.mpd.try_to_play("playid", song_id)
        await eventually(lambda: setup.plays(SONG.track_id), "the track to play")
        assert setup.mpd.queue()[0]["duration"] == ["60.990"]


async def test_no_stop_is_seen_when_a_link_is_started_that_takes_its_time(setup, other) -> None:
    setup.way.seconds = 1
    setup.site.pause[VIDEO] = 0.5
    async with setup.running():
        setup.add(other)
        (song_id,) = setup.add(VIDEO)
        setup.mpd.try_to_play("playid", song_id)
        seen = set()
        async with asyncio.timeout(5):
            while not setup.plays(SONG.track_id):
                seen.add(setup.mpd.status()["state"])
                await asyncio.sleep(0)
        assert seen == {"play"}


async def test_while_mpd_plays_a_link_gives_way_before_it_is_known(setup, other) -> None:
    """And a client that starts it, by its position, hears it without a stop."""
    setup.site.pause[VIDEO] = 0.5
    setup.way.seconds = 5
    async with setup.running():
        setup.add(other)
        await play(setup.mpd, 0)
        setup.add(VIDEO)
        begun = time.monotonic()
        await eventually(lambda: setup.mpd.queue()[1]["file"] != [VIDEO], "the link to give way")
        assert time.monotonic() < begun + 0.3
        with setup.mpd.watch("player") as watcher:
            await asyncio.to_thread(setup.mpd.command, "play", "1")
            watcher.changed()
            assert setup.plays(SONG.track_id)
        await eventually(lambda: setup.changed == 1, "the title to be told")
        assert await setup.store.run(TrackStore.track, SONG.track_id) == SONG


async def test_a_link_behind_the_current_song_follows_it_without_a_stop(setup, other, tmp_path) -> None:
    with AudioServer(silence(2, rate=192000), "audio/wav") as short:
        async with setup.running():
            setup.add(f"http://127.0.0.1:{short.port}/short")
            await play(setup.mpd, 0)
            setup.add(VIDEO)
            seen = set()
            async with asyncio.timeout(8):
                while not setup.plays(SONG.track_id):
                    seen.add(setup.mpd.status()["state"])
                    await asyncio.sleep(0.005)
            assert seen == {"play"}


@pytest.mark.parametrize("followed", [False, True])
async def test_a_link_that_is_started_while_mpd_plays_plays_in_the_end(setup, other, followed) -> None:
    """MPD stands still until it knows that the page is no music, and goes on to what follows, or stops."""
    setup.way.seconds = 0.3
    async with setup.running():
        setup.add(other)
        await play(setup.mpd, 0)
        with setup.mpd.client() as client:
            batch = [f'addid "{VIDEO}" 1', f'add "{other}"' if followed else "ping", "play 1"]
            client.send("\n".join(["command_list_begin", *batch, "command_list_end", ""]))
            await eventually(lambda: setup.plays(SONG.track_id), "the track to play")
        assert [setup.urls.track_id(entry["file"][0]) for entry in setup.mpd.queue()][:2] == [None, SONG.track_id]
        assert len(setup.mpd.queue()) == 2 + followed


@pytest.mark.parametrize("followed", [False, True])
async def test_a_link_that_is_started_by_its_place_while_it_gives_way_plays_in_the_end(setup, other, followed) -> None:
    """As `mpc add LINK && mpc play N` does; at every moment of our work."""
    setup.way.seconds = 0.1
    async with setup.running():
        for wait in range(5):  # milliseconds: asyncio sleeps no less
            setup.add(other, *([other] if followed else []))
            await play(setup.mpd, 0)
            with setup.mpd.client() as client:
                client.command("addid", VIDEO, "1")
                await asyncio.sleep(wait / 1000)
                client.send('play "1"\n')
                await eventually(lambda: setup.plays(SONG.track_id), "the track to play")
                await eventually(lambda: len(setup.mpd.queue()) == 2 + followed, "the link to be gone")
            setup.mpd.command("clear")


async def test_a_playlist_that_is_started_plays_when_its_tracks_are_there(setup, other) -> None:
    setup.site.pause[LIST] = 0.7
    async with setup.running():
        song_id, _ = setup.add(LIST, other)
        setup.mpd.try_to_play("playid", song_id)
        await eventually(lambda: setup.mpd.status().get("song") == "1", "MPD to go on")
        await eventually(lambda: setup.plays(TRACKS[0].track_id), "the first track to play")
        await eventually(lambda: setup.has(*TRACKS, other), "all of them")


async def test_it_does_not_play_when_somebody_has_stopped_meanwhile(setup, other) -> None:
    setup.site.pause[LIST] = 0.7
    async with setup.running():
        song_id, _ = setup.add(LIST, other)
        setup.mpd.try_to_play("playid", song_id)
        await eventually(lambda: setup.plays(None), "MPD to go on")
        setup.mpd.command("stop")
        await eventually(lambda: setup.has(*TRACKS, other), "the tracks")
        assert setup.mpd.status()["state"] == "stop"


async def test_an_old_failure_is_no_reason_to_play(setup) -> None:
    (song_id,) = setup.add(VIDEO)
    setup.mpd.try_to_play("playid", song_id)
    await eventually(lambda: "error" in setup.mpd.status(), "MPD to give up")
    async with setup.running():
        await eventually(lambda: setup.has(SONG), "the track")
        assert (setup.mpd.status()["state"], setup.mpd.status()["song"]) == ("stop", "0")


async def test_a_link_without_anything_behind_it_stays_and_is_tried_again_when_added_again(setup, other) -> None:
    gone = "https://youtu.be/ggggggggggg"
    async with setup.running() as replacer:
        setup.add(other, gone)
        await eventually(lambda: replacer.facts["failed"], "the reason")
        assert replacer.facts["failed"] == {gone: f"{gone}: there is no such video"}
        assert setup.has(other, gone)
        setup.site.answers[gone] = [TRACKS[0]]
        setup.add(other)
        await asyncio.sleep(0.4)
        assert setup.site.asked == [gone]
        setup.add(gone)
        await eventually(lambda: setup.has(other, TRACKS[0], other, TRACKS[0]), "the tracks")
        assert replacer.facts["failed"] == {}


async def test_a_failed_link_is_tried_again_in_time_and_forgotten_when_it_goes(setup) -> None:
    gone, other = "https://youtu.be/ggggggggggg", "https://youtu.be/hhhhhhhhhhh"
    async with setup.running(retries=lambda: itertools.repeat(0.2)) as replacer:
        song_id, _ = setup.add(gone, other)
        await eventually(lambda: len(replacer.facts["failed"]) == 2, "the reasons")
        setup.mpd.command("deleteid", song_id)
        await eventually(lambda: list(replacer.facts["failed"]) == [other], "the reason to be forgotten")
        setup.site.answers[other] = [SONG]
        await eventually(lambda: setup.has(SONG), "the track")
    assert setup.site.asked.count(gone) <= 2


async def test_a_link_that_goes_before_its_answer_comes_is_forgotten(setup) -> None:
    gone, other = "https://youtu.be/ggggggggggg", "https://youtu.be/hhhhhhhhhhh"
    setup.site.pause[gone] = 0.1
    async with setup.running() as replacer:
        song_id, _ = setup.add(gone, other)
        await eventually(lambda: setup.site.asked == [gone], "the site to be asked")
        setup.mpd.command("deleteid", song_id)
        await eventually(lambda: list(replacer.facts["failed"]) == [other], "the failure of the other one alone")


async def test_a_queue_without_links_is_read_by_the_tagger_alone(setup) -> None:
    await setup.store.run(TrackStore.upsert_tracks, TRACKS)
    async with setup.running():
        read = setup.mpd.log.count('"0:2000"')
        for track in TRACKS:
            setup.add(setup.urls.of(track))
        await eventually(lambda: tagged(setup.mpd, *TRACKS), "all to be tagged")
        assert setup.mpd.log.count('"0:2000"') == read
        setup.add(VIDEO)
        await eventually(lambda: setup.has(*TRACKS, SONG), "the track")


async def test_a_link_that_gave_way_too_early_gets_its_place_back(setup, other) -> None:
    """MPD played, so that nobody waited; then there was nothing behind it."""
    setup.site.pause[VIDEO] = 0.3
    setup.site.answers[VIDEO] = SourceError("this video is private")
    async with setup.running() as replacer:
        setup.add(other, other)
        await play(setup.mpd, 0)
        (song_id,) = setup.add(VIDEO)
        setup.mpd.command("moveid", song_id, "1")
        await eventually(lambda: VIDEO not in str(setup.mpd.queue()), "the link to give way")
        await eventually(lambda: setup.has(other, VIDEO, other), "the link to be back")
        await eventually(lambda: replacer.facts["replaced"] == 0, "the count")
        assert list(replacer.facts["failed"].values()) == ["this video is private"]
        assert await setup.store.run(TrackStore.track, SONG.track_id) is None
        await asyncio.sleep(0.1)
        assert setup.has(other, VIDEO, other)
        assert setup.mpd.status()["song"] == "0"


async def test_what_plays_is_not_taken_back(setup, other) -> None:
    setup.site.pause[VIDEO] = 0.5
    setup.site.answers[VIDEO] = SourceError("no answer")
    async with setup.running():
        setup.add(VIDEO)
        await asyncio.to_thread(setup.mpd.try_to_play, "play", "0")
        await eventually(lambda: setup.plays(SONG.track_id), "the track to play")
        await asyncio.sleep(0.6)
        assert setup.plays(SONG.track_id)


async def test_a_bridge_that_was_killed_before_it_knew_the_title_asks_for_it_afterwards(setup, other) -> None:
    setup.site.pause[VIDEO] = 60
    async with setup.running():
        setup.add(other)
        await play(setup.mpd, 0)
        setup.add(VIDEO)
        await eventually(lambda: VIDEO not in str(setup.mpd.queue()), "the link to give way")
    setup.site.pause[VIDEO] = 0
    async with setup.running():
        await eventually(lambda: setup.changed, "the title")
        assert await setup.store.run(TrackStore.track, SONG.track_id) == SONG


async def test_a_known_track_asks_nobody(setup) -> None:
    await setup.store.run(TrackStore.upsert_tracks, [SONG])
    async with setup.running():
        setup.add(VIDEO)
        await eventually(lambda: setup.has(SONG), "the track")
    assert setup.site.asked == []


async def test_many_links_at_once_give_way_in_order(setup, monkeypatch) -> None:
    monkeypatch.setattr(module, "_BATCH", 7)
    tracks = [Track(f"video-{number:05}", f"Title {number}") for number in range(40)]
    uris = [f"https://youtu.be/{track.track_id}" for track in tracks]
    await setup.store.run(TrackStore.upsert_tracks, tracks)
    async with setup.running() as replacer:
        setup.add(*uris)
        await eventually(lambda: setup.has(*tracks), "all tracks")
        await eventually(lambda: replacer.facts["replaced"] == 40, "all to be counted")


async def test_it_goes_on_after_a_restart_of_mpd(setup) -> None:
    async with setup.running():
        await asyncio.to_thread(setup.mpd.restart)
        setup.add(VIDEO)
        await eventually(lambda: setup.has(SONG), "the track")


async def test_a_queue_without_room_keeps_the_link_and_says_so(start_mpd, setup, way) -> None:
    setup.mpd = start_mpd(max_playlist_length=3, https_proxy=way.port)
    async with setup.running() as replacer:
        setup.add(LIST)
        await eventually(lambda: replacer.facts["failed"], "the reason")
        assert "max_playlist_length" in str(replacer.facts["failed"])
        assert setup.has(LIST)
