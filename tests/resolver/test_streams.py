"""StreamResolver on a fake clock: when a site is asked, when it is not, and what is remembered of its answers."""

import asyncio
from dataclasses import replace

import pytest
import structlog
from support.waiting import eventually

from mpdbridge.catalogue import demo_file, demo_playlists
from mpdbridge.config import ResolverSettings
from mpdbridge.errors import StoreError, TrackNotFoundError, YouTubeStreamError
from mpdbridge.models import Stream, Track
from mpdbridge.resolver import Extracted, ExtractorWorker, ResolverState, StreamResolver
from mpdbridge.resolver.streams import addresses
from mpdbridge.store import AsyncStore, TrackStore

NOW = 1_800_000_000.0
SONG = Track("oLtmHdXKIYE", "Thin Brown Layer", ("Tommy Guerrero",))
MUSIC = "https://music.youtube.com/watch?v=oLtmHdXKIYE"
WWW = "https://www.youtube.com/watch?v=oLtmHdXKIYE"
PODCAST = Track("podcast_episode", "Folge 1", source="web", source_url="https://pod.example/1")


class FakeClock:
    def __init__(self):
        self.now = NOW
        self.slept = []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


class FakeWorker:
    """Answers as it is told to; `gate` holds all answers back."""

    def __init__(self, clock):
        self.clock = clock
        self.asked = []
        self.answers = {}
        self.told = {}
        self.gate = asyncio.Event()
        self.gate.set()

    async def extract(self, url):
        self.asked.append(url)
        await self.gate.wait()
        answer = self.answers.get(url, {})
        if isinstance(answer, Exception):
            raise answer
        number = len(self.asked)
        stream = Stream(f"https://cdn.example/{number}", self.clock.now, format_id="251")
        return Extracted(replace(stream, **answer), Track("whatever_id", "Page title", source="web", **self.told))


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def worker(clock):
    return FakeWorker(clock)


class InItsThread:
    """`await tracks.stream(…)`: the TrackStore's methods, off the event loop."""

    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        return lambda *args: self._store.run(getattr(TrackStore, name), *args)


@pytest.fixture
async def store(clock):
    async with AsyncStore.open(":memory:", clock=clock) as store:
        await store.run(TrackStore.upsert_tracks, [SONG, PODCAST])
        yield store


@pytest.fixture
def tracks(store):
    return InItsThread(store)


@pytest.fixture
def make(store, worker, clock):
    def make(resolved=lambda _: None, **settings):
        return StreamResolver(
            store=store,
            worker=worker,
            settings=ResolverSettings(**settings),
            clock=clock,
            sleep=clock.sleep,
            resolved=resolved,
        )

    return make


@pytest.fixture
def resolver(make):
    return make()


async def test_who_wants_to_know_is_told_of_each_new_stream_once_it_is_stored(make, worker, store):
    told = []
    resolver = make(resolved=lambda track_id: told.append((track_id, len(worker.asked))))
    for fresh in (False, False, True):
        await resolver.resolve(SONG.track_id, fresh=fresh)
    worker.answers[PODCAST.source_url] = YouTubeStreamError("gone", permanent=True)
    await resolver.prefetch([PODCAST.track_id])
    assert told == [(SONG.track_id, 1), (SONG.track_id, 2)]


async def test_a_resolved_stream_is_kept_and_not_asked_for_again(resolver, worker, tracks):
    first = await resolver.resolve(SONG.track_id)
    assert first.url == "https://cdn.example/1"
    assert await resolver.resolve(SONG.track_id) == first
    assert worker.asked == [MUSIC]
    assert await tracks.stream(SONG.track_id) == first


async def test_an_unknown_track_is_not_looked_for(resolver, worker):
    with pytest.raises(TrackNotFoundError, match="absent_absent"):
        await resolver.resolve("absent_absent")
    assert worker.asked == []


@pytest.mark.parametrize(
    ("told", "usable_until"),
    [
        ({}, 5 * 3600),  # nobody told: resolver.refresh_hours
        ({"expires_at": NOW + 21_600}, 21_000),  # ten minutes of margin: a song that starts now ends in time
        ({"expires_at": NOW + 300}, 270),  # a tenth of a short life
        ({"url": f"https://cdn.example/x?expire={NOW + 21_600:.0f}"}, 21_000),
    ],
)
async def test_a_stream_is_used_until_it_is_about_to_expire(resolver, worker, clock, told, usable_until):
    worker.answers[MUSIC] = told
    await resolver.resolve(SONG.track_id)
    clock.now = NOW + usable_until - 1
    await resolver.resolve(SONG.track_id)
    assert len(worker.asked) == 1
    clock.now = NOW + usable_until
    await resolver.resolve(SONG.track_id)
    assert len(worker.asked) == 2


async def test_a_stream_that_somebody_else_put_into_the_store_is_used(resolver, worker, tracks):
    await tracks.add_track("AAAAAAAAAAA", "https://cdn.example/theirs", "Title")
    assert (await resolver.resolve("AAAAAAAAAAA")).url == "https://cdn.example/theirs"
    assert worker.asked == []


async def test_a_refused_stream_is_replaced_by_a_fresh_one(resolver, worker, tracks):
    await resolver.resolve(SONG.track_id)
    fresh = await resolver.resolve(SONG.track_id, fresh=True)
    assert fresh.url == "https://cdn.example/2"
    assert await tracks.stream(SONG.track_id) == fresh


@pytest.mark.parametrize("fresh", [False, True])
async def test_all_who_ask_at_once_share_one_answer(resolver, worker, tracks, fresh):
    worker.gate.clear()
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(resolver.resolve(SONG.track_id, fresh=fresh)) for _ in range(20)]
        await eventually(lambda: worker.asked, "the worker is asked")
        await tracks.stream(SONG.track_id)  # behind the looks of all the others, which wait for the worker then
        worker.gate.set()
    assert worker.asked == [MUSIC]
    assert {task.result().url for task in asked} == {"https://cdn.example/1"}


async def test_all_who_ask_at_once_share_one_failure(resolver, worker, tracks):
    worker.answers[MUSIC] = YouTubeStreamError("no luck")
    worker.gate.clear()

    async def ask():
        with pytest.raises(YouTubeStreamError, match="no luck"):
            await resolver.resolve(SONG.track_id)

    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(ask())
        await eventually(lambda: worker.asked, "the worker is asked")
        await tracks.stream(SONG.track_id)  # as above
        worker.gate.set()
    assert worker.asked == [MUSIC]


async def test_when_the_first_to_ask_goes_away_the_next_goes_on(resolver, worker):
    worker.gate.clear()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(resolver.resolve(SONG.track_id))
        await eventually(lambda: worker.asked, "the worker is asked")
        second = group.create_task(resolver.resolve(SONG.track_id))
        third = group.create_task(resolver.resolve(SONG.track_id))
        await asyncio.sleep(0.05)
        first.cancel()
        await eventually(lambda: len(worker.asked) == 2, "one of the others takes over")
        third.cancel()
        await asyncio.sleep(0.05)
        worker.gate.set()
    assert second.result().url.startswith("https://cdn.example/")
    assert third.cancelled()


async def test_different_tracks_do_not_share(resolver, worker):
    async with asyncio.TaskGroup() as group:
        for track in (SONG, PODCAST):
            group.create_task(resolver.resolve(track.track_id))
    assert sorted(worker.asked) == sorted([MUSIC, "https://pod.example/1"])


async def test_a_stream_that_is_not_valid_yet_is_waited_for(resolver, worker, clock):
    worker.answers[MUSIC] = {"available_at": NOW + 4}
    await resolver.resolve(SONG.track_id)
    assert clock.slept == [4]
    await resolver.resolve(SONG.track_id)
    assert clock.slept == [4], "and only once"


async def test_prefetching_does_not_wait_and_nobody_waits_for_ever(make, worker, clock):
    resolver = make(timeout_seconds=10)
    worker.answers[MUSIC] = {"available_at": NOW + 3600}
    await resolver.prefetch([SONG.track_id])
    assert clock.slept == []
    await resolver.resolve(SONG.track_id)
    assert clock.slept == [10]


async def test_a_music_id_is_tried_on_the_other_site_when_the_first_does_not_have_it(resolver, worker):
    worker.answers[MUSIC] = YouTubeStreamError("not there", permanent=True)
    assert (await resolver.resolve(SONG.track_id)).url == "https://cdn.example/2"
    assert worker.asked == [MUSIC, WWW]


async def test_a_track_that_is_gone_is_remembered_for_a_day_and_not_asked_for(resolver, worker, clock, tracks):
    worker.answers[MUSIC] = YouTubeStreamError("it is private", permanent=True)
    worker.answers[WWW] = YouTubeStreamError("it is not available", permanent=True)
    for fresh in (False, False, True):
        with pytest.raises(YouTubeStreamError, match="it is private") as caught:
            await resolver.resolve(SONG.track_id, fresh=fresh)
        assert caught.value.permanent
    assert worker.asked == [MUSIC, WWW]
    assert await tracks.dead_reason(SONG.track_id) == "it is private"
    clock.now += 24 * 3600
    worker.answers.clear()
    assert (await resolver.resolve(SONG.track_id)).format_id == "251"


async def test_a_passing_failure_is_not_remembered(resolver, worker, tracks):
    worker.answers[MUSIC] = YouTubeStreamError("timeout")
    with pytest.raises(YouTubeStreamError, match="timeout"):
        await resolver.resolve(SONG.track_id)
    assert await tracks.dead_reason(SONG.track_id) is None
    assert worker.asked == [MUSIC], "the other site would not do better"
    assert resolver.state.last_error == "timeout"
    worker.answers.clear()
    await resolver.resolve(SONG.track_id)


async def test_a_site_that_has_had_enough_is_left_alone_and_the_state_says_so(resolver, worker, clock):
    worker.answers[MUSIC] = YouTubeStreamError("not a bot?", retry_after=900)
    with pytest.raises(YouTubeStreamError, match="not a bot"):
        await resolver.resolve(SONG.track_id)
    assert resolver.state == ResolverState(NOW + 900, 1, 200, "not a bot?")
    clock.now += 899
    with pytest.raises(YouTubeStreamError, match=r"not a bot.* min"):
        await resolver.resolve(SONG.track_id)
    assert len(worker.asked) == 1
    await resolver.resolve(PODCAST.track_id)  # another site has nothing to do with it
    clock.now += 1
    worker.answers.clear()
    await resolver.resolve(SONG.track_id)
    assert resolver.state.backing_off_until is None
    worker.answers[MUSIC] = YouTubeStreamError("not a bot?", retry_after=900)
    with pytest.raises(YouTubeStreamError):
        await resolver.resolve(SONG.track_id, fresh=True)
    assert resolver.state.backing_off_until == clock.now + 900, "no longer than the first time"


async def test_while_a_site_rests_what_is_known_still_plays(resolver, worker, tracks):
    await tracks.upsert_tracks([Track("AAAAAAAAAAA", "Other")])
    known = await resolver.resolve(SONG.track_id)
    worker.answers["https://music.youtube.com/watch?v=AAAAAAAAAAA"] = YouTubeStreamError("enough", retry_after=900)
    with pytest.raises(YouTubeStreamError, match="enough"):
        await resolver.resolve("AAAAAAAAAAA")
    assert await resolver.resolve(SONG.track_id) == known


async def test_what_is_known_of_a_track_is_told_without_asking(resolver, worker, clock):
    assert await resolver.at_hand(await resolver.look_up(SONG.track_id)) is None
    stream = await resolver.resolve(SONG.track_id)
    assert await resolver.at_hand(await resolver.look_up(SONG.track_id)) == stream
    clock.now += 6 * 3600
    assert await resolver.at_hand(await resolver.look_up(SONG.track_id)) is None, "too old"
    worker.answers.update({url: YouTubeStreamError("removed", permanent=True) for url in (MUSIC, WWW)})
    with pytest.raises(YouTubeStreamError, match="removed"):
        await resolver.resolve(SONG.track_id)
    asked = len(worker.asked)
    known = await resolver.look_up(SONG.track_id)
    with pytest.raises(YouTubeStreamError, match="removed"):
        await resolver.at_hand(known)
    with pytest.raises(TrackNotFoundError):
        await resolver.look_up("absent_absent")
    assert len(worker.asked) == asked


async def test_who_has_looked_up_is_not_looked_up_for_again(resolver, tracks):
    stream = await resolver.resolve(SONG.track_id)
    known = await resolver.look_up(SONG.track_id)
    await tracks.save_stream(SONG.track_id, replace(stream, url="https://elsewhere.example/"))
    assert await resolver.resolve(SONG.track_id, known=known) == stream
    assert await resolver.resolve(SONG.track_id) != stream


async def test_that_a_site_shall_not_be_asked_is_known_too(make, resolver, worker):
    worker.answers[MUSIC] = YouTubeStreamError("enough", retry_after=900)
    with pytest.raises(YouTubeStreamError):
        await resolver.resolve(SONG.track_id)
    known = await resolver.look_up(SONG.track_id)
    with pytest.raises(YouTubeStreamError, match="enough"):
        await resolver.at_hand(known)
    assert await resolver.at_hand(await resolver.look_up(PODCAST.track_id)) is None, "another site"


async def test_no_more_is_asked_in_an_hour_than_the_user_allows(make, worker, clock, tracks):
    resolver = make(max_per_hour=3)
    await tracks.upsert_tracks(Track(f"AAAAAAAAAA{number}", "Song") for number in range(5))
    for number in range(3):
        await resolver.resolve(f"AAAAAAAAAA{number}")
    assert resolver.state.resolved_last_hour == 3
    with pytest.raises(YouTubeStreamError, match="max_per_hour") as caught:
        await resolver.resolve("AAAAAAAAAA3")
    assert not caught.value.permanent
    assert len(worker.asked) == 3
    clock.now += 3600
    await resolver.resolve("AAAAAAAAAA3")


async def test_prefetching_leaves_some_of_the_budget_to_playing(make, worker, tracks):
    resolver = make(max_per_hour=10)
    await tracks.upsert_tracks(Track(f"AAAAAAAAA{number:02}", "Song") for number in range(12))
    await resolver.prefetch([f"AAAAAAAAA{number:02}" for number in range(12)])
    assert len(worker.asked) == 8
    await resolver.resolve("AAAAAAAAA10")


async def test_prefetching_logs_what_cannot_be_had_and_goes_on(resolver, worker, tracks):
    worker.answers["https://pod.example/1"] = YouTubeStreamError("gone", permanent=True)
    with structlog.testing.capture_logs() as logs:
        await resolver.prefetch(["absent_absent", PODCAST.track_id, SONG.track_id])
    assert await tracks.stream(SONG.track_id) is not None
    assert [entry["track"] for entry in logs if entry["event"] == "not prefetched"] == [
        "absent_absent",
        PODCAST.track_id,
    ]


async def test_an_outage_is_told_once_for_all_tracks_of_a_site_and_when_it_is_over(resolver, worker, tracks, clock):
    more = [Track(f"AAAAAAAAA{number:02}", "Song") for number in range(5)]
    await tracks.upsert_tracks(more)
    urls = [f"https://music.youtube.com/watch?v={song.track_id}" for song in more]
    worker.answers = {url: YouTubeStreamError(f"{url}: the network is down") for url in urls}
    ids = [song.track_id for song in more]
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            await resolver.prefetch(ids)
        worker.answers.clear()
        await resolver.prefetch(ids)
    told = [(line["event"], line.get("track")) for line in logs if line["log_level"] != "debug"]
    assert told[:2] == [("no stream", ids[0]), ("streams can be had again", None)]
    assert [event for event, _ in told[2:]] == ["stream resolved"] * 5


async def test_one_track_that_fails_among_others_is_told_once_each_time_it_begins_to(resolver, worker, clock):
    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            worker.answers["https://pod.example/1"] = YouTubeStreamError("https://pod.example/1: no audio at present")
            for _ in range(3):
                await resolver.prefetch([PODCAST.track_id])
            worker.answers.clear()
            await resolver.prefetch([PODCAST.track_id])
            clock.now += 24 * 3600
    assert [line["track"] for line in logs if line["log_level"] == "warning"] == [PODCAST.track_id] * 2


async def test_what_the_page_tells_fills_only_what_the_source_did_not(resolver, worker, tracks):
    worker.told = {"artists": ("Somebody Else",), "album": "Soul Food Taqueria", "duration": 188.0}
    await resolver.resolve(SONG.track_id)
    assert await tracks.track(SONG.track_id) == replace(SONG, album="Soul Food Taqueria", duration=188.0)


async def test_a_store_that_cannot_be_written_does_not_stop_the_music(resolver, tracks, monkeypatch):
    def full(*_):
        raise StoreError("the disk is full")

    monkeypatch.setattr(TrackStore, "save_stream", full)
    with structlog.testing.capture_logs() as logs:
        assert (await resolver.resolve(SONG.track_id)).url == "https://cdn.example/1"
    assert any(entry.get("reason") == "the disk is full" for entry in logs)


async def test_signed_urls_headers_and_cookies_are_in_no_log(resolver, worker):
    worker.answers[MUSIC] = {"url": "https://cdn.example/x?sig=SECRET", "headers": {"Cookie": "SECRET"}}
    with structlog.testing.capture_logs() as logs:
        await resolver.resolve(SONG.track_id)
    assert logs
    assert "SECRET" not in repr(logs)


async def test_demo_music_plays_from_the_package_without_asking_anybody(resolver, worker, tracks):
    demo = demo_playlists()[0].tracks[0]
    url = f"demo:{demo.file}"
    await tracks.upsert_tracks([Track(demo.track_id, "Demo", source="demo", source_url=url, duration=demo.duration)])
    stream = await resolver.resolve(demo.track_id)
    assert stream.url == demo_file(demo.file).as_uri()
    assert stream.content_length == demo_file(demo.file).stat().st_size
    assert stream.content_type in ("audio/webm", "audio/mp4")
    assert worker.asked == []


@pytest.mark.parametrize("url", ["demo:../../../etc/passwd", "demo:absent.webm", "file:///etc/passwd", None])
async def test_no_file_outside_the_catalogue_is_ever_a_stream(resolver, tracks, url):
    await tracks.upsert_tracks([Track("demo-evil-track", "Evil", source="demo", source_url=url)])
    with pytest.raises(YouTubeStreamError, match="catalogue"):
        await resolver.resolve("demo-evil-track")


@pytest.mark.parametrize(
    ("track", "urls"),
    [
        (SONG, (MUSIC, WWW)),
        (replace(SONG, source_url=WWW), (MUSIC, WWW)),
        (replace(SONG, source="web", source_url=WWW), (WWW, MUSIC)),
        (replace(SONG, source="web", source_url=MUSIC), (MUSIC,)),
        (PODCAST, ("https://pod.example/1",)),
        (replace(PODCAST, source_url=None), ()),
    ],
)
def test_a_track_is_looked_for_where_it_plays_best(track, urls):
    assert addresses(track) == urls


async def test_a_track_without_an_address_is_told_so(resolver, tracks):
    await tracks.upsert_tracks([Track("nowhere-at-all", "Lost", source="web")])
    with pytest.raises(YouTubeStreamError, match="nobody told"):
        await resolver.resolve("nowhere-at-all")


async def test_the_real_worker_and_the_real_store_work_together(tmp_path, site):
    settings = ResolverSettings(timeout_seconds=20)
    track = Track("a_file_on_a_site", "Tone", source="web", source_url=site.url("tone.webm"))
    async with AsyncStore.open(tmp_path / "tracks.db") as store, ExtractorWorker(settings=settings) as worker:
        await store.run(TrackStore.upsert_tracks, [track])
        resolver = StreamResolver(store=store, worker=worker, settings=settings)
        stream = await resolver.resolve(track.track_id)
        assert (stream.url, stream.content_type) == (site.url("tone.webm"), "audio/webm")
        assert await resolver.resolve(track.track_id) == stream
        assert await store.run(TrackStore.track, track.track_id) == track
