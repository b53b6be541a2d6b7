"""YouTube Music as a source: public playlists and albums for everyone, the whole library with a login.

Nothing here concludes that something is gone: what fails, or is empty without reason, is an error. What falls short of
its announced number is handed on as it came; the sync weighs it against what MPD has.
"""

import time
from dataclasses import replace

from mpdbridge.concurrency import Clock
from mpdbridge.config import YTMusicSettings
from mpdbridge.errors import LoginError, SourceError
from mpdbridge.models import Playlist, PlaylistRef, Rating, ResultKind, SearchResult, Track
from mpdbridge.sources.base import Offer
from mpdbridge.sources.youtube_links import (
    AlbumLink,
    ArtistLink,
    HandleLink,
    PlaylistLink,
    VideoLink,
    list_beside,
    parse_link,
)
from mpdbridge.sources.ytmusic import asking, history, parse, radio, search
from mpdbridge.sources.ytmusic.client import MusicClient
from mpdbridge.sources.ytmusic.library import library_offer
from mpdbridge.sources.ytmusic.opened import SessionFactory

_ALBUM_LASTS = 12 * 3600.0  # seconds; albums hardly ever change


class YTMusicSource:
    """The playlists under `sources.ytmusic`, the library of its login, and every YouTube link.

    A playlist given by a link has no name until it is fetched; `playlists` fetches those, and `fetch` then hands out
    what came, be it an error, once.
    """

    name = parse.SOURCE

    def __init__(
        self,
        *,
        settings: YTMusicSettings,
        session_factory: SessionFactory | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self._settings = settings
        self._client = MusicClient(settings=settings, session_factory=session_factory)
        self._clock = clock
        self._held: dict[str, Playlist | SourceError] = {}
        self._channels: dict[str, str] = {}
        self._albums: dict[str, tuple[float, Playlist]] = {}

    async def playlists(self) -> Offer:
        """What is wanted of the library, liked songs included, then the playlists configured by link; each once.

        The library is lacking when it cannot be had, or is empty: so does a dead login look. Public links need none.
        """
        self._held = {}
        library = await self._library()
        refs = {ref.playlist_id: ref for ref in library.refs}
        untold = library.untold
        for link in self._settings.playlists:
            ref = await self._hold(link)
            refs.setdefault(ref.playlist_id, ref)
            if ref.playlist_id == link and isinstance(parse_link(link), HandleLink):
                untold = (*untold, asking.CHANNEL)  # nobody told whose handle it is, so his playlist is not known
        return replace(library, refs=tuple(refs.values()), untold=untold)

    async def fetch(self, ref: PlaylistRef) -> Playlist:
        """All pages of a playlist, album or artist, as far as they came: pages break off now and then without an error.

        Raises:
            SourceError: it cannot be had.
        """
        held = self._held.pop(ref.playlist_id, None)
        if isinstance(held, SourceError):
            raise held
        if held is None and ref.playlist_id.startswith(parse.ALBUM):
            return await self._library_album(ref)
        return held or await self._fetch(ref)

    async def album(self, album_id: str) -> Playlist:
        """An album with all its tracks, by its browse id.

        Raises:
            SourceError: it cannot be had.
        """
        return await self._fetch(PlaylistRef(self.name, album_id, ""))

    async def counterpart(self, track_id: str) -> Track | None:
        """The other version of a track, official audio or music video; None when it has none.

        Raises:
            SourceError: nobody can tell at present.
        """
        return await self._client.call(asking.counterpart(track_id))

    async def lookup(self, link: str) -> Playlist | None:
        """What a YouTube link or id stands for: a playlist, an album, an artist's songs, or a playlist of one track.

        Raises:
            SourceError: it is a YouTube link, and there is nothing to play behind it.
        """
        match parse_link(link):
            case VideoLink(video_id):
                track = await self._client.call(asking.video(video_id))
                return Playlist(PlaylistRef(self.name, video_id, track.label, 1), (track,))
        ref = await self._ref(link)
        if ref is None:
            return None
        playlist = await self._fetch(ref)
        if not playlist.tracks:
            raise SourceError(f"{link}: there is nothing to play in it")
        return playlist

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

    async def related(self, track_id: str, limit: int = 50) -> list[Track]:
        """The radio of a track: about `limit` tracks like it, each once, without itself; no login is needed.

        Raises:
            SourceError: YouTube Music has none for it, or cannot be asked.
        """
        return await self._client.call(lambda music: radio.related(music, track_id, limit))

    async def rate(self, track_id: str, rating: Rating) -> None:
        """Tells YouTube Music what the user thinks of a track.

        Raises:
            LoginError: there is no login, or it is dead.
            SourceError: YouTube Music refuses, or cannot be asked.
        """
        await self._client.call(lambda music: radio.rate(music, track_id, rating), login=True)

    async def tell_played(self, track_id: str) -> None:
        """Adds a play of a track to the history of the account. Whether it was kept, only `recently_played` tells.

        Raises:
            LoginError: there is no login, or it is dead.
            SourceAwayError: YouTube Music cannot be asked at present.
            SourceError: the track cannot be played, or nobody understands the answer.
        """
        await self._client.call(lambda music: history.tell_played(music, track_id), login=True)

    async def recently_played(self) -> list[Track]:
        """What the history has of the account's last plays, newest first.

        Raises:
            LoginError: there is no login, or it is dead.
            SourceError: YouTube Music has none, or cannot be asked.
        """
        return await self._client.call(history.recently_played, login=True)

    async def aclose(self) -> None:
        """Ends the thread of ytmusicapi."""
        await self._client.aclose()

    async def _library(self) -> Offer:
        """What is wanted of the library; nothing, and nothing lacking, if nobody is logged in or ought to be."""
        try:
            return await library_offer(self._client, self._settings.library)
        except LoginError as error:
            if error.absent and self._settings.auth_file is None:
                return Offer((), by_login=None)
            return Offer((), str(error), login_is_dead=True)

    async def _library_album(self, ref: PlaylistRef) -> Playlist:
        """An album as it was a few hours ago will do: a library of hundreds would be hundreds of requests each time."""
        asked_at, album = self._albums.get(ref.playlist_id, (0.0, None))
        if album is None or self._clock() - asked_at > _ALBUM_LASTS:
            album = await self._fetch(ref)
            self._albums[ref.playlist_id] = (self._clock(), album)
        return album

    async def _hold(self, link: str) -> PlaylistRef:
        """Fetches what a configured link stands for and keeps it for `fetch`; one failure does not stop the others."""
        ref = PlaylistRef(self.name, link, "")
        try:
            found = await self._ref(link)
            ref = found or ref
            self._held[ref.playlist_id] = held = _no_list(link) if found is None else await self._fetch(found)
        except SourceError as error:
            self._held[ref.playlist_id] = held = error
        return ref if isinstance(held, SourceError) else held.ref

    async def _ref(self, link: str) -> PlaylistRef | None:
        """What stands behind a link to more than one track, nameless; None when it is another link.

        Raises:
            SourceError: nobody knows whose handle it is.
        """
        parsed = parse_link(link)
        match list_beside(link) if isinstance(parsed, VideoLink) else parsed:
            case PlaylistLink(some_id) | AlbumLink(some_id) | ArtistLink(some_id):
                return PlaylistRef(self.name, some_id, "")
            case HandleLink(handle):
                if handle not in self._channels:
                    self._channels[handle] = await self._client.call(asking.channel(handle))
                return PlaylistRef(self.name, self._channels[handle], "")
        return None

    async def _fetch(self, ref: PlaylistRef) -> Playlist:
        return await self._client.call(asking.playlist(ref), login=ref.playlist_id == parse.UPLOADS)


def _no_list(link: str) -> SourceError:
    return SourceError(
        f"sources.ytmusic.playlists: {link!r} is no YouTube playlist, album or artist:"
        " give a link like https://music.youtube.com/playlist?list=…"
    )
