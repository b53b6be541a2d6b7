"""The database file: private, migrated, sound after kill -9, shared by threads and processes, clear when it fails."""

import errno
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mpdbridge.errors import StoreError
from mpdbridge.models import Stream, Track
from mpdbridge.store import TrackStore
from mpdbridge.store.schema import STEPS

FIVE_COLUMNS = """CREATE TABLE tracks (video_id TEXT PRIMARY KEY, stream_url TEXT, title TEXT NOT NULL, artist TEXT,
    updated_at REAL NOT NULL)"""
BATCH = [Track(f"id{number:09d}", f"Title {number}", ("Artist",)) for number in range(2_000)]
WRITER = """
import sys
from mpdbridge.models import Track
from mpdbridge.store import TrackStore
with TrackStore(sys.argv[1]) as store:
    for round in range(int(sys.argv[2])):
        tracks = [Track(f"id{n:09d}", f"Title {n} round {round} of {sys.argv[3]}", ("Artist",)) for n in range(2_000)]
        store.upsert_tracks(tracks)
        print(round, flush=True)
"""


def start_writer(path, rounds, name="writer"):
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(rounds), name], stdout=subprocess.PIPE)


def check_sound(path):
    """The file is intact, and its last batch is whole: one round's title in every row."""
    with TrackStore(path) as store:
        with store._reading() as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            titles = [row["title"] for row in connection.execute("SELECT title FROM tracks")]
        assert len(titles) == 2_000
        assert len({title.split(" round ")[1] for title in titles}) == 1


def test_the_file_its_companions_and_new_folders_are_private(tmp_path):
    path = tmp_path / "new" / "er" / "tracks.db"
    with TrackStore(path) as store:
        store.upsert_tracks(BATCH[:1])
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"tracks.db": 0o600, "tracks.db-wal": 0o600, "tracks.db-shm": 0o600}
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)] == [0o700, 0o700]


def test_a_file_that_others_could_read_is_made_private(tmp_path):
    path = tmp_path / "tracks.db"
    sqlite3.connect(path).close()
    path.touch()
    path.chmod(0o644)
    TrackStore(str(path)).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("version", [0, 1])
def test_a_database_with_the_five_columns_is_taken_over_with_its_rows(tmp_path, version):
    path = tmp_path / "tracks.db"
    with sqlite3.connect(path) as old:
        old.execute(FIVE_COLUMNS)
        old.execute("INSERT INTO tracks VALUES ('oLtmHdXKIYE', 'https://a/1', 'Title', 'Artist', 7.5)")
        old.execute(f"PRAGMA user_version = {version}")
    old.close()
    with TrackStore(path) as store:
        assert store.track("oLtmHdXKIYE") == Track("oLtmHdXKIYE", "Title", ("Artist",))
        assert store.stream("oLtmHdXKIYE") == Stream("https://a/1", 7.5)
        assert store.upsert_tracks([Track("oLtmHdXKIYE", "Title", ("Artist",), album="Album")]) == 1


def test_a_migration_that_fails_midway_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "tracks.db"
    with sqlite3.connect(path) as old:
        old.execute(FIVE_COLUMNS)
        old.execute("CREATE TABLE notes (something INTEGER)")  # stands in the way of the last statement
    old.close()
    with pytest.raises(StoreError, match="notes already exists"):
        TrackStore(path)
    with sqlite3.connect(path) as old:
        assert len(old.execute("PRAGMA table_info(tracks)").fetchall()) == 5
        assert old.execute("PRAGMA user_version").fetchone()[0] == 0
    old.close()


def test_reopening_keeps_everything_and_closing_twice_is_harmless(tmp_path):
    store = TrackStore(tmp_path / "tracks.db")
    store.upsert_tracks(BATCH)
    store.close()
    store.close()
    with TrackStore(tmp_path / "tracks.db") as again:
        assert again.counts().tracks == 2_000


def told(run):
    """The message of the StoreError that `run` raises, which must be one line."""
    with pytest.raises(StoreError) as caught:
        run()
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_file_of_a_newer_mpdbridge_is_refused_and_not_touched(tmp_path):
    path = tmp_path / "tracks.db"
    with sqlite3.connect(path) as newer:
        newer.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    newer.close()
    message = told(lambda: TrackStore(path))
    assert str(path) in message
    assert "newer mpdbridge" in message


def test_a_file_that_is_no_database_is_told_apart(tmp_path):
    path = tmp_path / "tracks.db"
    path.write_text("title,artist\n" * 1000)
    assert told(lambda: TrackStore(path)) == (
        f"{path}: is not a database: move it away, or set proxy.track_mapping_db to another file"
    )
    assert path.read_text().startswith("title,artist"), "it is left alone"


def test_a_damaged_database_is_told(tmp_path):
    path = tmp_path / "tracks.db"
    with TrackStore(path) as store:
        store.upsert_tracks(BATCH)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 8192))

    def write():
        with TrackStore(path) as store:
            store.upsert_tracks(BATCH)

    assert "damaged" in told(write)


def test_a_full_disk_is_told_and_what_was_there_stays(tmp_path):
    with TrackStore(tmp_path / "tracks.db") as store:
        store.upsert_tracks(BATCH[:10])
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        assert "disk is full" in told(lambda: store.upsert_tracks(BATCH))
        assert store.counts().tracks == 10
        store._connection.execute("PRAGMA max_page_count = 100000")
        assert store.upsert_tracks(BATCH) == 1_990, "it goes on when there is space again"


def test_a_read_only_database_is_told(tmp_path):
    with TrackStore(tmp_path / "tracks.db") as store:
        store._connection.execute("PRAGMA query_only = 1")
        assert "read-only" in told(lambda: store.upsert_tracks(BATCH[:1]))


def test_a_path_that_cannot_be_a_file_is_told(tmp_path):
    assert "directory" in told(lambda: TrackStore(tmp_path)).lower()
    (tmp_path / "file").touch()
    assert str(tmp_path / "file") in told(lambda: TrackStore(tmp_path / "file" / "tracks.db"))


def test_a_place_without_write_permission_is_told(tmp_path, monkeypatch):
    def refuse(path, *_):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", refuse)  # not by chmod: root, as in many containers, may write everywhere
    assert "Permission denied: give this user the right to write there" in told(lambda: TrackStore(tmp_path / "x.db"))


def test_a_database_locked_for_too_long_is_told(tmp_path):
    path = tmp_path / "tracks.db"
    with TrackStore(path) as store, TrackStore(path) as other:
        store._connection.execute("PRAGMA busy_timeout = 20")
        with other._writing():
            assert "locked by another program" in told(lambda: store.upsert_tracks(BATCH[:1]))
            assert store.counts().tracks == 0, "reading goes on"


def test_a_closed_store_says_so(tmp_path):
    store = TrackStore(tmp_path / "tracks.db")
    store.close()
    assert "closed" in told(lambda: store.track("oLtmHdXKIYE"))


def test_threads_share_a_store(tmp_path):
    with TrackStore(tmp_path / "tracks.db") as store, ThreadPoolExecutor(8) as pool:
        start = threading.Barrier(8)

        def work(number):
            start.wait()
            for round_ in range(20):
                store.upsert_tracks(Track(f"thread{number}id{n:05d}", f"round {round_}") for n in range(20))
                assert len(store.tracks(f"thread{number}id{n:05d}" for n in range(20))) == 20

        list(pool.map(work, range(8)))
        assert store.counts().tracks == 160


def test_two_processes_write_the_same_file_side_by_side(tmp_path):
    path = tmp_path / "tracks.db"
    writers = [start_writer(path, 10, name) for name in ("sync", "watch")]
    for writer in writers:
        output, _ = writer.communicate(timeout=60)
        assert writer.returncode == 0
        assert output.split() == [str(number).encode() for number in range(10)]
    check_sound(path)


def test_many_processes_may_open_a_new_file_at_once(tmp_path):
    path = tmp_path / "tracks.db"
    writers = [start_writer(path, 1, str(number)) for number in range(6)]
    assert [writer.wait(60) for writer in writers] == [0] * 6
    for writer in writers:
        writer.stdout.close()
    check_sound(path)


@pytest.mark.parametrize("rounds_before", [1, 3])
def test_kill_9_in_the_middle_of_writing_leaves_the_database_sound(tmp_path, rounds_before):
    path = tmp_path / "tracks.db"
    writer = start_writer(path, 100_000)
    for _ in range(rounds_before):
        writer.stdout.readline()
    writer.send_signal(signal.SIGKILL)
    writer.wait(10)
    writer.stdout.close()
    assert path.with_name("tracks.db-wal").stat().st_size > 0, "it died with work in the log"
    check_sound(path)
