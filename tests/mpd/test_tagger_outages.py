"""The tagger when MPD goes, comes back, or does not want us: it says so once, and catches up."""

import asyncio
from itertools import repeat

import pytest
from structlog.testing import capture_logs
from support.tagging import FIRST, FOREIGN, SECOND, URLS, address, running, soon, started, tagged, tags
from support.waiting import eventually

from mpdbridge.errors import StoreError
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.tagger import QueueTagger
from mpdbridge.mpd.watcher import retry_delays
from mpdbridge.store import TrackStore

pytestmark = pytest.mark.mpd

REMOTE = "203.0.113.9"


@pytest.fixture
def said():
    with capture_logs() as events:
        yield events


def lines(said, *levels):
    return [event["event"] for event in said if event["log_level"] in (levels or ("info", "warning", "error"))]


async def test_tags_survive_a_restart_and_what_was_missed_is_tagged(start_mpd, store, said):
    mpd = start_mpd(state=True)
    mpd.command("add", URLS.of(FIRST))
    async with running(mpd, store) as tagger:
        await asyncio.to_thread(mpd.stop)
        await eventually(lambda: tagger.state == "reconnecting", "the loss to be noticed")
        assert tagger.serves("127.0.0.1")
        await asyncio.to_thread(mpd.start)
        assert tags(mpd.queue()[0])["Title"] == [FIRST.title]
        mpd.command("add", URLS.of(SECOND))
        await eventually(lambda: tagged(mpd, FIRST, SECOND), "the missed entry to be tagged")
        await eventually(lambda: tagger.state == "attached", "the tagger to be back")
    assert lines(said, "warning") == ["the queue is not tagged at present, trying again"]
    assert lines(said, "info") == ["tagging the queue", "tagging the queue again"]


async def test_a_killed_mpd_whose_queue_versions_start_again_is_tagged_from_the_beginning(mpd, store):
    for _ in range(10):
        mpd.command("add", URLS.of(SECOND))
    async with running(mpd, store, delays=lambda _: repeat(1.0)) as tagger:
        await asyncio.to_thread(mpd.kill)
        await asyncio.to_thread(mpd.start)
        mpd.command("add", URLS.of(FIRST))
        for _ in range(100):  # past the old version, and all that before the tagger is back
            mpd.command("add", FOREIGN)
            mpd.command("delete", "1")
        assert tagger.state == "reconnecting"
        await eventually(lambda: tagged(mpd, FIRST), "the new queue to be tagged")
        await eventually(lambda: tagger.state == "attached", "the tagger to be back")


async def test_mpd_killed_in_the_middle_of_tagging_is_tagged_after_its_return(mpd, store):
    lines_of_it = f"{URLS.of(FIRST)}\n" * 5000
    (mpd.playlist_directory / "big.m3u").write_text(lines_of_it, encoding="utf-8")
    async with running(mpd, store):
        for _ in range(3):
            await asyncio.to_thread(mpd.command, "load", "big")
            await asyncio.to_thread(mpd.kill)
            await asyncio.to_thread(mpd.start)
        await asyncio.to_thread(mpd.command, "load", "big")
        # The whole queue is asked for when its end is tagged, not over and over while the tagger works.
        await eventually(lambda: "Title" in dict(mpd.command("playlistinfo", "4999")), "the end to be tagged", 20)
        await eventually(lambda: tagged(mpd, *[FIRST] * 5000), "all to be tagged")


async def test_an_mpd_that_starts_later_is_tagged_then(mpd, store, said):
    mpd.command("add", URLS.of(FIRST))
    await asyncio.to_thread(mpd.stop)
    tagger = QueueTagger(address=address(mpd), store=store, urls=URLS, delays=soon)
    assert tagger.state == "starting"
    async with started(tagger):
        await eventually(lambda: tagger.state == "reconnecting", "the first try to fail")
        assert tagger.serves("127.0.0.1")
        assert not tagger.serves(REMOTE)
        await asyncio.to_thread(mpd.start)
        mpd.command("add", URLS.of(SECOND))
        await eventually(lambda: tagged(mpd, SECOND), "the entry to be tagged")
    assert len(lines(said, "warning")) == 1


@pytest.mark.parametrize("queue", [[], [URLS.of(FIRST)]], ids=["empty", "one of ours"])
async def test_a_client_that_may_not_tag_says_so_once_and_serves_nobody(start_mpd, store, said, queue):
    """Also while there is nothing to tag: whoever is served bytes instead of titles counts on tags."""
    mpd = start_mpd(default_permissions="read", password="secret")
    for uri in queue:
        mpd.command("add", uri)
    tagger = QueueTagger(address=MpdAddress(socket=str(mpd.socket)), store=store, urls=URLS, delays=soon)
    async with started(tagger):
        await eventually(lambda: tagger.state == "refused", "the refusal")
        assert not tagger.serves("127.0.0.1")
        count = mpd.log.count('"commands"')
        await eventually(lambda: mpd.log.count('"commands"') > count + 2, "it to be tried again")
        assert tagger.state == "refused"
        tagger.store_changed()
    (warning,) = (event for event in said if event["log_level"] == "warning")
    assert warning["reason"].endswith("does not permit addtagid, cleartagid; set mpd.password")


async def test_the_right_password_lets_us_tag(start_mpd, store):
    mpd = start_mpd(default_permissions="read", password="secret")
    mpd.command("add", URLS.of(FIRST))
    async with running(mpd, store):
        assert tagged(mpd, FIRST)


@pytest.mark.parametrize("password", ["wrong", "two\nlines", "\ud800", "x" * 9000])
async def test_a_bad_password_is_a_refusal_told_once_without_the_password(start_mpd, store, said, password):
    mpd = start_mpd(password="secret")
    bad = MpdAddress(socket=str(mpd.socket), password=password)
    tries = []

    def counted(state):
        for delay in soon(state):
            tries.append(state)
            yield delay

    tagger = QueueTagger(address=bad, store=store, urls=URLS, delays=counted)
    async with started(tagger):
        await eventually(lambda: len(tries) > 3, "some tries")
        assert tagger.state == "refused"
    (event,) = (event for event in said if event["log_level"] == "warning")
    assert password not in str(event)


async def test_a_store_that_fails_is_told_once_and_tried_again(mpd, store, said, monkeypatch):
    mpd.command("add", URLS.of(FIRST))
    tracks, fails = TrackStore.tracks_as_streamed, [True]

    def sometimes(self, ids):
        if fails[0]:
            raise StoreError("the database is locked; end the other process")
        return tracks(self, ids)

    monkeypatch.setattr(TrackStore, "tracks_as_streamed", sometimes)
    tagger = QueueTagger(address=address(mpd), store=store, urls=URLS, delays=soon)
    async with started(tagger):
        await eventually(lambda: tagger.state == "reconnecting", "the failure")
        fails[0] = False
        await eventually(lambda: tagged(mpd, FIRST), "the entry to be tagged")
        await eventually(lambda: tagger.state == "attached", "the tagger to be back")
    assert lines(said) == ["the queue is not tagged at present, trying again", "tagging the queue again"]


async def test_requests_of_other_hosts_are_not_served_for(mpd, store):
    async with running(mpd, store) as tagger:
        assert tagger.serves("127.0.0.1")
        assert tagger.serves("::ffff:127.0.0.1")
        assert not tagger.serves(REMOTE)


async def test_an_mpd_elsewhere_is_served_by_its_own_address_alone(store):
    tagger = QueueTagger(address=MpdAddress(host=REMOTE), store=store, urls=URLS, delays=soon)
    tagger._host = await tagger._find_host()  # as `run` does, which would go on to connect
    assert tagger.serves(REMOTE)
    assert not tagger.serves("127.0.0.1")


async def test_over_tcp_too(start_mpd, store):
    mpd = start_mpd(tcp=True)
    mpd.command("add", URLS.of(FIRST))
    tagger = QueueTagger(address=MpdAddress(port=mpd.port), store=store, urls=URLS, delays=soon)
    async with started(tagger):
        await eventually(lambda: tagged(mpd, FIRST), "the entry to be tagged")
        assert tagger.serves("127.0.0.1")


def test_a_refusal_is_tried_again_much_later_than_a_loss():
    assert 0.2 <= next(retry_delays("reconnecting")) <= 0.3
    assert next(retry_delays("refused")) >= 45
