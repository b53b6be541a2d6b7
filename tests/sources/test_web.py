"""WebSource with the real yt-dlp on a real website: playlists of our making, and links."""

import pytest
import pytest_asyncio

from mpdbridge.config import ResolverSettings, WebSettings
from mpdbridge.errors import SourceError
from mpdbridge.models import PlaylistRef
from mpdbridge.resolver import ExtractorWorker
from mpdbridge.sources import Offer
from mpdbridge.sources.web import WebSource

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one warm worker for all of them


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def worker():
    async with ExtractorWorker(settings=ResolverSettings(timeout_seconds=20)) as worker:
        yield worker


@pytest.fixture
def source(worker):
    def source(**playlists):
        settings = WebSettings(playlists=tuple({"name": name, "urls": urls} for name, urls in playlists.items()))
        return WebSource(worker=worker, settings=settings)

    return source


async def test_each_configured_name_is_a_playlist_and_nobody_is_asked(source):
    web = source(Funk=["http://127.0.0.1:1/a"], Jazz=["http://127.0.0.1:1/b", "http://127.0.0.1:1/c"])
    assert await web.playlists() == Offer((PlaylistRef("web", "Funk", "Funk"), PlaylistRef("web", "Jazz", "Jazz")))


async def test_a_playlist_stays_the_same_when_its_links_change(source):
    (before,) = (await source(Funk=["http://127.0.0.1:1/a"]).playlists()).refs
    (after,) = (await source(Funk=["http://127.0.0.1:1/b", "http://127.0.0.1:1/c"]).playlists()).refs
    assert before == after


async def test_lists_and_single_files_come_in_the_order_of_the_links(source, site):
    web = source(Mix=[site.url("tone.flac"), site.url("feed.xml"), site.url("two.html"), site.url("only.m3u8")])
    (ref,) = (await web.playlists()).refs
    playlist = await web.fetch(ref)
    assert playlist.ref == ref
    titles = [track.title for track in playlist.tracks]
    assert titles == ["tone", 'Folge 1: "Anfang"', "Folge 2", "Two songs (1)", "Two songs (2)"]
    assert {track.source for track in playlist.tracks} == {"web"}
    assert [label.partition(" (")[0] for label in playlist.unavailable] == ["only"]


async def test_one_link_that_fails_fails_the_playlist(source, site):
    web = source(Mix=[site.url("tone.mp3"), site.url("status/503/x.mp3")])
    with pytest.raises(SourceError, match="status/503"):
        await web.fetch((await web.playlists()).refs[0])


async def test_a_link_that_is_gone_for_good_is_unavailable_and_the_rest_stays(source, site):
    web = source(Mix=[site.url("status/404/x%20y.mp3?key=1"), site.url("tone.mp3"), site.url("status/410/page?key=1")])
    playlist = await web.fetch((await web.playlists()).refs[0])
    assert [track.title for track in playlist.tracks] == ["tone"]
    assert playlist.unavailable == (
        "x y.mp3 (there is no such page (HTTP 404))",
        f"{site.url('status/410/page')} (the page is gone (HTTP 410))",
    )


async def test_a_link_that_wants_a_login_fails_the_playlist(source, site):
    web = source(Mix=[site.url("tone.mp3"), site.url("status/401/x.mp3")])
    with pytest.raises(
        SourceError,
        match=r"it needs a login: log in with `mpdbridge auth`, or for other sites set resolver\.cookies_file$",
    ):
        await web.fetch((await web.playlists()).refs[0])


@pytest.mark.parametrize("paths", [["status/404/x.mp3"], ["status/404/x.mp3", "status/410/y.mp3"]])
async def test_a_playlist_whose_links_are_all_gone_fails_and_tells_the_fix(source, site, paths):
    web = source(Mix=list(map(site.url, paths)))
    with pytest.raises(SourceError, match=r"x\.mp3: there is no such page.* remove \w+ from sources\.web\.playlists$"):
        await web.fetch((await web.playlists()).refs[0])


async def test_a_list_that_is_empty_is_not_believed(source, site):
    web = source(Pod=[site.url("empty.xml")])
    with pytest.raises(SourceError, match="lists nothing"):
        await web.fetch((await web.playlists()).refs[0])


async def test_single_pieces_are_looked_at_once_and_lists_every_time(source, site):
    web = source(Mix=[site.url("tone.mp3"), site.url("feed.xml")])
    (ref,) = (await web.playlists()).refs
    first = await web.fetch(ref)
    before = site.hits.copy()
    assert await web.fetch(ref) == first
    assert site.hits["/tone.mp3"] == before["/tone.mp3"]
    assert site.hits["/feed.xml"] > before["/feed.xml"]


async def test_a_link_is_looked_up_as_a_playlist_or_as_a_playlist_of_one(source, site):
    web = source()
    podcast = await web.lookup(site.url("feed.xml"))
    assert podcast.ref == PlaylistRef("web", site.url("feed.xml"), "Nachtfunk · Ünï")
    assert len(podcast.tracks) == 2
    song = await web.lookup(site.url("tone.ogg"))
    assert song.ref == PlaylistRef("web", site.url("tone.ogg"), "tone")
    assert [track.source_url for track in song.tracks] == [site.url("tone.ogg")]


async def test_a_link_that_gives_nothing_is_an_error(source, site):
    with pytest.raises(SourceError, match="HTTP 404"):
        await source().lookup(site.url("status/404/x"))


@pytest.mark.parametrize("link", ["file:///etc/passwd", "ftp://127.0.0.1/x", "some words", "", "-"])
async def test_what_is_no_link_is_not_ours(source, link):
    assert await source().lookup(link) is None


async def test_a_bare_youtube_id_is_looked_up_on_youtube_music():
    asked = []

    class Worker:
        async def list_entries(self, url):
            asked.append(url)
            raise AssertionError("asked")

    web = WebSource(worker=Worker(), settings=WebSettings())
    with pytest.raises(AssertionError, match="asked"):
        await web.lookup("oLtmHdXKIYE")
    assert asked == ["https://music.youtube.com/watch?v=oLtmHdXKIYE"]
