"""Endless radio on a real mpd, with suggestions of our own."""

import asyncio
import itertools
from contextlib import asynccontextmanager

import pytest
from support.audio_server import AudioServer, silence
from support.tagging import address, numbered, soon, started
from support.waiting import eventually

from mpdbridge.errors import SourceAwayError, SourceError
from mpdbridge.models import Track
from mpdbridge.mpd.autoplay import Autoplay
from mpdbridge.mpd.tag_diff import desired_tags
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.urls import ProxyUrls

pytestmark = pytest.mark.mpd
A, B, C, D = numbered(4)
WEB = Track("from-the-web", "A show", source="web")
LIKE = [Track(f"similar-{number:04}", f"Suggestion {number}", ("Somebody",)) for number in range(200)]


class Radio:
    """Suggests `LIKE`, whatever it is asked for."""

    def __init__(self):
        self.asked = []
        self.tracks = LIKE
        self.error = None
        self.pause = 0.0

    async def related(self, track_id, count):
        self.asked.append((track_id, count))
        await asyncio.sleep(self.pause)
        if self.error:
            raise self.error
        return self.tracks[:count]


class Setup:
    def __init__(self, mpd, store, urls):
        self.mpd, self.store, self.urls, self.radio = mpd, store, urls, Radio()

    @asynccontextmanager
    async def running(self, *delays):
        autoplay = Autoplay(
            address=address(self.mpd),
            store=self.store,
            urls=self.urls,
            related=self.radio.related,
            below=3,
            delays=soon,
            question_delays=lambda: itertools.chain(delays, itertools.repeat(60)),
        )
        async with started(autoplay):
            await eventually(lambda: autoplay.facts["state"] == "attached", "it to attach")
            yield autoplay

    async def play(self, *queue, position=0):
        """Plays one of a queue of tracks and other URIs."""
        for each in queue:
            self.mpd.command("add", self.urls.of(each) if isinstance(each, Track) else each)
        await self.go_to(position)

    async def go_to(self, position):
        await asyncio.to_thread(self.mpd.command, "play", str(position))
        await eventually(lambda: "audio" in self.mpd.status(), "it to play")

    def added(self, count):
        """Whether the queue ends with this many suggestions, tagged."""
        found = [self.urls.track_id(entry["file"][0]) for entry in self.mpd.queue()]
        return [track for track in found if track in {like.track_id for like in LIKE}] == [
            like.track_id for like in LIKE[:count]
        ]

    async def quiet(self, autoplay):
        """Nothing happens, though MPD has told of everything."""
        await asyncio.sleep(0.2)
        assert (autoplay.facts["appended"], self.radio.asked) == (0, [])


@pytest.fixture
async def setup(mpd):
    with AudioServer(silence(60), "audio/wav") as server:
        async with AsyncStore.open(":memory:") as store:
            await store.run(TrackStore.upsert_tracks, [A, B, C, D, WEB])
            yield Setup(mpd, store, ProxyUrls.for_listener("127.0.0.1", server.port))


async def test_the_last_songs_are_followed_by_what_is_like_the_last_one(setup) -> None:
    async with setup.running() as autoplay:
        await setup.play(A, B, C, D)
        await setup.quiet(autoplay)
        await setup.go_to(1)
        await eventually(lambda: setup.added(10), "ten more")
        assert setup.radio.asked == [(D.track_id, 50)]
        titles = [desired_tags(like)["Title"] for like in LIKE[:10]]
        assert [entry.get("Title") for entry in setup.mpd.queue()[4:]] == titles
        known = await setup.store.run(TrackStore.tracks, [like.track_id for like in LIKE[:10]])
        assert list(known.values()) == LIKE[:10]
        assert setup.mpd.status()["song"] == "1"


async def test_one_answer_lasts_for_a_while_and_nothing_comes_twice(setup) -> None:
    async with setup.running():
        await setup.play(A)
        for count in range(10, 81, 10):
            await eventually(lambda count=count: setup.added(count), f"{count} of them")
            await setup.go_to(count)
        await eventually(lambda: setup.added(90), "90 of them")
        await asyncio.sleep(0.1)
        ids = [entry["file"][0] for entry in setup.mpd.queue()]
        assert len(set(ids)) == len(ids) == 91
    assert setup.radio.asked == [(A.track_id, 50), (LIKE[49].track_id, 50), (LIKE[49].track_id, 200)]


@pytest.mark.parametrize(
    "queue", [[A, WEB], [WEB, A], [A, "http://127.0.0.1:1/radio"], [A, Track("no-such-one", "unknown")]]
)
async def test_a_queue_that_is_not_ours_ends_when_it_ends(setup, queue) -> None:
    async with setup.running() as autoplay:
        await setup.play(*queue)
        await setup.quiet(autoplay)


async def test_what_was_played_before_does_not_matter(setup) -> None:
    async with setup.running():
        await setup.play(WEB, A, position=1)
        await eventually(lambda: setup.added(10), "ten more")


@pytest.mark.parametrize("mode", ["repeat", "single"])
async def test_who_wants_to_hear_just_this_hears_just_this(setup, mode) -> None:
    setup.mpd.command(mode, "1")
    async with setup.running() as autoplay:
        await setup.play(A)
        await setup.quiet(autoplay)
        setup.mpd.command(mode, "0")
        await eventually(lambda: setup.added(10), "ten more")


async def test_in_random_mode_the_last_song_is_followed_by_more(setup) -> None:
    setup.mpd.command("random", "1")
    async with setup.running() as autoplay:
        await setup.play(A, B)
        while "nextsong" in setup.mpd.status():
            await setup.quiet(autoplay)
            await asyncio.to_thread(setup.mpd.command, "next")
        await eventually(lambda: autoplay.facts["appended"] == 10, "ten more")


async def test_in_random_mode_it_is_the_current_song_that_is_asked_for_next(setup) -> None:
    setup.mpd.command("random", "1")
    setup.radio.tracks = [A, B, C]
    async with setup.running() as autoplay:
        await setup.play(A, B, C)
        while "nextsong" in setup.mpd.status():
            await asyncio.to_thread(setup.mpd.command, "next")
        await eventually(lambda: autoplay.facts["problem"], "the problem")
        current = (A, B, C)[int(setup.mpd.status()["song"])]
    assert setup.radio.asked == [(C.track_id, 50), (C.track_id, 200), *([(B.track_id, 50)] if current is B else [])]


async def test_a_stopped_mpd_is_left_alone(setup) -> None:
    async with setup.running() as autoplay:
        setup.mpd.command("add", setup.urls.of(A))
        await setup.quiet(autoplay)


async def test_what_fails_is_asked_again_in_time_and_not_in_a_loop(setup) -> None:
    setup.radio.error = SourceAwayError("YouTube Music does not answer")
    async with setup.running(0.5) as autoplay:
        await setup.play(A)
        await eventually(lambda: autoplay.facts["problem"], "the problem")
        assert autoplay.facts["problem"] == "YouTube Music does not answer"
        setup.mpd.command("add", setup.urls.of(B))
        setup.mpd.command("add", setup.urls.of(C))
        await asyncio.sleep(0.1)
        assert len(setup.radio.asked) == 1
        setup.radio.error = None
        await eventually(lambda: setup.added(10) and not autoplay.facts["problem"], "ten more, and no problem")
        assert len(setup.radio.asked) == 2


async def test_a_radio_that_knows_only_what_was_heard_is_left_alone(setup) -> None:
    setup.radio.tracks = [A, B, C]
    async with setup.running() as autoplay:
        await setup.play(A, B, C, position=1)
        await eventually(lambda: autoplay.facts["problem"], "the problem")
        await asyncio.sleep(0.1)
    assert setup.radio.asked == [(C.track_id, 50), (C.track_id, 200), (B.track_id, 50)]


async def test_while_there_is_nothing_new_it_is_asked_more_and_more_rarely(setup) -> None:
    setup.radio.tracks = [A]
    async with setup.running(0.05, 0.05):
        await setup.play(A)
        await eventually(lambda: len(setup.radio.asked) == 6, "three rounds of two questions")
        await asyncio.sleep(0.2)
    assert len(setup.radio.asked) == 6


async def test_what_has_left_the_queue_since_it_was_heard_does_not_come_again(setup) -> None:
    setup.mpd.command("consume", "1")
    setup.radio.tracks = [A, *LIKE]
    async with setup.running():
        await setup.play(A, B, C, D)
        await asyncio.to_thread(setup.mpd.command, "next")
        await eventually(lambda: setup.added(10), "ten more")
        assert [setup.urls.track_id(entry["file"][0]) for entry in setup.mpd.queue()[:4]] == [
            track.track_id for track in (B, C, D, LIKE[0])
        ]


async def test_what_one_queue_has_no_radio_for_another_one_may(setup) -> None:
    setup.radio.error = SourceError("YouTube Music has no radio of this")
    async with setup.running() as autoplay:
        await setup.play(A)
        await eventually(lambda: autoplay.facts["problem"], "the problem")
        setup.radio.error = None
        setup.mpd.command("clear")
        await setup.play(B)
        await eventually(lambda: setup.added(10) and not autoplay.facts["problem"], "ten more, and no problem")


async def test_a_slow_answer_is_for_the_queue_that_it_was_asked_for(setup) -> None:
    setup.radio.pause = 0.5
    async with setup.running():
        await setup.play(A)
        await eventually(lambda: setup.radio.asked, "the question")
        setup.mpd.command("clear")
        await setup.play(B)
        await eventually(lambda: len(setup.radio.asked) == 2, "another question")
        await eventually(lambda: setup.added(10), "ten more")
    assert [track_id for track_id, _ in setup.radio.asked] == [A.track_id, B.track_id]


async def test_a_full_queue_is_told_and_left_alone(start_mpd, setup) -> None:
    setup.mpd = start_mpd(max_playlist_length=4)
    async with setup.running() as autoplay:
        await setup.play(A)
        await eventually(lambda: autoplay.facts["problem"], "the problem")
        assert "max_playlist_length" in autoplay.facts["problem"]


async def test_it_goes_on_after_a_restart_of_mpd(setup) -> None:
    async with setup.running():
        await asyncio.to_thread(setup.mpd.restart)
        await setup.play(A)
        await eventually(lambda: setup.added(10), "ten more")


async def test_what_was_meant_for_an_mpd_before_its_restart_is_not_for_another_queue(setup) -> None:
    async with setup.running():
        await setup.play(A)
        await eventually(lambda: setup.added(10), "ten more, and more in reserve")
        await asyncio.to_thread(setup.mpd.restart)
        other = [*([B] * 10), C]
        await setup.play(*other, position=10)  # its last song has the id that the last suggestion had
        await eventually(lambda: len(setup.mpd.queue()) == 21, "ten more")
    assert setup.radio.asked == [(A.track_id, 50), (C.track_id, 50)]
