"""A login that lasts: through the real ytmusicapi and real HTTP, against cookies that rotate and logins that die."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from support.innertube import BROWSER_HEADERS, FakeInnerTube, FakePlaylist, Song
from support.innertube_login import ROTATING, netscape
from support.music_source import Make, making

from mpdbridge.config import YTMusicSettings
from mpdbridge.cookies import read_login
from mpdbridge.errors import LoginError, SourceError
from mpdbridge.models import PlaylistRef
from mpdbridge.sources import Offer
from mpdbridge.sources.ytmusic import client
from mpdbridge.sources.ytmusic.account import Account, probe
from mpdbridge.sources.ytmusic.opened import Opened

PUBLIC = "PLpublicpublic"
DEAD = "the login has died, YouTube Music does not know it any more: run `mpdbridge auth`"


def songs(count: int) -> list[Song]:
    return [Song(video_id=f"video-{n:05}", title=f"Song {n}") for n in range(count)]


@pytest.fixture
async def tube() -> AsyncIterator[FakeInnerTube]:
    async with FakeInnerTube() as running:
        running.playlists[PUBLIC] = FakePlaylist("Public", songs(3))
        running.playlists["LM"] = FakePlaylist("Liked Music", songs(5), announced=None)
        running.playlists["PLmine"] = FakePlaylist("Mine", songs(2))
        running.library = ["LM", "PLmine"]
        yield running


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "cookies.txt"
    file.write_text(netscape(rotating="sidts-0"))
    file.chmod(0o600)
    return file


@pytest.fixture
async def make(tube: FakeInnerTube, path: Path) -> AsyncIterator[Make]:
    async with making(tube) as make:
        yield lambda **changes: make(**{"auth_file": path, "playlists": [PUBLIC]} | changes)


def names(offer: Offer) -> list[str]:
    return [ref.name for ref in offer.refs]


def rotating(path: Path) -> str | None:
    return {one.name: one.value for one in read_login(path.read_text()).jar}.get(ROTATING)


async def test_a_cookies_txt_is_a_login(make: Make) -> None:
    assert await make().playlists() == Offer(
        (
            PlaylistRef("ytmusic", "LM", "Liked Music"),
            PlaylistRef("ytmusic", "PLmine", "Mine", 2),
            PlaylistRef("ytmusic", PUBLIC, "Public", 3),
        ),
        by_login=("LM", "PLmine"),
    )


async def test_a_healthy_login_costs_no_question_of_its_own(make: Make, tube: FakeInnerTube) -> None:
    await make().playlists()
    assert [asked.browse_id for asked in tube.asked] == ["FEmusic_liked_playlists", f"VL{PUBLIC}"]


async def test_rotated_cookies_are_sent_back_and_outlive_the_program(
    make: Make, tube: FakeInnerTube, path: Path
) -> None:
    tube.login.rotates_every, tube.login.grace = 2, 1
    for _ in range(3):
        source = make()
        for _ in range(4):
            assert not (await source.playlists()).lacking
        await source.aclose()
        assert rotating(path) == tube.login.token
    assert tube.login.generation == 12


async def test_headers_of_a_browser_rotate_too(make: Make, tube: FakeInnerTube, tmp_path: Path) -> None:
    tube.login.rotates_every, tube.login.grace = 2, 1
    path = tmp_path / "browser.json"
    cookie = f"{BROWSER_HEADERS['cookie']}; {ROTATING}=sidts-0"
    path.write_text(json.dumps({**BROWSER_HEADERS, "cookie": cookie, "X-Test": "kept"}))
    path.chmod(0o600)
    for _ in range(2):
        source = make(auth_file=path)
        for _ in range(3):
            assert not (await source.playlists()).lacking
        await source.aclose()
    kept = json.loads(path.read_text())
    assert kept["X-Test"] == "kept"
    assert f"{ROTATING}={tube.login.token}" in kept["cookie"]


async def test_cookies_are_stored_when_it_is_quiet(
    make: Make, tube: FakeInnerTube, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_QUIET", 0.01)
    tube.login.rotates_every = 1
    await make().playlists()
    async with asyncio.timeout(10):
        while rotating(path) != tube.login.token:  # noqa: ASYNC110  # a file tells no event
            await asyncio.sleep(0.01)


async def test_cookies_that_cannot_be_stored_for_an_unknown_reason_cost_no_answer(
    make: Make, tube: FakeInnerTube, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = threading.Event()

    def fail(_opened: Opened) -> None:
        tried.set()
        raise RuntimeError

    monkeypatch.setattr(client, "_QUIET", 0.01)
    monkeypatch.setattr(Opened, "store", fail)
    tube.login.rotates_every = 1
    source = make()
    with capture_logs() as logs:
        await source.playlists()
        assert await asyncio.to_thread(tried.wait, 10)
        async with asyncio.timeout(10):
            assert not (await source.playlists()).lacking
            await source.aclose()
    assert {(each["event"], each["reason"]) for each in logs} == {
        ("the login's new cookies are not kept", "RuntimeError")
    }


async def test_two_programs_share_one_login(make: Make, tube: FakeInnerTube, path: Path) -> None:
    tube.login.rotates_every, tube.login.grace = 3, 6
    one, other = make(), make()
    for _ in range(4):
        for source in (one, other):
            assert not (await source.playlists()).lacking
            await source.aclose()  # it stores what it has; the next question opens it again
    assert rotating(path) == tube.login.token


@pytest.mark.parametrize("shape", ["empty", "page", "refused"])
async def test_a_dead_login_is_recognised_whatever_it_looks_like_and_public_things_go_on(
    make: Make, tube: FakeInnerTube, shape: str
) -> None:
    tube.login.alive, tube.login.dead_as = False, shape
    source = make()
    offer = await source.playlists()
    assert names(offer) == ["Public"]
    assert (offer.lacking, offer.login_is_dead) == (DEAD, True)
    assert len((await source.fetch(offer.refs[0])).tracks) == 3
    probes = [asked for asked in tube.asked if asked.endpoint == "account_account_menu"]
    assert len(probes) == 1


async def test_a_login_that_was_refused_for_a_while_is_used_again(make: Make, tube: FakeInnerTube) -> None:
    source = make()
    tube.login.alive = False
    assert (await source.playlists()).login_is_dead
    tube.login.alive = True
    assert not (await source.playlists()).lacking
    await source.lookup(f"https://music.youtube.com/playlist?list={PUBLIC}")
    assert "SID=" in tube.login.sent[-1]


async def test_a_login_that_lives_again_is_found_without_a_restart(make: Make, tube: FakeInnerTube, path: Path) -> None:
    source = make()
    tube.login.alive = False
    assert (await source.playlists()).login_is_dead
    before = len(tube.login.sent)
    await source.lookup(f"https://music.youtube.com/playlist?list={PUBLIC}")
    assert "SID=" not in tube.login.sent[before], "a dead login's cookies are not sent for public things"
    tube.login.alive = True
    await asyncio.to_thread(path.write_text, netscape("# made anew by `mpdbridge auth`", rotating="sidts-0"))
    await source.lookup(f"https://music.youtube.com/playlist?list={PUBLIC}")
    assert "SID=" in tube.login.sent[-1]
    assert names(await source.playlists()) == ["Liked Music", "Mine", "Public"]


async def test_another_account_that_comes_while_cookies_are_stored_is_asked_for(
    tube: FakeInnerTube, path: Path
) -> None:
    settings = YTMusicSettings.model_validate({"auth_file": path})

    def numbers_before_and_after() -> list[str]:
        opened = Opened(settings=settings, session_factory=tube.session_factory)
        assert opened.is_of_use(login=True)
        before = opened.account()
        before._session.cookies.clear(".youtube.com", "/", "LOGIN_INFO")
        path.write_text(f"# x-goog-authuser: 1\n{netscape()}")
        opened.store()
        after = opened.account()
        opened.close()
        return [music.headers["x-goog-authuser"] for music in (before, after)]

    assert await asyncio.to_thread(numbers_before_and_after) == ["0", "1"]


async def test_an_empty_library_of_a_login_that_lives_is_not_believed(make: Make, tube: FakeInnerTube) -> None:
    tube.library = []
    offer = await make().playlists()
    assert offer.lacking == "YouTube Music shows an empty library to Ada Example (@ada), which is not believed"
    assert not offer.login_is_dead


async def test_a_library_that_cannot_be_read_is_no_dead_login(make: Make, tube: FakeInnerTube) -> None:
    tube.script.append("{}")
    offer = await make().playlists()
    assert "does not understand" in offer.lacking
    assert not offer.login_is_dead


async def test_who_asks_for_peace_gets_it(make: Make, tube: FakeInnerTube) -> None:
    tube.script.append((429, {"Retry-After": "99"}))
    offer = await make(playlists=[]).playlists()
    assert "asks for fewer requests" in offer.lacking
    assert len(tube.asked) == 1


async def test_no_login_is_no_trouble_unless_a_file_is_named(
    make: Make, path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await asyncio.to_thread(path.unlink)
    named = await make().playlists()
    assert (names(named), named.login_is_dead) == (["Public"], True)
    assert named.lacking == f"there is no login at {path}: run `mpdbridge auth`"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    guest = await make(auth_file=None).playlists()
    assert (guest.lacking, guest.by_login) == ("", None)


async def test_the_saved_login_is_found_when_it_comes(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    source = make(auth_file=None)
    assert names(await source.playlists()) == ["Public"]
    (tmp_path / "mpdbridge").mkdir()
    (tmp_path / "mpdbridge" / "cookies.txt").write_text(netscape(rotating="sidts-0"))
    (tmp_path / "mpdbridge" / "cookies.txt").chmod(0o600)
    assert names(await source.playlists()) == ["Liked Music", "Mine", "Public"]


async def test_a_login_that_dies_in_between_ends_with_what_is_public(make: Make, tube: FakeInnerTube) -> None:
    source = make()
    *_, mine, public = (await source.playlists()).refs
    tube.login.alive = False
    tube.script.append(401)
    assert len((await source.fetch(public)).tracks) == 3
    tube.script.extend([401, 404])
    with pytest.raises(LoginError, match="refuses the login"):
        await source.fetch(mine)


# --- whose login it is ------------------------------------------------------------------------------------------------


async def asked(tube: FakeInnerTube, **settings: object) -> Account:
    return await probe(YTMusicSettings.model_validate(settings), session_factory=tube.session_factory)


async def test_a_probe_names_the_account(tube: FakeInnerTube, path: Path) -> None:
    tube.login.brands["123456789"] = "Ada's Band"
    assert str(await asked(tube, auth_file=path)) == "Ada Example (@ada)"
    assert str(await asked(tube, auth_file=path, account="123456789")) == "Ada's Band"
    assert threading.active_count() < 4, "it leaves no thread behind"


async def test_a_probe_of_a_dead_login_says_so(tube: FakeInnerTube, path: Path) -> None:
    tube.login.alive = False
    with pytest.raises(LoginError, match=DEAD):
        await asked(tube, auth_file=path)


async def test_a_probe_that_reaches_nobody_says_that(tube: FakeInnerTube, path: Path) -> None:
    await tube.__aexit__(None, None, None)
    with pytest.raises(SourceError, match="is this machine online") as caught:
        await asked(tube, auth_file=path)
    assert not isinstance(caught.value, LoginError)
