"""What the library of a login offers. Each kind is asked for by itself; one that fails does not stop the others."""

from collections.abc import Callable
from typing import Any

from mpdbridge.config import YTMusicLibrary
from mpdbridge.errors import LoginError, SourceError
from mpdbridge.models import PlaylistRef
from mpdbridge.sources.base import Offer
from mpdbridge.sources.ytmusic import pages, parse
from mpdbridge.sources.ytmusic.account import account_of, library_rows
from mpdbridge.sources.ytmusic.client import MusicClient
from mpdbridge.sources.ytmusic.fields import Row

_AskRows = Callable[[Any], list[Row]]


async def library_offer(client: MusicClient, wanted: YTMusicLibrary) -> Offer:
    """The playlists of the kinds that are wanted: liked songs, playlists, albums, uploads.

    From an empty list of albums nothing is concluded: those that MPD has stay.

    Raises:
        LoginError: there is no login that works.
    """
    refs: list[PlaylistRef] = []
    lacking: list[str] = []
    if wanted.playlists:
        refs = await _asked(client, "playlists", library_rows, parse.library_ref, lacking)
    else:
        await client.call(account_of, login=True)  # lists of other kinds do not tell a dead login from an empty one
    if wanted.liked and not lacking and all(ref.playlist_id != parse.LIKED for ref in refs):
        refs.insert(0, PlaylistRef(parse.SOURCE, parse.LIKED, "Liked Music"))
    refs = [ref for ref in refs if wanted.liked or ref.playlist_id != parse.LIKED]
    untold: tuple[str, ...] = ()
    if wanted.albums:
        albums = await _asked(client, "albums", _album_rows, parse.album_ref, lacking)
        untold = () if albums else (parse.ALBUM,)
        refs += albums
    if wanted.uploads:
        refs.append(PlaylistRef(parse.SOURCE, parse.UPLOADS, "Uploads"))
    ids = tuple(ref.playlist_id for ref in refs)
    return Offer(tuple(refs), "; ".join(dict.fromkeys(lacking)), untold=untold, by_login=ids)


async def _asked(
    client: MusicClient, kind: str, ask: _AskRows, to_ref: Callable[[Row], PlaylistRef], lacking: list[str]
) -> list[PlaylistRef]:
    """The playlists of a kind; why some may be missing is added to `lacking`."""

    def ask_watched(music: Any) -> tuple[list[Row], bool]:
        with pages.watched(music) as seen:
            return ask(music), seen.broke_off

    try:
        rows, broke_off = await client.call(ask_watched, login=True)
    except LoginError:
        raise
    except SourceError as error:
        lacking.append(str(error))
        return []
    if broke_off:
        lacking.append(f"the list of the library's {kind} broke off after {len(rows)}")
    return [to_ref(row) for row in rows]


def _album_rows(music: Any) -> list[Row]:
    rows: list[Row] = music.get_library_albums(limit=None)
    return rows
