"""YouTube Music as a source: public playlists and albums for everyone, the whole library with a login.

Nothing here concludes that something is gone: what fails, or is empty without reason, is an error. What falls short of
its announced number is handed on as it came; the sync weighs it against what MPD has.
"""

from collections.abc import Callable
from typing import Any

from mpdbridge.config import YTMusicSettings
from mpdbridge.errors import LoginError, SourceError
from mpdbridge.models import Playlist, PlaylistRef, ResultKind, SearchResult, Track
from mpdbridge.sources.base import Offer
from mpdbridge.sources.youtube_links import AlbumLink, ArtistLink, PlaylistLink, VideoLink, parse_link
from mpdbridge.sources.ytmusic import parse, search
from mpdbridge.sources.ytmusic.account import library_rows
from mpdbridge.sources.ytmusic.client import SHAPE_ERRORS, MusicClient
from mpdbridge.sources.ytmusic.opened import SessionFactory

_ALBUM = "MPREb_"  # begins an album's browse id
_ALBUM_LIST = "OLAK5uy_"  # begins the id of an album's playlist
_ARTIST = "UC"  # begins the id of an artist's channel


class YTMusicSource:
    """The playlists under `sources.ytmusic`, the library of its login, and every YouTube link.

    A playlist given by a link has no name until it is fetched; `playlists` fetches those, and `fetch` then hands out
    what came, be it an error, once.
    """

    name = parse.SOURCE

    def __init__(self, *, settings: YTMusicSettings, session_factory: SessionFactory | None = None) -> None:
        self._settings = settings
        self._client = MusicClient(settings=settings, session_factory=session_factory)
        self._held: dict[str, Playlist | SourceError] = {}

    async def playlists(self) -> Offer:
        """The library's playlists, liked songs included, then those configured by link; each once.

        The library is lacking when it cannot be had, or is empty: so does a dead login look. Public links need none.
        """
        self._held = {}
        refs: dict[str, PlaylistRef] = {}
        lacking, login_is_dead = "", False
        try:
            refs = {ref.playlist_id: ref for ref in await self._library()}
        except SourceError as error:
            lacking, login_is_dead = str(error), isinstance(error, LoginError)
        for link in self._settings.playlists:
            ref = await self._hold(link)
            refs.setdefault(ref.playlist_id, ref)
        return Offer(tuple(refs.values()), lacking, login_is_dead)

    async def fetch(self, ref: PlaylistRef) -> Playlist:
        """All pages of a playlist or album, as far as they came: pages break off now and then without an error.

        Raises:
            SourceError: it cannot be had.
        """
        held = self._held.pop(ref.playlist_id, None)
        if isinstance(held, SourceError):
            raise held
        return held or await self._fetch(ref)

    async def lookup(self, link: str) -> Playlist | None:
        """What a YouTube link or id stands for: a playlist, an album, an artist's songs, or a playlist of one track.

        Raises:
            SourceError: it is a YouTube link, and there is nothing to play behind it.
        """
        match parse_link(link):
            case VideoLink(video_id):
                track = await self._client.call(lambda music: _video(music, video_id))
                return Playlist(PlaylistRef(self.name, video_id, track.label, 1), (track,))
            case PlaylistLink(playlist_id) | AlbumLink(playlist_id) | ArtistLink(playlist_id):
                playlist = await self._fetch(PlaylistRef(self.name, playlist_id, ""))
                if not playlist.tracks:
                    raise SourceError(f"{link}: there is nothing to play in it")
                return playlist
        return None

    async def search(self, query: str, kind: ResultKind | None = None, limit: int = 10) -> list[SearchResult]:
        """What YouTube Music finds; no login is needed.

        Args:
            query: what a user types.
            kind: only results of this kind; None for all of them, in the order of ResultKind.
            limit: at most so many of each kind.

        Raises:
            SourceError: it cannot be asked.
        """
        return await self._client.call(lambda music: search.search(music, query, kind, limit))

    async def aclose(self) -> None:
        """Ends the thread of ytmusicapi."""
        await self._client.aclose()

    async def _library(self) -> list[PlaylistRef]:
        """The library's playlists; none if nobody has ever logged in.

        Raises:
            LoginError: the login is dead, however that looks: an empty library, an error, or an unknown kind of page.
            SourceError: the library cannot be had, or is empty though the login lives.
        """
        try:
            rows = await self._client.call(library_rows, login=True)
        except LoginError as error:
            if error.absent and self._settings.auth_file is None:
                return []
            raise
        refs = [parse.library_ref(row) for row in rows]
        if all(ref.playlist_id != parse.LIKED for ref in refs):
            refs.insert(0, PlaylistRef(self.name, parse.LIKED, "Liked Music"))
        return refs

    async def _hold(self, link: str) -> PlaylistRef:
        """Fetches what a configured link stands for and keeps it for `fetch`; one failure does not stop the others."""
        match parse_link(link):
            case PlaylistLink(playlist_id) | AlbumLink(playlist_id) | ArtistLink(playlist_id):
                ref = PlaylistRef(self.name, playlist_id, "")
            case _:
                ref = PlaylistRef(self.name, link, "")
                self._held[link] = SourceError(
                    f"sources.ytmusic.playlists: {link!r} is no YouTube playlist, album or artist:"
                    " give a link like https://music.youtube.com/playlist?list=…"
                )
                return ref
        try:
            playlist = await self._fetch(ref)
        except SourceError as error:
            self._held[playlist_id] = error
            return ref
        self._held[playlist_id] = playlist
        return playlist.ref

    async def _fetch(self, ref: PlaylistRef) -> Playlist:
        return await self._client.call(_fetcher(ref))


def _fetcher(ref: PlaylistRef) -> Callable[[Any], Playlist]:
    """The call that fetches `ref`, for the client's thread."""

    def fetch(music: Any) -> Playlist:
        playlist_id = ref.playlist_id
        browse_id: str | None = playlist_id if playlist_id.startswith(_ALBUM) else None
        if playlist_id.startswith(_ALBUM_LIST):  # an album as a playlist: the album itself tells more
            browse_id = music.get_album_browse_id(playlist_id)
        if playlist_id.startswith(_ARTIST):
            return _most_played(music, ref)
        if browse_id:
            return parse.album(music.get_album(browse_id), ref)
        return parse.playlist(music.get_playlist(playlist_id, limit=None), ref)

    return fetch


def _most_played(music: Any, ref: PlaylistRef) -> Playlist:
    """The songs of an artist, as YouTube Music lists them behind his name, the most played first."""
    try:
        answer = music.get_artist(ref.playlist_id)
    except SHAPE_ERRORS as error:
        raise SourceError(f"channel {ref.playlist_id}: is no artist at YouTube Music") from error
    whole = answer["songs"].get("browseId")
    rows = music.get_playlist(whole, limit=None)["tracks"] if whole else answer["songs"].get("results", [])
    return parse.artist(answer, rows, ref)


def _video(music: Any, video_id: str) -> Track:
    """One track's facts: from the watch list, which knows artists and album, else from the player."""
    from ytmusicapi.exceptions import YTMusicError

    try:
        found = parse.watched(music.get_watch_playlist(video_id, limit=1)["tracks"], video_id)
    except (YTMusicError, *SHAPE_ERRORS):
        found = None  # it has no watch list, e.g. a video that is no music
    if found is not None:
        return found
    answer = music.get_song(video_id)
    track = parse.song(answer)
    if track is None:
        raise SourceError(f"{parse.watch_url(video_id)}: {parse.why_not(answer) or 'there is no such video'}")
    return track
