"""What a login brought stays in MPD when nobody is logged in any more: with the real ytmusicapi and the real MPD."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest
from support.bridge import playlists_of
from support.innertube import FakeInnerTube, FakePlaylist, Song
from support.innertube_login import netscape

from mpdbridge.config import Settings
from mpdbridge.models import PlaylistRef
from mpdbridge.resolver import ExtractorWorker, StreamResolver
from mpdbridge.sources import Offer
from mpdbridge.sources.ytmusic import YTMusicSource
from mpdbridge.store import AsyncStore
from mpdbridge.sync.logins import remembering
from mpdbridge.sync.session import SyncSession

LINKS = ["PLfirstpublic", "PLsecondpublic"]


@pytest.fixture
async def tube() -> AsyncIterator[FakeInnerTube]:
    async with FakeInnerTube() as running:
        for number, name in enumerate(["LM", "PLmine", "PLother", *LINKS]):
            running.playlists[name] = FakePlaylist(name, [Song(video_id=f"video-{number:05}", title="Song")])
        running.library = ["LM", "PLmine", "PLother"]
        yield running


@asynccontextmanager
async def session_with(links, *, mpd, tube, tmp_path) -> AsyncIterator[SyncSession]:
    settings = Settings.model_validate(
        {
            "mpd": {"host": str(mpd.socket)},
            "proxy": {"track_mapping_db": str(tmp_path / "tracks.db")},
            "sources": {"ytmusic": {"enabled": True, "playlists": links}},
        }
    )
    music = YTMusicSource(settings=settings.sources.ytmusic, session_factory=tube.session_factory)
    async with (
        AsyncStore.open(settings.proxy.track_mapping_db) as store,
        ExtractorWorker(settings=settings.resolver) as worker,
        aclosing(music),
    ):
        resolver = StreamResolver(store=store, worker=worker, settings=settings.resolver)
        yield SyncSession(settings=settings, store=store, sources=[music], resolver=resolver, relay_runs=True)


async def test_only_what_is_surely_gone_is_removed_when_the_login_is(mpd, tube, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    login = tmp_path / "mpdbridge/cookies.txt"
    await asyncio.to_thread(login.parent.mkdir)
    await asyncio.to_thread(login.write_text, netscape())
    here = {"mpd": mpd, "tube": tube, "tmp_path": tmp_path}

    async def synced(*links: str) -> set[str]:
        async with session_with(links, **here) as session:
            assert not (await session.run()).failed
        return {name.removeprefix("YT: ") for name in playlists_of(mpd)}

    assert await synced(*LINKS) == {"LM", "PLmine", "PLother", *LINKS}
    tube.library = ["LM", "PLmine"]
    assert await synced(*LINKS) == {"LM", "PLmine", *LINKS}
    await asyncio.to_thread(login.unlink)
    assert await synced(*LINKS) == {"LM", "PLmine", *LINKS}
    assert await synced(LINKS[0]) == {"LM", "PLmine", LINKS[0]}, "a link that the user has taken out"
    await asyncio.to_thread(login.write_text, netscape())
    tube.library = ["LM"]
    assert await synced(LINKS[0]) == {"LM", LINKS[0]}


MINE = Offer((PlaylistRef("ytmusic", "PLmine", "Mine"),), by_login=("PLmine",))
ALBUM = Offer(MINE.refs, by_login=("PLmine", "MPREb_1"))
NO_ALBUMS = Offer(MINE.refs, untold=("MPREb_",), by_login=("PLmine",))
PART = Offer(MINE.refs, lacking="the list broke off", by_login=("PLnew",))
DEAD = Offer((), lacking="the login has died", login_is_dead=True)
LOGGED_OUT = Offer((), by_login=None)


class Offers:
    """A source that has something else each time."""

    name = "ytmusic"

    def __init__(self, *offers: Offer) -> None:
        self._offers = iter(offers)

    async def playlists(self) -> Offer:
        return next(self._offers)


@pytest.mark.parametrize(
    ("offers", "note", "untold"),
    [
        ((MINE, LOGGED_OUT), True, ("PLmine",)),
        pytest.param((MINE, DEAD, LOGGED_OUT), True, ("PLmine",), id="a login that died before it was gone"),
        pytest.param((ALBUM, NO_ALBUMS, LOGGED_OUT), True, ("PLmine", "MPREb_1"), id="a kind that nothing was told of"),
        pytest.param((MINE, PART, LOGGED_OUT), True, ("PLnew", "PLmine"), id="a part of the library"),
        pytest.param((ALBUM, MINE, LOGGED_OUT), True, ("PLmine",), id="gone before"),
        pytest.param((MINE, LOGGED_OUT), False, (), id="a dry run remembers nothing"),
    ],
)
async def test_what_the_login_showed_last_is_not_known_to_be_gone(offers, note, untold) -> None:
    async with AsyncStore.open(":memory:") as store:
        (source,) = remembering([Offers(*offers)], store=store, note=note)
        told = [await source.playlists() for _ in offers]
    assert told[-1].untold == untold
