"""Library mode on a real mpd: tracks are songs of its database, keep their URIs, and go without a trace."""

import errno
import os
import shutil
import tempfile
import time

import pytest
from support.audio_server import AudioServer, silence
from support.bridge import playlists_of, save
from support.library import FOLDER, LibraryBridge, song, track
from support.mpd_process import wait_until

from mpdbridge.config import Settings
from mpdbridge.errors import MpdRefusedError, MpdUnavailableError
from mpdbridge.mpd.dropped import DroppedEntries
from mpdbridge.mpd.song_database import SongDatabase
from mpdbridge.mpd.tag_diff import desired_tags
from mpdbridge.store import AsyncStore, LibraryFolder, SheetRecord, TrackStore
from mpdbridge.sync.library import known_songs, library_songs


@pytest.fixture
def library(mpd, tmp_path) -> LibraryBridge:
    return LibraryBridge(mpd, tmp_path, {"Mix": [track(1), track(2), track(3)]})


def _raise(error: Exception):
    def fail(*_args, **_options) -> None:
        raise error

    return fail


def outcomes(report) -> list[tuple[str, str]]:
    return [(one.mpd_name, one.change) for one in report.playlists]


async def test_tracks_are_songs_with_all_their_tags_and_playlists_hold_those(library, mpd) -> None:
    report = await library.sync()
    assert (outcomes(report), report.warnings, report.failed) == ([("YT: Mix", "created")], (), False)
    assert report.songs == 3
    assert playlists_of(mpd) == {"YT: Mix": [song(1), song(2), song(3)]}
    songs = library.songs()
    assert set(songs) == {song(1), song(2), song(3)}
    for number in (1, 2, 3):
        tags = songs[song(number)]
        assert {tag: tags[tag] for tag in desired_tags(track(number))} == desired_tags(track(number))
        assert float(tags["duration"][0]) == pytest.approx(60 + number + 0.99, abs=0.02)
    assert mpd.values("find", "artist", "Another", "window", "0:1")[0] == song(1)
    assert "Somebody" in mpd.values("list", "artist")
    shown = mpd.command("listplaylistinfo", "YT: Mix")
    assert ("Title", "Title 2") in shown


async def test_what_a_track_does_not_know_its_song_does_not_say(library) -> None:
    library.playlists = {
        "Mix": [track(7, artists=(), album=None, album_artist=None, track_number=None, date=None, duration=None)]
    }
    await library.sync()
    (uri,) = library.songs()
    assert uri == song(7, "Unknown artist/Unknown album/Title 7")
    assert library.songs()[uri] == {"Title": ["Title 7"], "Track": ["0"]}


async def test_a_sync_without_a_change_touches_nothing(library, mpd) -> None:
    await library.sync()
    before = {path: path.stat().st_mtime_ns for path in library.root.rglob("*")}
    with mpd.watch("update", "database", "stored_playlist", "sticker") as watcher:
        report = await library.sync()
        assert watcher.changed() == set()
    assert outcomes(report) == [("YT: Mix", "unchanged")]
    assert {path: path.stat().st_mtime_ns for path in library.root.rglob("*")} == before


async def test_changed_tags_reach_the_song_at_its_place_and_it_keeps_stickers_and_queue_entries(library, mpd) -> None:
    await library.sync()
    for uri in (song(3), song(1), song(2), song(1)):
        mpd.command("add", uri)
    mpd.command("prio", "7", "1")
    mpd.command("sticker", "set", "song", song(1), "rating", "10")
    mpd.command("sticker", "set", "song", song(1), "a", "b=c")
    mpd.command("sticker", "set", "song", song(2), "rating", "2")
    library.change(1, title="Renamed", album="Elsewhere")
    report = await library.sync()
    assert outcomes(report) == [("YT: Mix", "unchanged")]
    assert library.songs()[song(1)]["Title"] == ["Renamed"]
    assert library.songs()[song(1)]["Album"] == ["Elsewhere"]
    assert library.stickers(song(1)) == {"rating": "10", "a": "b=c"}
    assert library.stickers(song(2)) == {"rating": "2"}
    assert [entry["file"][0] for entry in mpd.queue()] == [song(3), song(1), song(2), song(1)]
    assert [entry.get("Prio") for entry in mpd.queue()] == [None, ["7"], None, None]


async def test_what_the_user_takes_out_of_the_queue_after_a_refused_update_stays_out(library, mpd, monkeypatch) -> None:
    await library.sync()
    for number in (1, 2):
        mpd.command("add", song(number))
    library.change(1, title="New")
    with monkeypatch.context() as patch:
        patch.setattr(SongDatabase, "update", _raise(MpdRefusedError("too many", code=54)))
        assert "too many" in " ".join((await library.sync()).warnings)
    mpd.command("delete", "0")
    await library.sync()
    assert [entry["file"][0] for entry in mpd.queue()] == [song(2)]


async def test_while_mpd_is_busy_a_note_of_its_queue_is_not_lost(library, mpd, monkeypatch) -> None:
    """It may still be dropping entries that an update of the run before has cost."""

    async def busy(_: SongDatabase) -> bool:
        return False

    await library.sync()
    for uri in ("http://x/a", song(1)):
        mpd.command("add", uri)
    library.change(1, title="New")
    with monkeypatch.context() as patch:
        patch.setattr(DroppedEntries, "put_back", _raise(MpdUnavailableError("cut off")))
        with pytest.raises(MpdUnavailableError):
            await library.sync()
    assert len(mpd.queue()) == 1
    mpd.command("add", song(2))
    library.change(2, title="New")
    with monkeypatch.context() as patch:
        patch.setattr(SongDatabase, "settled", busy)
        assert "MPD is still busy" in " ".join((await library.sync()).warnings)
    await library.sync()
    assert [entry["file"][0] for entry in mpd.queue()] == ["http://x/a", song(1), song(2)]


async def test_two_changes_within_a_second_both_arrive(library) -> None:
    await library.sync()
    for title in ("One", "Two", "Three"):
        library.change(1, title=title)
        await library.sync()
        assert library.songs()[song(1)]["Title"] == [title]
    (path,) = library.root.rglob("*00000001].cue")
    assert path.stat().st_mtime - time.time() < 5


async def test_the_song_that_is_being_played_is_left_until_later(library, mpd) -> None:
    with AudioServer(silence(30), "audio/wav") as relay:
        library.sections = {"proxy": {"advertise": f"http://127.0.0.1:{relay.port}"}}
        await library.sync()
        for number in (1, 2):
            mpd.command("add", song(number))
        mpd.command("play", "0")
        wait_until(lambda: mpd.status()["state"] == "play" and "elapsed" in mpd.status(), "the song to play")
        library.change(1, title="Renamed")
        library.change(2, title="Renamed")
        await library.sync()
        assert [library.songs()[song(number)]["Title"] for number in (1, 2)] == [["Title 1"], ["Renamed"]]
        assert (mpd.status()["state"], mpd.status()["songid"]) == ("play", "1")
        library.playlists["Mix"] = [track(3)]
        await library.sync(library={"enabled": False})
        assert mpd.status()["state"] == "play"
        assert set(library.songs()) == {song(1)}
        mpd.command("stop")
        await library.sync(library={"enabled": False})
        assert not library.root.exists()


async def test_switching_it_on_and_off_converts_playlists_in_place_and_leaves_no_trace(library, mpd) -> None:
    (mpd.music_directory / "Mine").mkdir()
    (mpd.music_directory / "Mine" / "own.cue").write_text("REM foreign\n")
    await library.sync(library={"enabled": False})
    assert playlists_of(mpd) == {"YT: Mix": library.links(track(1), track(2), track(3))}
    on = await library.sync()
    assert [(one.change, one.added, one.removed) for one in on.playlists] in ([("edited", 0, 0)], [("replaced", 0, 0)])
    assert playlists_of(mpd) == {"YT: Mix": [song(1), song(2), song(3)]}
    mpd.command("add", song(2))
    await library.sync(library={"enabled": False})
    assert playlists_of(mpd) == {"YT: Mix": library.links(track(1), track(2), track(3))}
    (queued,) = mpd.queue()
    assert queued["file"] == library.links(track(2))
    assert queued["Title"] == ["Title 2"]
    assert library.songs() == {}
    assert sorted(path.name for path in mpd.music_directory.rglob("*")) == ["Mine", "own.cue"]
    async with library.session() as session:
        assert await session.store.run(TrackStore.sheet_folders, str(mpd.socket)) == []


async def test_switching_it_off_breaks_no_playlist_of_the_users_own_and_says_so(library, mpd) -> None:
    await library.sync()
    save(mpd, "Mine", [song(2)])
    off = await library.sync(library={"enabled": False})
    (said,) = off.warnings
    assert "1 song still in" in said
    assert set(library.songs()) == {song(2)}
    assert playlists_of(mpd) == {"YT: Mix": library.links(track(1), track(2), track(3)), "Mine": [song(2)]}
    mpd.command("rm", "Mine")
    assert not (await library.sync(library={"enabled": False})).warnings
    assert not library.root.exists()


async def test_a_user_who_removes_the_sheets_that_stayed_hears_no_more_of_them(library, mpd) -> None:
    await library.sync()
    save(mpd, "Mine", [song(2)])
    await library.sync(library={"enabled": False})
    shutil.rmtree(library.root)
    assert not (await library.sync(library={"enabled": False})).warnings
    assert library.songs() == {}
    assert playlists_of(mpd)["Mine"] == [song(2)], "its user's to change"
    async with library.session() as session:
        assert await session.store.run(TrackStore.sheet_folders, str(mpd.socket)) == []


async def test_stickers_come_back_with_the_songs_when_it_is_switched_on_again(library, mpd) -> None:
    await library.sync()
    mpd.command("sticker", "set", "song", song(2), "rating", "10")
    await library.sync(library={"enabled": False})
    assert not library.root.exists()
    await library.sync(library={"enabled": False})
    library.playlists = {"Mix": [track(1)]}
    await library.sync()
    library.playlists = {"Mix": [track(1), track(2)]}
    await library.sync()
    assert library.stickers(song(2)) == {"rating": "10"}
    mpd.command("sticker", "delete", "song", song(2), "rating")
    await library.sync()
    assert library.stickers(song(2)) == {}


async def test_another_folder_takes_rated_songs_along_that_are_in_no_playlist_any_more(library, mpd) -> None:
    await library.sync()
    mpd.command("sticker", "set", "song", song(3), "rating", "10")
    library.playlists = {"Mix": [track(1)]}
    await library.sync()
    await library.sync(library={"folder": "Other"})
    assert set(library.songs()) == {song(1, folder="Other"), song(3, folder="Other")}
    assert library.stickers(song(3, folder="Other")) == {"rating": "10"}
    await library.sync(library={"folder": "Other"})
    assert library.stickers(song(3, folder="Other")) == {"rating": "10"}


async def test_another_folder_takes_all_songs_along(library, mpd) -> None:
    await library.sync()
    mpd.command("sticker", "set", "song", song(1), "rating", "10")
    for uri in (song(2), "http://127.0.0.1:1/radio", song(1)):
        mpd.command("add", uri)
    mpd.command("prio", "7", "2")
    await library.sync(library={"folder": "Online/YT"})
    moved = [song(2, folder="Online/YT"), "http://127.0.0.1:1/radio", song(1, folder="Online/YT")]
    assert [entry["file"][0] for entry in mpd.queue()] == moved
    assert mpd.queue()[2]["Prio"] == ["7"]
    assert mpd.queue()[2]["Title"] == ["Title 1"]
    assert library.stickers(song(1, folder="Online/YT")) == {"rating": "10"}
    assert playlists_of(mpd) == {"YT: Mix": [song(n, folder="Online/YT") for n in (1, 2, 3)]}
    assert set(library.songs()) == {song(n, folder="Online/YT") for n in (1, 2, 3)}
    assert [path.name for path in mpd.music_directory.iterdir()] == ["Online"]


async def test_a_rating_of_a_song_that_has_moved_is_newer_than_what_comes_after_it(library, mpd) -> None:
    with AudioServer(silence(30), "audio/wav") as relay:
        library.sections = {"proxy": {"advertise": f"http://127.0.0.1:{relay.port}"}}
        await library.sync()
        mpd.command("sticker", "set", "song", song(1), "rating", "2")
        mpd.command("add", song(1))
        mpd.command("play")
        wait_until(lambda: mpd.status()["state"] == "play" and "elapsed" in mpd.status(), "the song to play")
        await library.sync(library={"folder": "Other"})
        assert song(1) in library.songs(), "it is being played"
        mpd.command("sticker", "set", "song", song(1, folder="Other"), "rating", "10")
        mpd.command("clear")
        await library.sync(library={"folder": "Other"})
    assert song(1) not in library.songs()
    assert library.stickers(song(1, folder="Other")) == {"rating": "10"}


async def test_a_music_directory_that_moved_and_left_a_link_is_the_same_one(library, mpd) -> None:
    await library.sync()
    mpd.command("sticker", "set", "song", song(1), "rating", "10")
    moved = mpd.music_directory.rename(mpd.music_directory.with_name("bigger disk"))
    mpd.music_directory.symlink_to(moved)
    await library.sync(mpd={"music_directory": str(moved)})
    await library.sync()
    assert set(library.songs()) == {song(1), song(2), song(3)}
    assert library.stickers(song(1)) == {"rating": "10"}
    assert len(list(library.root.rglob("*.cue"))) == 3


async def test_sheets_of_tracks_that_left_go_unless_something_points_at_them(library, mpd) -> None:
    library.playlists = {"Mix": [track(number) for number in range(1, 7)]}
    await library.sync()
    save(mpd, "Mine", [song(2)])
    mpd.command("add", song(3))
    mpd.command("sticker", "set", "song", song(4), "rating", "10")
    library.playlists = {"Mix": [track(1)]}
    await library.sync()
    assert set(library.songs()) == {song(1), song(2), song(3), song(4)}
    mpd.command("rm", "Mine")
    mpd.command("clear")
    mpd.command("sticker", "delete", "song", song(4), "rating")
    await library.sync()
    assert set(library.songs()) == {song(1)}
    assert len([path for path in library.root.rglob("*") if path.is_file()]) == 1


async def test_playlists_of_a_source_that_fails_keep_their_songs(library, mpd) -> None:
    library.playlists["Other"] = [track(4)]
    await library.sync()
    library.playlists["Mix"] = None
    await library.sync()
    assert playlists_of(mpd)["YT: Mix"] == [song(1), song(2), song(3)]
    await library.sync(library={"enabled": False})
    assert playlists_of(mpd)["YT: Mix"] == [song(1), song(2), song(3)]
    assert set(library.songs()) == {song(1), song(2), song(3)}, "until its source answers, it plays"


async def test_a_new_port_rewrites_the_sheets_in_place(library, mpd) -> None:
    await library.sync()
    mpd.command("sticker", "set", "song", song(1), "rating", "10")
    await library.sync(proxy={"port": 48081})
    (path,) = library.root.rglob("*00000001].cue")
    assert '"http://localhost:48081/proxy/track00000001"' in path.read_text()
    assert playlists_of(mpd) == {"YT: Mix": [song(1), song(2), song(3)]}
    assert library.stickers(song(1)) == {"rating": "10"}


async def test_foreign_files_are_left_alone_even_at_the_place_of_a_sheet(library, mpd) -> None:
    place = library.root / "Somebody/Album"
    place.mkdir(parents=True)
    own = place / "Title 1 [track00000001].cue"
    own.write_text('FILE "x.mp3" MP3\n  TRACK 01 AUDIO\n')
    (place / "own.mp3").write_bytes(b"x")
    await library.sync()
    assert playlists_of(mpd)["YT: Mix"][0] == song(1, "Somebody/Album/Title 1 (2)")
    await library.sync(library={"enabled": False})
    assert sorted(path.name for path in place.iterdir()) == [own.name, "own.mp3"]
    assert own.read_text().startswith('FILE "x.mp3"')


@pytest.mark.parametrize("linked", [False, True])
async def test_a_disk_that_is_away_is_not_taken_for_sheets_that_are_gone(library, mpd, tmp_path, linked) -> None:
    away = tmp_path / "away"
    if linked:
        (tmp_path / "disk").mkdir()
        library.root.symlink_to(tmp_path / "disk")
    else:
        (mpd.music_directory / "own.cue").write_text(
            'FILE "http://127.0.0.1:1/x" WAVE\n  TRACK 01 AUDIO\n  INDEX 01 0:0:0'
        )
    disk = tmp_path / "disk" if linked else mpd.music_directory
    library.update()
    await library.sync()
    mpd.command("sticker", "set", "song", song(2), "rating", "10")
    mpd.command("add", song(3))
    library.playlists = {"Mix": [track(1)]}
    await library.sync()
    before = library.songs()

    disk.rename(away)
    if not linked:
        disk.mkdir()  # the mount point
    for sections in ({}, {"library": {"enabled": False}}):
        (warning,) = (await library.sync(**sections)).warnings
        assert "is its disk mounted?" in warning
        assert library.songs() == before
    assert list(mpd.music_directory.iterdir()) == ([library.root] if linked else [])
    if not linked:
        disk.rmdir()
    away.rename(disk)

    assert (await library.sync()).warnings == ()
    assert library.songs() == before
    assert library.stickers(song(2)) == {"rating": "10"}
    assert [entry["file"] for entry in mpd.queue()] == [[song(3)]]
    await library.sync(library={"enabled": False})
    assert list(disk.rglob("*track0*.cue")) == []


async def test_a_link_to_another_folder_is_not_followed(library, mpd, tmp_path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    library.root.mkdir()
    (library.root / "Somebody").symlink_to(outside)
    await library.sync()
    assert list(outside.iterdir()) == []
    assert playlists_of(mpd)["YT: Mix"][0] == song(1, "Somebody (2)/Album/Title 1")


async def test_a_lost_tracks_db_finds_its_sheets_again(library, mpd) -> None:
    await library.sync()
    library.change(1, title="Renamed")
    await library.sync()
    library.home = library.home / "new"
    library.home.mkdir()
    await library.sync()
    assert set(library.songs()) == {song(1), song(2), song(3)}
    mpd.command("rm", "YT: Mix")  # nobody knows any more that it was ours
    library.playlists["Mix"] = [track(2)]
    await library.sync()
    assert set(library.songs()) == {song(2)}


async def test_sheets_that_are_gone_or_emptied_come_back_at_their_places(library, mpd) -> None:
    await library.sync()
    library.change(1, title="Renamed", album="New")
    await library.sync()
    one, two, three = sorted(library.root.rglob("*.cue"))
    one.unlink()
    two.write_bytes(b"")
    three.write_bytes(b"\0" * 100)
    library.update()
    await library.sync()
    assert set(library.songs()) == {song(1), song(2), song(3)}
    assert library.songs()[song(1)]["Title"] == ["Renamed"]


async def test_an_mpd_that_lost_its_database_gets_it_again(library, mpd) -> None:
    await library.sync()
    mpd.stop()
    (mpd.home / "database").unlink()
    mpd.start()
    await library.sync()
    assert set(library.songs()) == {song(1), song(2), song(3)}


async def test_a_dry_run_writes_nothing(library, mpd) -> None:
    await library.sync(library={"enabled": False})
    report = await library.sync(dry_run=True)
    assert outcomes(report) == [("YT: Mix", "edited")]
    assert not library.root.exists()
    assert playlists_of(mpd) == {"YT: Mix": library.links(track(1), track(2), track(3))}


async def test_without_a_music_directory_one_line_says_so_and_links_it_is(library, mpd, tmp_path) -> None:
    report = await library.sync(mpd={"music_directory": str(tmp_path / "nowhere")})
    assert report.warnings == (f"library mode: {tmp_path}/nowhere: there is no such folder: set mpd.music_directory",)
    assert playlists_of(mpd) == {"YT: Mix": library.links(track(1), track(2), track(3))}


async def test_an_mpd_over_tcp_does_not_tell_its_folder(start_mpd, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    mpd = start_mpd(tcp=True)
    library = LibraryBridge(mpd, tmp_path, {"Mix": [track(1)]})
    over_tcp = {"host": "127.0.0.1", "port": mpd.port}
    report = await library.sync(mpd=over_tcp)
    assert report.warnings[0].startswith(
        "library mode is on, but where MPD keeps its music is not known: set mpd.music"
    )
    assert playlists_of(mpd) == {"YT: Mix": library.links(track(1))}
    await library.sync(mpd={**over_tcp, "music_directory": str(mpd.music_directory)})
    assert playlists_of(mpd) == {"YT: Mix": [song(1)]}
    await library.sync()
    assert playlists_of(mpd) == {"YT: Mix": [song(1)]}, "the same MPD by its socket"
    assert len(list(library.root.rglob("*.cue"))) == 1


async def test_a_folder_that_mpd_does_not_read_is_told(library, mpd, tmp_path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    report = await library.sync(mpd={"music_directory": str(other)})
    (warning,) = report.warnings
    assert warning.startswith(
        f"library mode: MPD has made no song of 3 sheets in {other}/{FOLDER}, e.g. Somebody/Album"
    )
    assert playlists_of(mpd) == {"YT: Mix": library.links(track(1), track(2), track(3))}
    await library.sync()
    assert list(other.iterdir()) == []


@pytest.mark.parametrize(("number", "told"), [(errno.ENOSPC, "the disk is full"), (errno.EACCES, "not writable: give")])
async def test_a_folder_that_takes_no_more_is_told_and_what_is_there_stays(
    library, mpd, monkeypatch, number, told
) -> None:
    await library.sync()
    mpd.command("sticker", "set", "song", song(1), "rating", "10")
    library.playlists["Mix"] = [track(1, title="Renamed"), track(4)]
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "mkstemp", _raise(OSError(number, os.strerror(number))))
        report = await library.sync()
    (warning,) = report.warnings
    assert told in warning
    assert "\n" not in warning
    assert playlists_of(mpd) == {"YT: Mix": [song(1), *library.links(track(4))]}
    assert library.songs()[song(1)]["Title"] == ["Title 1"]
    assert (await library.sync()).warnings == ()
    assert playlists_of(mpd) == {"YT: Mix": [song(1), song(4)]}
    assert library.songs()[song(1)]["Title"] == ["Renamed"]
    assert library.stickers(song(1)) == {"rating": "10"}


async def test_an_mpd_that_is_away_gets_files_that_hold_the_songs_it_has(library, mpd) -> None:
    await library.sync()
    mpd.stop()
    library.playlists["Mix"] = [track(2), track(4)]
    report = await library.sync()
    assert report.via == "m3u"
    mpd.start()
    assert playlists_of(mpd) == {"YT: Mix": [song(2), *library.links(track(4))]}
    await library.sync()
    assert playlists_of(mpd) == {"YT: Mix": [song(2), song(4)]}


async def test_an_mpd_without_stickers_does_as_well(start_mpd, tmp_path) -> None:
    mpd = start_mpd(stickers=False)
    library = LibraryBridge(mpd, tmp_path, {"Mix": [track(1), track(2)]})
    await library.sync()
    library.change(1, title="Renamed")
    library.playlists["Mix"] = library.playlists["Mix"][:1]
    report = await library.sync()
    assert report.warnings == ()
    assert library.songs()[song(1)]["Title"] == ["Renamed"]
    assert set(library.songs()) == {song(1)}


async def test_names_from_outside_make_legal_places_and_no_lines(library) -> None:
    nasty = track(
        1, title='a\nFILE "/etc/passwd" WAVE\n"q"', artists=("../..", ".hidden/x"), album="..", album_artist=None
    )
    library.playlists = {"Mix": [nasty, track(2, title="x" * 5000, artists=("ü" * 5000,), album_artist=None)]}
    report = await library.sync()
    assert report.warnings == ()
    songs = library.songs()
    assert len(songs) == 2
    found = next(tags for uri, tags in songs.items() if "track00000001" in uri)
    assert found["Title"] == ["a FILE “/etc/passwd” WAVE “q”"]
    assert all(path.is_relative_to(library.root) for path in library.root.rglob("*.cue"))


@pytest.mark.parametrize("enabled", [True, False])
async def test_without_library_mode_no_track_is_taken_for_a_song(enabled) -> None:
    settings = Settings.model_validate({"library": {"enabled": enabled}})
    async with AsyncStore.open(":memory:") as store:
        where = LibraryFolder("here", "/music", settings.library.folder)
        await store.run(TrackStore.keep_sheets, where, [SheetRecord("track00000001", "a.cue", read=1)])
        songs = await known_songs(settings, target="here", store=store)
    assert songs == ({"track00000001": "YouTube Music/a.cue/track0001"} if enabled else {})
    assert (library_songs(settings, store=store) is not None) == enabled
