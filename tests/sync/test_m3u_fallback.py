"""The playlist directory as a destination: files are replaced whole, and MPD can read them."""

import asyncio
import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mpdbridge.errors import MpdBridgeError
from mpdbridge.m3u import M3UEntry
from mpdbridge.sync.m3u_fallback import M3UDirectory, explain

ENTRIES = [
    M3UEntry("http://localhost:8080/proxy/abcdefghijk/A\u00a0-\u00a0B", "A - B", 200.4),
    M3UEntry("http://x/ü", "ü"),
]


def listed(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


async def test_mpd_lists_what_was_written(mpd) -> None:
    folder = M3UDirectory(mpd.playlist_directory)
    assert await folder.publish("YT: 夜 \"'\\", ENTRIES) == "written-m3u"
    assert mpd.values("listplaylist", "YT: 夜 \"'\\") == [entry.uri for entry in ENTRIES]
    songs = mpd.command("listplaylistinfo", "YT: 夜 \"'\\")
    assert ("duration", "200.000") in songs
    assert ("Name", "A - B") in songs or ("Title", "A - B") in songs


async def test_it_reads_what_mpd_wrote(mpd) -> None:
    mpd.command("playlistadd", "Mine", "http://x/1")
    mpd.command("playlistadd", "Mine", "http://x/2")
    folder = M3UDirectory(mpd.playlist_directory)
    assert await folder.names() == {"Mine"}
    assert await folder.read("Mine") == ["http://x/1", "http://x/2"]


async def test_an_unchanged_file_is_not_written_again(tmp_path: Path) -> None:
    folder = M3UDirectory(tmp_path)
    await folder.publish("Mix", ENTRIES)
    before = (tmp_path / "Mix.m3u").stat()
    assert await folder.publish("Mix", ENTRIES) == "unchanged"
    assert (tmp_path / "Mix.m3u").stat() == before


async def test_a_new_playlist_takes_nobodys_place(tmp_path: Path) -> None:
    theirs = tmp_path / "Mix.m3u"
    theirs.write_text("http://x/theirs\n")
    with pytest.raises(MpdBridgeError, match="already"):
        await M3UDirectory(tmp_path).publish("Mix", ENTRIES, new=True)
    assert theirs.read_text() == "http://x/theirs\n"


async def test_mpd_may_read_the_file_and_nobody_else_write_it(tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        await M3UDirectory(tmp_path).publish("Mix", ENTRIES)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "Mix.m3u").stat().st_mode) == 0o644


async def test_only_our_leftovers_are_cleared(tmp_path: Path) -> None:
    for name in (".mpdbridge-abc.tmp", "Mine.m3u", "other.tmp", ".hidden"):
        (tmp_path / name).write_text("x")
    folder = M3UDirectory(tmp_path)
    await folder.clear_leftovers()
    assert listed(tmp_path) == [".hidden", "Mine.m3u", "other.tmp"]
    assert await folder.names() == {"Mine"}


async def test_a_rename_never_lands_on_another_playlist(tmp_path: Path) -> None:
    folder = M3UDirectory(tmp_path)
    await folder.publish("Mix", ENTRIES)
    await folder.publish("Other", ENTRIES[:1])
    with pytest.raises(MpdBridgeError, match="already"):
        await folder.rename("Mix", "Other")
    await folder.rename("Mix", "New")
    await folder.remove("Other")
    await folder.remove("Other")
    assert await folder.names() == {"New"}


async def test_a_folder_that_is_not_there_is_told_with_the_fix(tmp_path: Path) -> None:
    with pytest.raises(MpdBridgeError, match=r"nowhere: there is no such folder: set mpd\.playlist_directory"):
        await M3UDirectory(tmp_path / "nowhere").names()


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "the disk is full; the old playlist stays"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EACCES, "not writable: give this user the right"),
        (errno.EROFS, "not writable"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_trouble_with_the_disk_is_told_with_the_fix(number, told) -> None:
    assert told in explain(OSError(number, os.strerror(number)))


_LIMITED = """
import asyncio, resource, signal, sys
from pathlib import Path
from mpdbridge.m3u import M3UEntry
from mpdbridge.errors import MpdBridgeError
from mpdbridge.sync.m3u_fallback import M3UDirectory
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    asyncio.run(M3UDirectory(Path(sys.argv[1])).publish("Mix", [M3UEntry("http://x/" + "y" * 2000)]))
except MpdBridgeError as error:
    print(error)
"""


async def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path: Path) -> None:
    """The same as on a full disk, wherever the test runs: the system refuses the bytes after the first thousand."""
    await M3UDirectory(tmp_path).publish("Mix", ENTRIES)
    before = (tmp_path / "Mix.m3u").read_bytes()
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", _LIMITED, tmp_path],
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert "File too large" in done.stdout
    assert listed(tmp_path) == ["Mix.m3u"]
    assert (tmp_path / "Mix.m3u").read_bytes() == before
