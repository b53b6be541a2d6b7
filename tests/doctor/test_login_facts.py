"""A login is told from none, and a dead one from a fresh one, without asking anybody."""

import os
from pathlib import Path

import pytest
from support.innertube_login import netscape

from mpdbridge.config import YTMusicSettings
from mpdbridge.doctor.login_facts import LoginFacts, ask_login

DEAD = "the login has died, YouTube Music does not know it any more: run `mpdbridge auth`"
NOTE = {"at": 1000.0, "sources_failed": [{"source": "ytmusic", "reason": DEAD, "login_is_dead": True}]}


@pytest.fixture
def settings(tmp_path: Path) -> YTMusicSettings:
    """The login is older than NOTE."""
    path = tmp_path / "cookies.txt"
    path.write_text(netscape())
    path.chmod(0o600)
    os.utime(path, (900, 900))
    return YTMusicSettings(auth_file=path, enabled=True)


async def test_one_that_is_there_is_told_by_its_file(settings: YTMusicSettings) -> None:
    found = await ask_login(settings, {})
    assert found == LoginFacts(settings.login_file, exists=True)
    assert found.told == str(settings.auth_file)


async def test_none_is_in_order_unless_the_configuration_names_one(
    settings: YTMusicSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "none"))
    found = await ask_login(YTMusicSettings(enabled=True), {})
    assert (found.problem, found.told.split(",")[0]) == ("", "none")
    named = settings.model_copy(update={"auth_file": tmp_path / "none.txt"})
    assert (await ask_login(named, {})).problem == f"there is no login at {tmp_path}/none.txt: run `mpdbridge auth`"


async def test_what_the_last_sync_found_dead_is_dead_until_it_is_made_anew(settings: YTMusicSettings) -> None:
    assert (await ask_login(settings, NOTE)).problem == DEAD
    os.utime(settings.login_file, (1100, 1100))
    found = await ask_login(settings, NOTE)
    assert (found.problem, found.told) == ("", f"{settings.auth_file}, made since the last sync")


async def test_a_file_that_holds_none_is_told(settings: YTMusicSettings) -> None:
    os.truncate(settings.login_file, 0)
    found = await ask_login(settings, {})
    assert found.problem == f"{settings.auth_file}: holds neither cookies nor browser headers: run `mpdbridge auth`"
