"""MPD's side of library mode: the smallest updates, answers in pages, and a queue that is put together again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.library import FOLDER, update
from support.mpd_process import MpdProcess, wait_until

from mpdbridge.cue import Sheet, render
from mpdbridge.mpd import song_database
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.song_database import SongDatabase, folders_to_update, places_to_put_back
from mpdbridge.mpd.tag_diff import QueueEntry


def song(artist: str, album: str, number: int = 1, folder: str = "YT") -> str:
    return f"{folder}/{artist}/{album}/T [track{number:08}].cue/track0001"


@pytest.mark.parametrize(
    ("changed", "known", "folders"),
    [
        ([], [], []),
        ([song("A", "B")], [], ["YT"]),
        ([song("A", "B")], [song("A", "B", 2)], ["YT/A/B"]),
        ([song("A", "B")], [song("A", "C")], ["YT/A/B"]),
        ([song("A", "B")], [song("C", "B")], ["YT/A"]),
        ([song("A", "B"), song("A", "C"), song("D", "E")], [song("A", "B")], ["YT/A/B", "YT/A/C", "YT/D"]),
        ([song("A", "B"), song("D", "E")], [song("A", "B")], ["YT/A/B", "YT/D"]),
        ([song("A", "B"), song("A", "B", 2)], [song("A", "B")], ["YT/A/B"]),
        ([song("A", str(number)) for number in range(17)], [song("A", "B")], ["YT"]),
    ],
)
def test_only_the_nearest_folders_that_mpd_knows_are_updated(changed, known, folders) -> None:
    assert folders_to_update(changed, known, "YT") == folders


def test_a_folder_in_folders_is_found_from_the_top() -> None:
    assert folders_to_update([song("A", "B", folder="Online/YT")], [], "Online/YT") == ["Online"]
    assert folders_to_update([song("A", "B", folder="Online/YT")], ["Online/x.mp3/y"], "Online/YT") == ["Online/YT"]


def entry(uri: str, song_id: str) -> QueueEntry:
    return QueueEntry(uri, song_id, {})


entries = st.lists(st.sampled_from(["mine/1", "mine/2", "other"]), max_size=8).map(
    lambda uris: [entry(uri, str(number)) for number, uri in enumerate(uris)]
)


def put_back(before, now, songs):
    queue = [entry.uri for entry in now]
    for back in places_to_put_back(before, now, songs):
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


async def test_an_entry_that_cannot_be_put_back_moves_no_other(mpd, connection) -> None:
    database = SongDatabase(connection=connection, folder="YT")
    for uri in ("http://x/a", "http://x/b"):
        mpd.command("add", uri)
    mpd.command("prio", "7", "1")
    kept, lost = await database.queue()
    mpd.command("deleteid", lost.song_id)
    await database.put_back([entry("gone", "90"), kept, lost], {"gone", lost.uri})
    assert [(one["file"], one.get("Prio")) for one in mpd.queue()] == [(["http://x/a"], None), (["http://x/b"], ["7"])]


def write(mpd: MpdProcess, uri: str, title: str = "T") -> None:
    path = mpd.music_directory / uri.removesuffix("/track0001")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(Sheet("http://localhost:1/proxy/x", {"Title": [title]})))


async def test_songs_come_in_pages_and_none_is_missed(mpd, monkeypatch) -> None:
    monkeypatch.setattr(song_database, "_PAGE", 7)
    wait_until(lambda: "updating_db" not in mpd.status(), "the look at its folder that a new MPD takes by itself")
    uris = {song("A", "B", number, FOLDER) for number in range(21)}
    for uri in uris:
        write(mpd, uri)
    async with MpdConnection(MpdAddress(socket=str(mpd.socket))) as connection:
        database = SongDatabase(connection=connection, folder=FOLDER)
        assert await database.songs() == set()
        assert await database.update(uris, ())
        assert await database.songs() == uris
        assert ("tagtype", "Title") in await connection.command("tagtypes"), "what others ask is answered in full"


async def test_an_update_that_takes_too_long_is_not_waited_for(mpd) -> None:
    write(mpd, song("A", "B", 1, FOLDER))
    async with MpdConnection(MpdAddress(socket=str(mpd.socket))) as connection:
        database = SongDatabase(connection=connection, folder=FOLDER, patience=0)
        assert not await database.update([song("A", "B", 1, FOLDER)], ())
        assert await connection.command("ping") == [], "the connection can be used"


async def test_stickers_of_songs_that_are_gone_do_no_harm(mpd) -> None:
    present, gone = song("A", "B", 1, FOLDER), song("A", "B", 2, FOLDER)
    write(mpd, present)
    update(mpd)
    async with MpdConnection(MpdAddress(socket=str(mpd.socket))) as connection:
        database = SongDatabase(connection=connection, folder=FOLDER)
        await database.add_stickers({gone: {"a": "b"}, present: {"rating": "5", "x": 'y=z\\ "q"'}})
        assert await database.stickers([gone, present, gone]) == {present: {"rating": "5", "x": 'y=z\\ "q"'}}


async def test_when_stickers_are_kept_from_us_every_song_counts_as_used(start_mpd) -> None:
    mpd = start_mpd(password="secret", default_permissions="read,add,control")
    async with MpdConnection(MpdAddress(socket=str(mpd.socket))) as connection:
        database = SongDatabase(connection=connection, folder=FOLDER)
        songs = {song("A", "B", 1, FOLDER)}
        assert await database.in_use(songs) == songs
