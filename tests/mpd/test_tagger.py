"""The queue tagger on a real mpd: every entry of ours has its tags, and nothing else is touched."""

import asyncio
import random
from collections import Counter
from contextlib import suppress

import pytest
from support.mpd_client import Ack
from support.tagging import FIRST, FOREIGN, PORT, SECOND, URLS, numbered, running, tagged, tags
from support.waiting import eventually

from mpdbridge.models import Track
from mpdbridge.mpd import wire
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.tag_diff import desired_tags
from mpdbridge.store import TrackStore

pytestmark = pytest.mark.mpd

NASTY = [
    'a"\nclear\n"b',
    "a\r\nclear",
    "back\\slash\\",
    "AC/DC",
    "quote';StreamTitle='x",
    "🎵🎶",
    "שלום עולם",
    "x" * 5000,
    "é" * 9000,
    '"' * 9000,
    "\ud800lone",
    "\0nul",
    "\u2028sep",
    "cleartagid 1",
    "'; DROP TABLE tracks; --",
]


@pytest.fixture
def sent(monkeypatch):
    """Every request that our connections send, as text."""
    requests = []
    exchange = MpdConnection._exchange

    async def recorded(self, request, limit):
        requests.append(request.decode())
        return await exchange(self, request, limit)

    monkeypatch.setattr(MpdConnection, "_exchange", recorded)
    return requests


def kinds(requests):
    return [request.split()[0] for request in requests]


async def test_entries_that_are_there_at_the_start_are_tagged(mpd, store):
    for track in (FIRST, SECOND):
        mpd.command("add", URLS.of(track))
    async with running(mpd, store):
        assert tagged(mpd, FIRST, SECOND)


async def test_entries_of_a_loaded_playlist_are_tagged(mpd, store):
    for track in (FIRST, SECOND, FIRST):
        mpd.command("playlistadd", "YT: mine", URLS.of(track))
    async with running(mpd, store):
        mpd.command("load", "YT: mine")
        await eventually(lambda: tagged(mpd, FIRST, SECOND, FIRST), "the loaded entries to be tagged")


async def test_an_entry_that_another_client_adds_is_tagged(mpd, store):
    async with running(mpd, store):
        mpd.mpc("add", URLS.of(FIRST))
        await eventually(lambda: tagged(mpd, FIRST), "mpc's entry to be tagged")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
async def test_every_way_to_write_our_relay_is_known(mpd, store, host):
    async with running(mpd, store):
        mpd.command("add", f"http://{host}:{PORT}/proxy/{FIRST.track_id}")
        await eventually(lambda: tagged(mpd, FIRST), "the entry to be tagged")


async def test_foreign_entries_are_left_alone(mpd, store):
    mpd.command("add", FOREIGN)
    mpd.command("addtagid", mpd.queue()[0]["Id"][0], "Title", "Radio")
    before = mpd.queue()[0]
    async with running(mpd, store):
        mpd.command("add", URLS.of(FIRST))
        await eventually(lambda: tags(mpd.queue()[1]) == desired_tags(FIRST), "ours to be tagged")
        assert mpd.queue()[0] == before


async def test_other_tags_of_our_entries_stay(mpd, store):
    song_id = mpd.values("addid", URLS.of(FIRST))[0]
    mpd.command("addtagid", song_id, "Genre", "Funk")
    async with running(mpd, store):
        assert mpd.queue()[0]["Genre"] == ["Funk"]
        assert tagged(mpd, FIRST)


async def test_tags_that_another_client_clears_come_back(mpd, store):
    song_id = mpd.values("addid", URLS.of(FIRST))[0]
    async with running(mpd, store):
        for lost in (("cleartagid", song_id), ("cleartagid", song_id, "Artist"), ("addtagid", song_id, "Title", "x")):
            mpd.command(*lost)
            await eventually(lambda: tagged(mpd, FIRST), f"the tags to be repaired after {lost}")


async def test_a_track_that_the_store_learns_of_is_tagged_then(mpd, store, sent):
    late = Track("ccccccccccc", "Late", ("Somebody",))
    mpd.command("add", URLS.of(late))
    async with running(mpd, store) as tagger:
        assert tagged(mpd, Track("ccccccccccc", ""))
        await store.run(TrackStore.upsert_tracks, [late])
        tagger.store_changed()
        await eventually(lambda: tagged(mpd, late), "the entry to be tagged")
        await eventually(lambda: sent[-1].startswith("idle"), "silence")


async def test_a_track_whose_row_changes_is_tagged_anew(mpd, store):
    mpd.command("add", URLS.of(FIRST))
    async with running(mpd, store) as tagger:
        better = Track(FIRST.track_id, "Thin Brown Layer (Live)", FIRST.artists, FIRST.album, track_number=3)
        await store.run(TrackStore.upsert_tracks, [better])
        tagger.store_changed()
        await eventually(lambda: tagged(mpd, better), "the new title")


async def test_a_track_that_another_process_stores_is_tagged_with_the_next_event(mpd, store):
    late = Track("ccccccccccc", "Late", ("Somebody",))
    mpd.command("add", URLS.of(late))
    async with running(mpd, store):
        await store.run(TrackStore.upsert_tracks, [late])
        mpd.command("add", URLS.of(FIRST))
        await eventually(lambda: tagged(mpd, late, FIRST), "both to be tagged")


async def test_no_title_reaches_mpd_as_a_command_and_nothing_is_lost(mpd, store):
    nasty = [Track(f"nasty-{number:05}", title, (title,), album=title) for number, title in enumerate(NASTY)]
    empty = Track("empty-00000", "", ("",), album="\n")
    stored = await store.run(TrackStore.upsert_tracks, [*nasty, empty])
    assert stored == len(nasty) + 1
    kept = await store.run(TrackStore.tracks, [track.track_id for track in nasty])
    async with running(mpd, store):
        for track in (*nasty, empty):
            mpd.command("add", URLS.of(track))
        expected = [kept[track.track_id] for track in nasty]
        await eventually(lambda: tagged(mpd, *expected, empty), "every nasty title to arrive")
        assert tags(mpd.queue()[NASTY.index("x" * 5000)])["Title"] == ["x" * 4000]
        shown = mpd.mpc("--format=%title%", "playlist").splitlines()
        assert len(shown) == len(expected) + 1, "mpc can read a queue whose titles are endless"


async def test_ten_thousand_entries_are_read_and_tagged_once_and_then_there_is_silence(mpd, store, sent):
    tracks = numbered(10_000)
    await store.run(TrackStore.upsert_tracks, tracks)
    lines = "".join(f"{URLS.of(track)}\n" for track in tracks)
    (mpd.playlist_directory / "big.m3u").write_text(lines, encoding="utf-8")
    async with running(mpd, store):
        sent.clear()
        await asyncio.to_thread(mpd.command, "load", "big")
        # Our own changes wake us once more, and nothing comes of that.
        echo = ["idle", "command_list_ok_begin", "idle"]
        await eventually(lambda: len(sent) > 20 and kinds(sent)[-3:] == echo, "the tagging to end", 30)
        assert tagged(mpd, *tracks)
        count = len(sent)
        mpd.command("add", FOREIGN)  # the next thing that is sent answers this, and nothing older
        await eventually(lambda: len(sent) > count and sent[-1].startswith("idle"), "the tagger to look")
    assert kinds(sent[count:]) == ["command_list_ok_begin"] * 6 + ["idle"]
    assert not any("tagid" in request for request in sent[count:])
    names = Counter(line.split(" ")[0] for request in sent for line in request.splitlines())
    assert names["addtagid"] == 20_000
    assert names["cleartagid"] == 0
    # Whatever is asked again is asked from a version on at which all was tagged: MPD answers with nothing.
    assert names["plchanges"] == 20 + 1 + 1 + 6  # the load, what came behind it, our own echo, the foreign entry
    since = [int(line.split('"')[1]) for request in sent for line in request.splitlines() if "plchanges" in line]
    assert len(set(since)) <= 3


async def test_entries_that_vanish_while_they_are_tagged_do_no_harm(mpd, store):
    tracks = numbered(3000)
    await store.run(TrackStore.upsert_tracks, tracks)
    lines = "".join(f"{URLS.of(track)}\n" for track in tracks)
    (mpd.playlist_directory / "big.m3u").write_text(lines, encoding="utf-8")
    by_id = {track.track_id: track for track in tracks}

    def delete_and_move():
        order = random.Random(5)
        with mpd.client() as client:
            client.command("load", "big")
            for left in range(3000, 1500, -1):
                client.command("delete", str(order.randrange(left)))
                if left % 5 == 0:
                    client.command("move", str(order.randrange(left - 1)), "0")

    async with running(mpd, store) as tagger:
        await asyncio.to_thread(delete_and_move)

        def all_tagged():
            queue = mpd.queue()
            return len(queue) == 1500 and all(
                tags(entry) == desired_tags(by_id[URLS.track_id(entry["file"][0])]) for entry in queue
            )

        await eventually(all_tagged, "what is left to be tagged", 20)
        assert tagger.state == "attached"


async def test_when_an_entry_vanishes_between_reading_and_tagging_those_behind_it_are_tagged(mpd, store, monkeypatch):
    tracks = numbered(20)
    await store.run(TrackStore.upsert_tracks, tracks)
    for track in tracks:
        mpd.command("add", URLS.of(track))
    look_up, vanishing = TrackStore.tracks_as_streamed, [0, 10]

    def after_a_deletion(self, ids):
        if vanishing:
            mpd.command("delete", str(vanishing.pop()))
        return look_up(self, ids)

    monkeypatch.setattr(TrackStore, "tracks_as_streamed", after_a_deletion)
    async with running(mpd, store):
        await eventually(lambda: tagged(mpd, *tracks[1:10], *tracks[11:]), "what is left to be tagged")


async def test_a_queue_that_is_cleared_again_and_again_while_it_is_tagged_ends_tagged(mpd, store):
    tracks = numbered(1000)
    await store.run(TrackStore.upsert_tracks, tracks)
    lines = "".join(f"{URLS.of(track)}\n" for track in tracks)
    (mpd.playlist_directory / "big.m3u").write_text(lines, encoding="utf-8")

    def load_and_clear():
        with mpd.client() as client:
            for _ in range(20):
                client.command("clear")
                client.command("load", "big")
                with suppress(Ack):
                    client.command("deleteid", str(client.command("playlistid")[-1][1]))
                client.command("shuffle")
            client.command("clear")
            client.command("load", "big")

    async with running(mpd, store):
        await asyncio.to_thread(load_and_clear)
        await eventually(lambda: tagged(mpd, *tracks), "the last load to be tagged", 20)


async def test_commands_too_long_for_one_list_are_split_and_end_tagged(mpd, store, monkeypatch):
    tracks = numbered(300)
    await store.run(TrackStore.upsert_tracks, tracks)
    batches = wire.batches
    monkeypatch.setattr(wire, "batches", lambda commands: batches(commands, 2000))
    async with running(mpd, store):
        for track in tracks:
            mpd.command("add", URLS.of(track))
        await eventually(lambda: tagged(mpd, *tracks), "all to be tagged")


async def test_a_change_between_two_lists_of_ours_is_seen(mpd, store, monkeypatch):
    for _ in range(10):
        mpd.command("add", URLS.of(SECOND))
    batches, send, changed = wire.batches, MpdConnection.send, []

    async def send_and_change(self, batch):
        answers = await send(self, batch)
        if not changed:
            changed.append(await asyncio.to_thread(mpd.command, "add", URLS.of(FIRST)))
        return answers

    monkeypatch.setattr(wire, "batches", lambda commands: batches(commands, 2000))
    monkeypatch.setattr(MpdConnection, "send", send_and_change)
    async with running(mpd, store):
        await eventually(lambda: tagged(mpd, *[SECOND] * 10, FIRST), "all to be tagged")


async def test_an_mpd_that_keeps_fewer_tags_gets_only_those(start_mpd, store, sent):
    mpd = start_mpd(extra='metadata_to_use "artist,title"')
    mpd.command("add", URLS.of(FIRST))
    async with running(mpd, store):
        assert tags(mpd.queue()[0]) == {"Artist": list(FIRST.artists), "Title": [FIRST.title]}
    assert not any("Album" in request for request in sent)


async def test_others_are_told_of_every_change_but_the_taggers_own_with_what_is_none_of_ours(mpd, store):
    told = []
    async with running(mpd, store) as tagger:
        tagger.tell_others(told.append)
        mpd.command("add", FOREIGN)
        await eventually(lambda: told == [[FOREIGN]], "the foreign entry")
        mpd.command("add", URLS.of(FIRST))
        await eventually(lambda: tagged(mpd, Track("", ""), FIRST), "tags")
        mpd.command("clear")
        await eventually(lambda: told == [[FOREIGN], [], []], "nothing foreign, twice")
