"""Library mode needs a folder that it can write to."""

import os

import pytest

from mpdbridge.config import Settings
from mpdbridge.doctor.library import probe


async def look(tmp_path, *, enabled=True, **mpd):
    settings = Settings.model_validate(
        {"mpd": {"host": str(tmp_path / "socket"), **mpd}, "library": {"enabled": enabled}}
    )
    return [(check.state, check.told) for check in await probe(settings)]


async def test_switched_off_it_needs_nothing(tmp_path) -> None:
    assert await look(tmp_path, enabled=False) == []


async def test_a_folder_to_write_to_is_all_it_needs(tmp_path) -> None:
    assert await look(tmp_path, music_directory=str(tmp_path)) == [("ok", f"songs of ours in {tmp_path}/YouTube Music")]


async def test_a_folder_that_nobody_told_or_that_is_not_there(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    ((state, told),) = await look(tmp_path)
    assert (state, told) == ("fail", "where MPD keeps its music is not known")
    ((state, told),) = await look(tmp_path, music_directory=str(tmp_path / "none"))
    assert (state, told) == ("fail", f"{tmp_path}/none: there is no such folder")


async def test_a_folder_that_is_not_ours_to_write_to(tmp_path, monkeypatch) -> None:
    """Tests may run as root, who may write anywhere."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert await look(tmp_path, music_directory=str(tmp_path)) == [("fail", f"{tmp_path} cannot be written to")]


@pytest.mark.mpd
async def test_a_real_mpd_tells_it_over_its_socket(mpd) -> None:
    settings = Settings.model_validate({"mpd": {"host": str(mpd.socket)}, "library": {"enabled": True}})
    (check,) = await probe(settings)
    assert check.told == f"songs of ours in {mpd.music_directory}/YouTube Music"
