"""Plays on a real mpd are told once each; YouTube Music is a list of ours."""

import asyncio
import itertools
import time
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from support.audio_server import AudioServer, silence
from support.mpd_process import MpdProcess
from support.tagging import address, numbered, soon, started
from support.waiting import eventually

from mpdbridge.errors import LoginError, SourceAwayError, SourceError
from mpdbridge.models import Track
from mpdbridge.mpd.history import Historian
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.urls import ProxyUrls

pytestmark = pytest.mark.mpd
A, B = (replace(track, duration=2.0) for track in numbered(2))
WEB = Track("from-the-web", "A show", source="web")


class Account:
    """YouTube Music's side: what it was told, and what it shows of that."""

    def __init__(self):
        self.told = []
        self.answers = asyncio.Event()
        self.answers.set()
        self.keeps = True
        self.errors = []
        self.asked_for_history = 0

    async def tell_played(self, track_id):
        if self.errors:
            raise self.errors.pop(0)
        self.told.append(track_id)
        await self.answers.wait()

    async def recently_played(self):
        self.asked_for_history += 1
        return [Track(track_id, "as the history has it") for track_id in self.told] if self.keeps else []


class Setup:
    """Songs of 2 s."""

    def __init__(self, mpd, store, urls):
        self.mpd, self.store, self.urls, self.account = mpd, store, urls, Account()
        self.later = 0.0

    def now(self):
        return time.time() + self.later

    @asynccontextmanager
    async def running(self, *, enough=0.3, retry=60):
        historian = Historian(
            address=address(self.mpd),
            store=self.store,
            urls=self.urls,
            tell_played=self.account.tell_played,
            recently_played=self.account.recently_played,
            delays=soon,
            telling_delays=lambda: itertools.repeat(retry),
            settles=0.0,
            enough=enough,
            clock=self.now,
        )
        async with started(historian):
            await eventually(lambda: historian.facts["state"] == "attached", "it to attach")
            yield historian

    async def do(self, *command):
        await asyncio.to_thread(self.mpd.command, *command)

    async def play(self, *tracks):
        self.mpd.command("clear")
        for track in tracks:
            self.mpd.command("add", self.urls.of(track))
        await asyncio.to_thread(self.mpd.command, "play", "0")
        await eventually(lambda: "audio" in self.mpd.status(), "it to play")

    async def hear_more(self, *, seconds):
        start = float(self.mpd.status()["elapsed"])
        await eventually(lambda: float(self.mpd.status()["elapsed"]) > start + seconds, "more of the song")


@pytest.fixture(scope="module")
def mpd(tmp_path_factory):
    """One for all: to start it takes as long as to hear a play."""
    process = MpdProcess(home=tmp_path_factory.mktemp("mpd"), state=True)
    try:
        yield process.start()
    finally:
        process.close()


@pytest.fixture
async def setup(mpd):
    for command in (("clear",), ("repeat", "0"), ("single", "0")):
        mpd.command(*command)
    with AudioServer(silence(2, rate=192000), "audio/wav") as server:
        async with AsyncStore.open(":memory:") as store:
            await store.run(TrackStore.upsert_tracks, [A, B, WEB])
            yield Setup(mpd, store, ProxyUrls.for_listener("127.0.0.1", server.port))


async def test_each_song_that_was_heard_is_told_once_in_order(setup) -> None:
    async with setup.running() as historian:
        await setup.play(A, B, A)
        await eventually(lambda: setup.account.told, "a play")
        await setup.do("seekcur", "1.7")
        await eventually(lambda: len(setup.account.told) == 2, "the first song to end, and the second to be a play")
        await setup.do("next")
        await eventually(lambda: historian.facts["told"] == 3, "another play")
        assert setup.account.told == [A.track_id, B.track_id, A.track_id]
        assert historian.facts == {"state": "attached", "reason": "", "told": 3, "waiting": 0, "problem": ""}
    assert setup.account.asked_for_history == 1


async def test_a_song_that_is_passed_over_and_other_peoples_music_are_nobodys_business(setup) -> None:
    async with setup.running(enough=0.95):
        await setup.play(A, WEB, B)
        await setup.do("next")
        await eventually(lambda: float(setup.mpd.status()["elapsed"]) > 1, "the second song to be heard")
        await setup.do("next")
        await eventually(lambda: setup.account.told, "a play")
    assert setup.account.told == [B.track_id]


async def test_a_pause_does_not_make_a_play(setup) -> None:
    async with setup.running(enough=0.95):
        await setup.play(A)
        await setup.do("pause", "1")
        await asyncio.sleep(1.1)
        assert setup.account.told == []
        await setup.do("pause", "0")
        await eventually(lambda: setup.account.told, "a play")


async def test_half_of_a_song_is_enough(setup) -> None:
    async with setup.running(enough=30):
        await setup.play(A)
        await eventually(lambda: setup.account.told, "a play")
        assert float(setup.mpd.status()["elapsed"]) > 0.9


async def test_a_song_that_repeats_is_played_each_time(setup) -> None:
    setup.mpd.command("repeat", "1")
    setup.mpd.command("single", "1")
    async with setup.running():
        await setup.play(A)
        await eventually(lambda: setup.account.told, "a play")
        await setup.do("seekcur", "1.7")
        await eventually(lambda: len(setup.account.told) == 2, "two plays")


@pytest.mark.parametrize("who", ["the bridge", "mpd", "both"])
async def test_a_restart_in_the_middle_does_not_tell_a_play_twice(setup, who) -> None:
    async with setup.running():
        await setup.play(A, B)
        await eventually(lambda: setup.account.told, "a play")
        if who == "mpd":
            await asyncio.to_thread(setup.mpd.restart)
            await setup.hear_more(seconds=0.6)
    if who == "both":
        await asyncio.to_thread(setup.mpd.restart)
    async with setup.running():
        if who != "mpd":
            await setup.hear_more(seconds=0.6)
        await setup.do("next")
        await eventually(lambda: len(setup.account.told) > 1, "the next play")
    assert setup.account.told == [A.track_id, B.track_id]


async def test_what_cannot_be_told_waits_and_survives_the_end_of_the_bridge(setup) -> None:
    setup.account.errors = [SourceError("YouTube Music does not answer")]
    async with setup.running() as historian:
        await setup.play(A)
        await eventually(lambda: historian.facts["problem"], "the problem")
        assert historian.facts["waiting"] == 1
    async with setup.running() as historian:
        await eventually(lambda: setup.account.told == [A.track_id], "the play")
        assert (historian.facts["problem"], historian.facts["waiting"]) == ("", 0)
    async with setup.running():
        await asyncio.sleep(0.1)
    assert setup.account.told == [A.track_id]


async def test_a_bridge_that_ends_while_it_tells_does_not_tell_it_again(setup) -> None:
    """Nobody knows then whether YouTube Music has heard of it."""
    setup.account.answers.clear()
    async with setup.running():
        await setup.play(A)
        await eventually(lambda: setup.account.told, "the telling to begin")
    setup.account.answers.set()
    async with setup.running() as historian:
        await setup.do("stop")
        await setup.play(B)
        await eventually(lambda: historian.facts["told"], "the next play")
    assert setup.account.told == [A.track_id, B.track_id]


async def test_plays_wait_for_hours_for_youtube_music(setup) -> None:
    setup.account.errors = [SourceAwayError("this machine is offline")] * 30
    async with setup.running(retry=0.001):
        await setup.play(A)
        await eventually(lambda: not setup.account.errors and setup.account.told, "the play")
    assert setup.account.told == [A.track_id]


async def test_what_was_played_long_before_the_bridge_began_is_not_told_as_if_it_were_now(setup) -> None:
    setup.account.errors = [SourceAwayError("this machine is offline")]
    async with setup.running() as historian:
        await setup.play(A)
        await eventually(lambda: historian.facts["problem"], "the problem")
    await setup.do("stop")
    setup.later = 86500
    async with setup.running() as historian:
        await setup.play(B)
        await eventually(lambda: historian.facts["told"], "the next play")
    assert setup.account.told == [B.track_id]


async def test_a_store_that_takes_nothing_more_does_not_end_the_bridge(setup) -> None:
    async with setup.running() as historian:
        await setup.store.run(lambda store: store._connection.execute("PRAGMA query_only = ON"))
        await setup.play(A)
        await eventually(lambda: historian.facts["told"], "a play")


async def test_a_play_that_is_never_taken_does_not_hold_up_the_others(setup) -> None:
    setup.account.errors = [SourceError("this video is private")] * 5
    async with setup.running(retry=0.1) as historian:
        await setup.play(A, B)
        await eventually(lambda: historian.facts["problem"], "the problem")
        await setup.do("next")
        await eventually(lambda: setup.account.told == [B.track_id], "the other one")


async def test_plays_wait_for_a_day_and_no_longer(setup) -> None:
    setup.account.errors = [LoginError("there is no login")] * 1000
    async with setup.running(retry=0.01) as historian:
        await setup.play(A)
        await eventually(lambda: len(setup.account.errors) < 980, "some tries")
        assert historian.facts["waiting"] == 1
        setup.later = 86500
        await eventually(lambda: historian.facts["waiting"] == 0, "it to be forgotten")
    assert setup.account.told == []


async def test_a_history_that_keeps_nothing_is_told_and_so_is_its_end(setup) -> None:
    setup.account.keeps = False
    async with setup.running() as historian:
        await setup.play(A, A, A)
        await eventually(lambda: historian.facts["told"] == 1, "a play")
        await setup.do("next")
        await eventually(lambda: historian.facts["told"] == 2, "another one")
        assert "history paused" in historian.facts["problem"]
        assert setup.account.asked_for_history == 1, "an hour has to pass"
        setup.account.keeps, setup.later = True, 3700
        await setup.do("next")
        await eventually(lambda: historian.facts["problem"] == "", "the end of the problem")
