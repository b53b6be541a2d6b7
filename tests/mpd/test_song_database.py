"""MPD's side of library mode: the smallest updates, and answers in pages."""

import pytest
from support.library import FOLDER, update
from support.mpd_process import MpdProcess, wait_until

from mpdbridge.cue import Sheet, render
from mpdbridge.mpd import song_database
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.song_database import SongDatabase, folders_to_update


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
