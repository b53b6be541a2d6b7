"""What MPD drops from the queue while it reads changed sheets is put together again, by a later run if need be."""

import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.library import update

from mpdbridge.cue import Sheet, render
from mpdbridge.mpd.dropped import DroppedEntries, places_to_put_back
from mpdbridge.mpd.song_database import SongDatabase
from mpdbridge.mpd.tag_diff import QueueEntry
from mpdbridge.store import AsyncStore

A, B, C = "http://x/a", "http://x/b", "http://x/c"


def entry(uri: str, song_id: str) -> QueueEntry:
    return QueueEntry(uri, song_id, {})


entries = st.lists(st.sampled_from(["mine/1", "mine/2", "other"]), max_size=8).map(
    lambda uris: [entry(uri, str(number)) for number, uri in enumerate(uris)]
)


def put_back(before, now, songs, *, restarted=False):
    queue = [entry.uri for entry in now]
    for back in places_to_put_back(before, now, songs, restarted=restarted):
        assert 0 <= back.position <= len(queue)
        queue.insert(back.position, back.uri)
    return queue


@given(entries, st.sets(st.sampled_from(["mine/1", "mine/2"])))
def test_a_queue_that_lost_songs_is_as_it_was(before, songs) -> None:
    assert put_back(before, [entry for entry in before if entry.uri not in songs], songs) == [one.uri for one in before]


@given(entries, st.randoms(use_true_random=False), st.integers(0, 3))
def test_what_others_did_to_the_queue_meanwhile_stays_done(before, chance, added) -> None:
    now = [entry for entry in before if entry.uri != "mine/1" and chance.random() < 0.7]
    now += [entry("new", f"new{number}") for number in range(added)]
    queue = put_back(before, now, {"mine/1"})
    assert [uri for uri in queue if uri != "mine/1"] == [entry.uri for entry in now]


def test_nothing_is_put_back_into_a_queue_that_was_cleared_or_replaced() -> None:
    before = [entry("mine/1", "1"), entry("other", "2")]
    assert places_to_put_back(before, [], {"mine/1"}) == []
    assert places_to_put_back(before, [entry("new", "3")], {"mine/1"}) == []
    assert places_to_put_back(before[:1], [entry("new", "3")], {"mine/1"}) == []
    assert [back.uri for back in places_to_put_back(before[:1], [], {"mine/1"})] == ["mine/1"]


@given(entries, st.integers(0, 8))
def test_a_run_that_was_killed_while_it_put_back_is_completed_and_doubles_nothing(before, done) -> None:
    songs = {"mine/1", "mine/2"}
    now = [entry for entry in before if entry.uri not in songs]
    for number, back in enumerate(places_to_put_back(before, now, songs)[:done]):
        now.insert(back.position, entry(back.uri, f"again{number}"))
    assert put_back(before, now, songs) == [entry.uri for entry in before]


def test_after_a_restart_of_mpd_the_same_numbers_are_other_entries() -> None:
    before = [entry("other", "1"), entry("mine/1", "2"), entry("third", "3")]
    assert put_back(before, [entry("other", "1"), entry("third", "2")], {"mine/1"}) == ["other", "mine/1", "third"]


@given(entries, st.integers(1, 9))
def test_after_a_restart_of_mpd_entries_are_known_by_their_uris(before, started_at) -> None:
    songs = {"mine/1", "mine/2"}
    now = [entry(one.uri, str(started_at + int(one.song_id))) for one in before if one.uri not in songs]
    assert put_back(before, now, songs, restarted=True) == [one.uri for one in before]


@pytest.fixture
async def database(connection):
    await connection.ensure_open()
    return SongDatabase(connection=connection, folder="YT")


@pytest.fixture
async def store():
    async with AsyncStore.open(":memory:") as store:
        yield store


def uris(mpd) -> list[str]:
    return [entry["file"][0] for entry in mpd.queue()]


def fill(mpd, *uris: str) -> list[str]:
    """Returns the song ids."""
    for uri in uris:
        mpd.command("add", uri)
    return [entry["Id"][0] for entry in mpd.queue()]


async def test_a_later_run_puts_back_what_a_killed_one_has_noted_once(mpd, connection, database, store) -> None:
    ids = fill(mpd, A, B, C)
    mpd.command("prioid", "7", ids[1])

    def entries_of_a_run() -> DroppedEntries:
        return DroppedEntries(connection=connection, database=database, store=store, target="mpd")

    await entries_of_a_run().note([B])
    mpd.command("deleteid", ids[1])
    assert await entries_of_a_run().recover()
    assert uris(mpd) == [A, B, C]
    assert mpd.queue()[1]["Prio"] == ["7"]
    mpd.command("delete", "1")
    assert await entries_of_a_run().recover()
    assert uris(mpd) == [A, C], "its user has deleted it"


async def test_an_update_that_a_killed_run_asked_for_drops_its_entries_before_they_are_put_back(
    mpd, connection, database, store
) -> None:
    def write(title: str, seconds: int) -> list[str]:
        for number in range(300):
            sheet = mpd.music_directory / "YT" / f"{number}.cue"
            sheet.parent.mkdir(exist_ok=True)
            sheet.write_text(render(Sheet("http://localhost:1/proxy/x", {"Title": [title]})))
            os.utime(sheet, (seconds, seconds))
        return [f"YT/{number}.cue/track0001" for number in range(300)]

    songs = write("Title", 1000)
    update(mpd)
    fill(mpd, *songs[:3])
    entries = DroppedEntries(connection=connection, database=database, store=store, target="mpd")
    await entries.note(songs)
    write("Other", 2000)
    mpd.command("update", "YT")
    hasty = SongDatabase(connection=connection, folder="YT", patience=0)
    assert not await DroppedEntries(connection=connection, database=hasty, store=store, target="mpd").recover()
    assert await entries.recover()
    assert ("Title", "Other") in mpd.command("playlistinfo")
    assert uris(mpd) == songs[:3]


async def test_a_restart_of_mpd_in_between_takes_none_away(mpd, connection, database, store) -> None:
    hour_ago = time.time() - 3600
    fill(mpd, "http://x/before", A, B, C)
    mpd.command("delete", "0")
    await DroppedEntries(
        connection=connection, database=database, store=store, target="mpd", clock=lambda: hour_ago
    ).note([B])
    mpd.command("clear")
    fill(mpd, A, C)
    assert await DroppedEntries(connection=connection, database=database, store=store, target="mpd").recover()
    assert uris(mpd) == [A, B, C]


async def test_what_was_lost_hours_ago_does_not_come_back(mpd, connection, database, store) -> None:
    ids, now = fill(mpd, A, B), 1000.0
    entries = DroppedEntries(connection=connection, database=database, store=store, target="mpd", clock=lambda: now)
    await entries.note([B])
    mpd.command("deleteid", ids[1])
    now += 4 * 3600
    await entries.put_back()
    assert uris(mpd) == [A]


async def test_an_entry_that_cannot_be_put_back_moves_no_other(mpd, connection, database, store) -> None:
    sheet = mpd.music_directory / "YT" / "gone.cue"
    sheet.parent.mkdir()
    sheet.write_text(render(Sheet("http://localhost:1/proxy/x", {"Title": ["T"]})))
    update(mpd)
    ids = fill(mpd, "YT/gone.cue/track0001", A, B)
    entries = DroppedEntries(connection=connection, database=database, store=store, target="mpd")
    await entries.note(uris(mpd))
    for one in ids:
        mpd.command("deleteid", one)
    sheet.unlink()
    update(mpd)
    await entries.put_back()
    assert uris(mpd) == [A, B]
