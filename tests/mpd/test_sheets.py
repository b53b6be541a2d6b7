"""The library folder on disk: whole files, readable by MPD, and nothing of others touched."""

import errno
import os
import stat
import tempfile
from pathlib import Path

import pytest

from mpdbridge.mpd.sheets import SheetDirectory, SheetError, Write
from mpdbridge.store import LibraryFolder

PLACE = "Artist/Album/Title [track00000001].cue"


@pytest.fixture
def music(tmp_path):
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


def directory(music, now: float = 1_700_000_000.9) -> SheetDirectory:
    return SheetDirectory(LibraryFolder("mpd", str(music), "YT"), clock=lambda: now)


def test_what_is_written_is_found_and_goes_without_a_trace(music) -> None:
    sheets = directory(music)
    assert sheets.look().files == []
    assert sheets.write([Write("track00000001", PLACE, "text ü")]) == ({"track00000001": 1_700_000_000}, "")
    shelf = sheets.look()
    assert (shelf.files, shelf.folders) == ([PLACE], ["Artist", "Artist/Album"])
    found = shelf.sheets[PLACE]
    assert (found.track_id, found.text, found.mtime) == ("track00000001", "text ü", 1_700_000_000)
    sheets.remove([PLACE])
    assert list(music.iterdir()) == []


def test_an_mpd_that_runs_as_another_user_can_read_it(music) -> None:
    before = os.umask(0o077)
    try:
        directory(music).write([Write("track00000001", PLACE, "text")])
    finally:
        os.umask(before)
    path = music / "YT" / PLACE
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in list(path.parents)[:3]} == {0o755}


def test_a_later_sheet_is_later_by_a_whole_second(music) -> None:
    sheets = directory(music)
    assert sheets.write([Write("track00000001", PLACE, "new", after=1_700_000_000)])[0] == {
        "track00000001": 1_700_000_001
    }
    assert (music / "YT" / PLACE).stat().st_mtime == 1_700_000_001


def test_what_a_killed_run_left_is_cleared_and_nothing_else(music) -> None:
    folder = music / "YT/Artist"
    folder.mkdir(parents=True)
    (folder / ".mpdbridge-abc.tmp").write_text("half")
    (folder / ".mpdbridge-abc").write_text("own")
    (folder / "x.tmp").write_text("own")
    assert directory(music).look().files == ["Artist/.mpdbridge-abc", "Artist/x.tmp"]
    assert sorted(path.name for path in folder.iterdir()) == [".mpdbridge-abc", "x.tmp"]


def test_links_are_seen_but_not_followed(music, tmp_path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "Title [track00000002].cue").write_text("x")
    (music / "YT").mkdir()
    (music / "YT/folder").symlink_to(outside)
    (music / "YT/Title [track00000003].cue").symlink_to(outside / "Title [track00000002].cue")
    (music / "YT/loop").symlink_to(music)
    shelf = directory(music).look()
    assert shelf.files == ["Title [track00000003].cue", "folder", "loop"]
    assert (shelf.folders, shelf.sheets) == ([], {})


def test_a_folder_with_something_else_in_it_stays(music) -> None:
    sheets = directory(music)
    sheets.write([Write("track00000001", PLACE, "text")])
    (music / "YT/Artist/cover.jpg").write_bytes(b"x")
    sheets.remove([PLACE, "Artist/Album/gone [track00000002].cue"])
    assert [path.name for path in (music / "YT").rglob("*")] == ["Artist", "cover.jpg"]


def test_a_write_that_fails_tells_what_was_done_before_it_and_leaves_no_rest(music, monkeypatch) -> None:
    sheets = directory(music)
    real = os.utime
    calls = []

    def utime(*args) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(*args)

    monkeypatch.setattr(os, "utime", utime)
    done, problem = sheets.write([Write(f"track{n:08}", f"A/B/T [track{n:08}].cue", "text") for n in range(3)])
    assert done == {"track00000000": 1_700_000_000}
    assert problem == f"{music}/YT: the disk is full: free some space"
    assert [path.name for path in (music / "YT").rglob("*") if path.is_file()] == ["T [track00000000].cue"]


def test_a_folder_that_cannot_be_written_is_told_in_the_same_words_each_time(music, monkeypatch) -> None:
    def read_only(**options):
        raise OSError(
            errno.EROFS, "Read-only file system", f"{options['dir']}/{options['prefix']}x1y2{options['suffix']}"
        )

    monkeypatch.setattr(tempfile, "mkstemp", read_only)
    _, problem = directory(music).write([Write("track00000001", PLACE, "text")])
    assert problem == f"{music}/YT/Artist/Album: on a read-only file system: mount it writable"


def test_a_music_directory_that_is_not_there_is_told_with_the_fix(tmp_path) -> None:
    with pytest.raises(SheetError, match=r"music: there is no such folder: set mpd\.music_directory$"):
        directory(tmp_path / "music").look()


def test_what_this_user_may_not_see_is_neither_there_nor_bare(music, monkeypatch) -> None:
    """As a music directory that others may pass but not list, or one below a folder of somebody else's."""

    def refuse(path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert (directory(music).is_there(), directory(music).is_bare()) == (True, False)
    monkeypatch.setattr(Path, "is_dir", refuse)
    assert (directory(music).is_there(), directory(music).is_bare()) == (False, False)
