"""A database that cannot be used is told before a sync stumbles over it."""

import os
import stat
from pathlib import Path

import pytest

from mpdbridge.config import Settings
from mpdbridge.doctor.facts import StoreFacts
from mpdbridge.doctor.store import probe, room
from mpdbridge.models import Track
from mpdbridge.store import TrackStore

MIB = 2**20


async def look(path):
    settings = Settings.model_validate({"mpd": {"host": "/s"}, "proxy": {"track_mapping_db": str(path)}})
    tracks, _ = await probe(settings)
    return tracks


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "t.db"
    with TrackStore(path) as store:
        store.upsert_tracks([Track(f"track{number:07}", f"Title {number}") for number in range(2000)])
    return path


async def test_a_sound_one_is_counted(database) -> None:
    check = await look(database)
    assert check.state == "ok"
    assert "sound: 2000 tracks, 0 playlists, 0 not playable" in check.told


def test_the_longest_playlist_is_as_long_as_its_source_has_it() -> None:
    playlists = [{"tracks": 7}, {"tracks": 5, "left_out": 4}]
    assert StoreFacts(Path("t.db"), last_sync={"playlists": playlists}).longest == 9


async def test_none_yet_is_made_by_a_sync_and_not_by_us(tmp_path) -> None:
    check = await look(tmp_path / "none" / "t.db")
    assert (check.state, check.fix) == ("warn", "run `mpdbridge sync`")
    assert not (tmp_path / "none").exists()


async def test_a_folder_that_is_not_ours_to_write_to(tmp_path, monkeypatch) -> None:
    """Tests may run as root, who may write anywhere."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    check = await look(tmp_path / "none" / "t.db")
    assert (check.state, check.told) == ("fail", f"{tmp_path}/none/t.db cannot be made: {tmp_path} is not writable")


async def test_damage_inside_is_found(database) -> None:
    with database.open("r+b") as file:
        file.seek(40_000)
        file.write(b"\xff" * 60_000)
    check = await look(database)
    assert check.state == "fail"
    assert "move it away" in check.told + check.fix


async def test_another_kind_of_file_is_told(tmp_path) -> None:
    path = tmp_path / "t.db"
    path.write_bytes(b"this is no database" * 100)
    check = await look(path)
    assert check.state == "fail"
    assert "is not a database" in check.told


async def test_one_that_cannot_be_opened_is_told() -> None:
    assert (await look("/proc/self/mem")).state == "fail"


@pytest.mark.parametrize(("free", "state"), [(10_000 * MIB, "ok"), (499 * MIB, "warn"), (19 * MIB, "fail")])
def test_a_disk_that_fills_up(free, state) -> None:
    assert room(Path("/home"), free).state == state


async def test_looking_leaves_the_mode_private(database) -> None:
    await look(database)
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
