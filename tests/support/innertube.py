"""A small music.youtube.com: an HTTP server with a library of ours that the real ytmusicapi talks to.

It runs in the test's event loop; the client under test blocks in a thread of its own. `tests/sources/test_innertube.py`
checks that ytmusicapi understands it.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import requests
from aiohttp import web
from support import innertube_answers as answers
from support import innertube_search as searched
from support.innertube_answers import Json, Song
from support.innertube_login import SAPISID, FakeLogin

from mpdbridge.sources.ytmusic.gentle import GentleAdapter, Pace
from mpdbridge.sources.ytmusic.session import PatientSession, open_session

BROWSER_HEADERS = {
    "cookie": f"SID=abc; __Secure-3PAPISID={SAPISID}; LOGIN_INFO=x",
    "authorization": "SAPISIDHASH 1700000000_0123456789abcdef",
    "origin": "https://music.youtube.com",
    "x-goog-authuser": "0",
}


@dataclass(slots=True)
class FakePlaylist:
    """A playlist.

    Attributes:
        announced: the number its head tells; None tells none, "honest" counts the rows.
        breaks_after: pages that come; the next continuation is answered without rows, as happens.
    """

    title: str
    songs: list[Song]
    announced: int | str | None = "honest"
    breaks_after: int | None = None

    @property
    def count(self) -> int | None:
        return len(self.songs) if self.announced == "honest" else self.announced


@dataclass(slots=True)
class FakeAlbum:
    title: str
    songs: list[Song]
    artists: tuple[str, ...] = ("Somebody",)
    year: str = "2024"
    playlist_id: str = "OLAK5uy_fakefakefakefake"
    announced: int | None = None  # songs in its head, when it tells more than it has


@dataclass(slots=True)
class FakeArtist:
    """An artist, whose songs are those of a playlist.

    Attributes:
        songs_playlist: its id; the page of the artist names it, unless `whole` is False.
    """

    name: str
    songs_playlist: str
    whole: bool = True
    subscribers: str = "1.5M"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: what it was for, and with which login."""

    endpoint: str
    body: Json
    headers: dict[str, str] = field(repr=False)

    @property
    def browse_id(self) -> str:
        return str(self.body.get("browseId", ""))


class FakeInnerTube:
    """`async with FakeInnerTube() as tube`: give it songs, playlists and so on, then `session_factory` to the client.

    Attributes:
        playlists: by id; those of `library` are shown to who is logged in.
        library_albums: ids of `albums` that are shown to who is logged in.
        uploads: what he has uploaded.
        handles: ids of channels by the address that leads to them.
        history: what the account has played, by video id, newest first.
        keeps_history: False: its history is paused; plays are taken all the same.
        refuses_plays: the HTTP status with which it does so; 0 for not.
        script: answers for the next API requests instead of the true ones: an HTTP status, one with headers, or a body.
        hiccups: so many continuations to come are answered without rows.
        library_breaks: continuations of the library's lists are always answered without rows.
        page: rows per page.
        login: whose library it is.
        asked: all API requests so far.
        naps: seconds that clients would have slept before they asked again.
    """

    def __init__(self, *, page: int = 100) -> None:
        self.playlists: dict[str, FakePlaylist] = {}
        self.library: list[str] = []
        self.albums: dict[str, FakeAlbum] = {}
        self.artists: dict[str, FakeArtist] = {}
        self.songs: dict[str, Song] = {}
        self.library_albums: list[str] = []
        self.uploads: list[Song] = []
        self.handles: dict[str, str] = {}
        self.history: list[str] = []
        self.keeps_history = True
        self.refuses_plays = 0
        self.script: deque[int | str | tuple[int, dict[str, str]]] = deque()
        self.hiccups = 0
        self.library_breaks = False
        self.page = page
        self.login = FakeLogin()
        self.asked: list[Asked] = []
        self.naps: list[float] = []
        self.pause = 0.0
        self.port = 0
        self._tokens: dict[str, Callable[[], Json]] = {}
        self._numbers = itertools.count()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/", self._home)
        app.router.add_get("/playlist", self._playlist_html)
        app.router.add_get("/s.youtube.com/api/stats/playback", self._played)
        app.router.add_post("/youtubei/v1/{endpoint:.+}", self._api)
        # ytmusicapi claims `Content-Encoding: gzip` for bodies that are none.
        self._runner = web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def session_factory(self) -> PatientSession:
        """The program's own session, its requests for music.youtube.com led here."""
        session = open_session()
        session.mount("https://", Detour(self.port, self.naps))
        return session

    async def _home(self, request: web.Request) -> web.Response:
        return web.Response(text='ytcfg.set({"VISITOR_DATA": "visitor-of-a-test"});', content_type="text/html")

    async def _playlist_html(self, request: web.Request) -> web.Response:
        wanted = request.query["list"]
        found = [browse_id for browse_id, album in self.albums.items() if album.playlist_id == wanted]
        text = "".join(rf"\x7b\x22browseId\x22:\x22{browse_id}\x22\x7d" for browse_id in found)
        return web.Response(text=f"<script>initialData.push('{text}')</script>", content_type="text/html")

    async def _played(self, request: web.Request) -> web.Response:
        """A play is told: kept for the account, if the URL is one that it was given; the answer is always the same."""
        if self.refuses_plays:
            return _refused(self.refuses_plays)
        token = request.query["ei"]
        if self.login.admit(request.headers) and token in self._tokens and self.keeps_history:
            self.history.insert(0, request.query["docid"])
        return web.Response(status=204)

    async def _api(self, request: web.Request) -> web.Response:
        endpoint = request.match_info["endpoint"].replace("/", "_")
        body = await request.json()
        self.asked.append(Asked(endpoint, body, dict(request.headers)))
        await asyncio.sleep(self.pause)
        if self.script and (scripted := self.script.popleft()) != 200:
            if isinstance(scripted, int):
                return _refused(scripted)
            if isinstance(scripted, tuple):
                return _refused(*scripted)
            return web.Response(text=scripted, content_type="application/json")
        token = body.get("continuation") or request.query.get("ctoken")
        if token and self.hiccups:
            self.hiccups -= 1
            return web.json_response({})
        me = self.login.admit(request.headers)
        answer = self._tokens[token]() if token else getattr(self, f"_{endpoint}")(body, me=me)
        if answer is None or isinstance(answer, int):
            return _refused(answer or 404)
        response = web.json_response(answer)
        for cookie in self.login.cookies() if me else ():
            response.headers.add("Set-Cookie", cookie)
        return response

    def _account_account_menu(self, body: Json, *, me: bool) -> Json:
        return self.login.menu(body, admitted=me)

    def _browse(self, body: Json, *, me: bool) -> Json | int | None:
        browse_id = body["browseId"]
        if browse_id.startswith("FEmusic_"):
            page = self._library_of(browse_id) if me else self.login.dead_library()
            return answers.signed_out_library() if page is None else page
        if browse_id in self.albums:
            return self._album_page(self.albums[browse_id])
        if browse_id in self.artists:
            artist = self.artists[browse_id]
            songs = self.playlists[artist.songs_playlist].songs
            return searched.artist_page(artist.name, songs, artist.songs_playlist if artist.whole else None)
        playlist_id = browse_id.removeprefix("VL")
        private = playlist_id in self.library and playlist_id in ("LM", "SE")
        if playlist_id not in self.playlists or (private and not me):
            return None
        return self._playlist_page(self.playlists[playlist_id])

    def _library_of(self, browse_id: str) -> Json | None:
        """A page of what is somebody's own; None when there is nothing of it."""
        if browse_id == "FEmusic_liked_playlists":
            return self._library_page(self._tiles())
        if browse_id == "FEmusic_liked_albums":
            albums = ((key, self.albums[key]) for key in self.library_albums)
            tiles = [answers.album_tile(key, album.title, album.artists, album.year) for key, album in albums]
            return self._library_page(tiles) if tiles else None
        if browse_id == "FEmusic_history":
            return answers.history_page([self.songs[video_id] for video_id in self.history])
        return self._uploads_page() if self.uploads else None

    def _album_page(self, album: FakeAlbum) -> Json:
        return answers.album_page(
            album.title,
            album.songs,
            artists=album.artists,
            year=album.year,
            told=album.announced or len(album.songs),
            playlist_id=album.playlist_id,
        )

    def _next(self, body: Json, *, me: bool) -> Json:
        wanted = body["videoId"]
        found = [song for song in self.songs.values() if wanted in (song.video_id, song.counterpart)]
        if not found or not found[0].music:
            return answers.no_watch_page()
        others = [song for song in self.songs.values() if song is not found[0]]
        wanted = [found[0], *others]
        token = self._radio_token(wanted[self.page :], body["playlistId"])
        return answers.watch_page(wanted[: self.page], body["playlistId"], token)

    def _radio_token(self, rest: list[Song], playlist_id: str) -> str | None:
        if not rest:
            return None
        return self._token(
            lambda: answers.watch_continuation(
                rest[: self.page], playlist_id, self._radio_token(rest[self.page :], playlist_id)
            )
        )

    def _like_like(self, body: Json, *, me: bool) -> Json | int:
        return self._rated(body, liked=True) if me else 401

    def _like_dislike(self, body: Json, *, me: bool) -> Json | int:
        return self._rated(body, liked=False) if me else 401

    _like_removelike = _like_dislike

    def _rated(self, body: Json, *, liked: bool) -> Json:
        """The newest liked song comes first; one that is liked again keeps its place."""
        song = self.songs[body["target"]["videoId"]]
        liked_songs = self.playlists["LM"]
        if not liked:
            liked_songs.songs = [other for other in liked_songs.songs if other.video_id != song.video_id]
        elif song not in liked_songs.songs:
            liked_songs.songs = [song, *liked_songs.songs]
        return {"actions": []}

    def _search(self, body: Json, *, me: bool) -> Json:
        language = body["context"]["client"]["hl"]
        wanted = searched.filter_of(body.get("params", ""))
        rows = self._found(body["query"].casefold(), mixed=wanted is None)
        if wanted is None:
            best = [searched.best_result(song) for song in self.songs.values() if song.title == body["query"]]
            few = {kind: found[:3] for kind, found in rows.items() if found}
            return searched.search_page(
                [*best[:1], *(searched.shelf(found, kind=kind, language=language) for kind, found in few.items())]
            )
        if not (found := rows[wanted]):
            return searched.search_page([])
        token = self._search_token(found[self.page :])
        return searched.search_page([searched.shelf(found[: self.page], kind=wanted, language=language, token=token)])

    def _search_token(self, rest: list[Json]) -> str | None:
        if not rest:
            return None
        return self._token(
            lambda: searched.search_continuation(rest[: self.page], self._search_token(rest[self.page :]))
        )

    def _found(self, query: str, *, mixed: bool) -> dict[str, list[Json]]:
        """Rows for everything whose title, artist or name holds the query, by kind."""

        def fits(*texts: str) -> bool:
            return any(query in text.casefold() for text in texts)

        songs = [song for song in self.songs.values() if fits(song.title, *song.artists)]
        return {
            "songs": searched.found_songs([song for song in songs if song.music], mixed=mixed),
            "videos": searched.found_songs([song for song in songs if not song.music], "Video", mixed=mixed),
            "albums": [
                searched.found_album(browse_id, album.title, album.artists, album.year)
                for browse_id, album in self.albums.items()
                if fits(album.title, *album.artists)
            ],
            "artists": [
                searched.found_artist(channel_id, artist.name, artist.subscribers)
                for channel_id, artist in self.artists.items()
                if fits(artist.name)
            ],
            "playlists": [
                searched.found_playlist(playlist_id, playlist.title, "Somebody", len(playlist.songs), mixed=mixed)
                for playlist_id, playlist in self.playlists.items()
                if fits(playlist.title) and playlist_id not in self.library
            ],
        }

    def _player(self, body: Json, *, me: bool) -> Json:
        song = self.songs.get(body["video_id"])
        if song is None or not song.playable:
            return answers.no_player_page()
        return answers.player_page(song, self._token(dict))

    def _tiles(self) -> list[Json]:
        playlists = ((key, self.playlists[key]) for key in self.library)
        tiles = [answers.playlist_tile(key, playlist.title, self._shown_count(key)) for key, playlist in playlists]
        return [answers.new_playlist_tile(), *tiles]

    def _library_page(self, tiles: list[Json]) -> Json:
        return answers.library_page(tiles[: self.page], self._library_token(tiles[self.page :]))

    def _library_token(self, rest: list[Json]) -> str | None:
        if not rest:
            return None
        if self.library_breaks:
            return self._token(dict)
        return self._token(
            lambda: answers.library_continuation(rest[: self.page], self._library_token(rest[self.page :]))
        )

    def _uploads_page(self) -> Json:
        return answers.uploads_page(self.uploads[: self.page], self._uploads_token(self.uploads[self.page :]))

    def _uploads_token(self, rest: list[Song]) -> str | None:
        if not rest:
            return None
        return self._token(
            lambda: answers.uploads_continuation(rest[: self.page], self._uploads_token(rest[self.page :]))
        )

    def _navigation_resolve_url(self, body: Json, *, me: bool) -> Json | None:
        return answers.resolved(self.handles[body["url"]]) if body["url"] in self.handles else None

    def _shown_count(self, playlist_id: str) -> str | None:
        count = self.playlists[playlist_id].count
        return None if playlist_id in ("LM", "SE") or count is None else f"{count:,}"

    def _playlist_page(self, playlist: FakePlaylist) -> Json:
        header = [] if playlist.count is None else [f"{playlist.count} tracks", "1+ hours"]
        token = self._playlist_token(playlist, 1)
        return answers.playlist_page(
            playlist.title, playlist.songs[: self.page], header=header, subtitle="2024", token=token
        )

    def _playlist_token(self, playlist: FakePlaylist, done: int) -> str | None:
        rest = playlist.songs[done * self.page :]
        if not rest:
            return None
        if done == playlist.breaks_after:
            return self._token(dict)
        return self._token(
            lambda: answers.playlist_continuation(rest[: self.page], self._playlist_token(playlist, done + 1))
        )

    def _token(self, answer: Callable[[], Json]) -> str:
        token = f"token-{next(self._numbers)}"
        self._tokens[token] = answer
        return token


class Detour(GentleAdapter):
    """Leads every request for music.youtube.com and s.youtube.com to the fake, and lets nothing else out."""

    def __init__(self, port: int, naps: list[float]) -> None:
        super().__init__(pace=Pace(burst=1_000_000), sleep=naps.append)
        self._port = port

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert request.url is not None
        asked = request.url
        assert asked.startswith(("https://music.youtube.com/", "https://s.youtube.com/")), asked
        path = asked.removeprefix("https://music.youtube.com/").removeprefix("https://")
        request.url = f"http://127.0.0.1:{self._port}/{path}"
        try:
            return super().send(request, *args, **kwargs)
        finally:
            request.url = asked  # it is where its cookies are from


def _refused(status: int, headers: dict[str, str] | None = None) -> web.Response:
    reasons = {401: "You must be signed in to perform this operation.", 404: "Requested entity was not found."}
    if status >= 500:  # the front end stumbles, not InnerTube: no JSON
        return web.Response(status=status, text="<html>Error</html>", content_type="text/html", headers=headers)
    error = {"code": status, "message": reasons.get(status, "Resource has been exhausted (e.g. check quota).")}
    return web.json_response({"error": error}, status=status, headers=headers)
