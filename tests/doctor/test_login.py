"""A login is asked about if there is one, and a dead one is told from a network that is away."""

import pytest
from support.innertube import FakeInnerTube
from support.innertube_login import netscape

from mpdbridge.config import YTMusicSettings
from mpdbridge.doctor.login import probe


@pytest.fixture
async def tube():
    async with FakeInnerTube() as running:
        yield running


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "cookies.txt"
    file.write_text(netscape(rotating="sidts-0"))
    file.chmod(0o600)
    return file


async def look(tube, **settings):
    checks = await probe(YTMusicSettings.model_validate(settings), session_factory=tube.session_factory)
    return [(check.state, check.told, check.fix) for check in checks]


async def test_a_living_one_is_named(tube, path) -> None:
    assert await look(tube, auth_file=path) == [("ok", f"Ada Example (@ada), in {path}", "")]


async def test_a_dead_one_fails(tube, path) -> None:
    tube.login.alive = False
    assert await look(tube, auth_file=path) == [
        ("fail", "the login has died, YouTube Music does not know it any more", "run `mpdbridge auth`")
    ]


async def test_when_nobody_can_be_asked_nothing_is_concluded(tube, path) -> None:
    await tube.__aexit__(None, None, None)
    ((state, told, _),) = await look(tube, auth_file=path)
    assert state == "warn"
    assert told.startswith("not known whether it lives")


async def test_without_one_nobody_is_asked(tube, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    ((state, told, _),) = await look(tube, playlists=["PLxxxxxxxx"])
    assert (state, told.partition(":")[0]) == ("ok", "none")
    ((state, told, fix),) = await look(tube, auth_file=tmp_path / "none.txt")
    assert (state, fix) == ("fail", "run `mpdbridge auth`")
    ((state, told, fix),) = await look(tube, enabled=True)
    assert (state, told.rpartition(", so ")[2]) == ("warn", "YouTube Music gives nothing")
    assert fix == "run `mpdbridge auth`, or put links there"
    assert await look(tube) == [], "YouTube Music is not used"
    assert tube.asked == []
