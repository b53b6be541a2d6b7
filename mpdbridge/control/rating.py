"""`like`, `dislike`, `unlike`: at YouTube Music, and at once in the playlist of liked songs and in MPD's stickers."""

from dataclasses import dataclass

from mpdbridge.control.meaning import playing, track_meant
from mpdbridge.control.tools import Tools
from mpdbridge.errors import MpdBridgeError, MpdRefusedError, SourceError
from mpdbridge.logs import get_logger
from mpdbridge.models import Playlist, PlaylistRef, Rating, Track
from mpdbridge.store import TrackStore
from mpdbridge.sync.known import KnownPlaylist
from mpdbridge.sync.library import known_songs

log = get_logger(__name__)

_LIKED = ("ytmusic", "LM")
_STICKER = "like"
_VALUES: dict[Rating, str] = {"dislike": "0", "unlike": "1", "like": "2"}  # as myMPD and others have it


@dataclass(frozen=True, slots=True)
class Rated:
    """A track and what the user thinks of it.

    Attributes:
        playlist: the name of the playlist of liked songs in MPD when it says so already; None when there is none, or
            the next sync will.
        note: one line, why not; may be empty.
    """

    track: Track
    rating: Rating
    playlist: str | None = None
    note: str = ""


async def rate(tools: Tools, rating: Rating, text: str = "") -> Rated:
    """Rates a track.

    Args:
        tools: what it works with.
        rating: the user's verdict.
        text: the track, see `track_meant`.

    Raises:
        LoginError: there is no login, or it is dead.
        SourceError: it is no track of YouTube Music, or YouTube Music cannot be asked.
        MpdBridgeError: MPD plays nothing of ours, or is away.
    """
    uri, track = ("", await track_meant(tools, text)) if text else await playing(tools)
    if track.source != "ytmusic":
        raise SourceError(f"{track.label} is not from YouTube Music: only its tracks can be rated")
    await tools.sources.music.rate(track.track_id, rating)
    if rating != "like":  # or the next sync would bring it back
        for original in await _originals(tools, track):
            await tools.sources.music.rate(original, "unlike")
    try:
        playlist, note = await _patch(tools, track, liked=rating == "like"), ""
    except MpdBridgeError as error:
        playlist, note = None, str(error)
    await _stick(tools, track, uri, rating)
    return Rated(track, rating, playlist, note)


async def _originals(tools: Tools, track: Track) -> list[str]:
    """The ids of the versions that a track stands for in playlists, by `sources.ytmusic.prefer`."""
    if tools.settings.sources.ytmusic.prefer == "as-is":
        return []
    return await tools.store.run(TrackStore.standing_for, track.track_id)


async def _listed(tools: Tools, track: Track) -> Track:
    """The version of a track that stands for it in playlists."""
    if tools.settings.sources.ytmusic.prefer == "as-is":
        return track
    return (await tools.store.run(TrackStore.counterparts, [track.track_id])).get(track.track_id, track)


async def _patch(tools: Tools, track: Track, *, liked: bool) -> str | None:
    """Makes the playlist of liked songs in MPD what the next sync would make it; returns its name if that was possible.

    Liked songs stand in it in the order in which they were liked, the last one first.
    """
    claim = (await tools.store.run(TrackStore.published, tools.target)).get(_LIKED)
    if claim is None:
        return None
    async with tools.session.publishing() as publish:
        present = await _present(tools, claim.mpd_name)
        if present is None:
            return None
        listed = await _listed(tools, track)
        versions = {track.track_id, listed.track_id, *await _originals(tools, track)}
        others = [other for other in present if other.track_id not in versions]
        was_liked = len(others) < len(present)
        wanted = present if liked and was_liked else [listed, *others] if liked else others
        playlist = Playlist(PlaylistRef(*_LIKED, claim.source_name), tuple(wanted))
        outcome = await publish(KnownPlaylist(playlist, lasting=True))
    return outcome.mpd_name


async def _present(tools: Tools, name: str) -> list[Track] | None:
    """The tracks of a playlist in MPD; None when it is not there, or holds anything that is not known."""
    try:
        async with tools.connect() as connection:
            held = [uri for _, uri in await connection.command("listplaylist", name)]
    except MpdRefusedError:
        return None
    uris = await tools.uris()
    ids = [uris.track_id(uri) or "" for uri in held]
    known = await tools.store.run(TrackStore.tracks, ids)
    return [known[track_id] for track_id in ids] if known.keys() >= set(ids) else None


async def _stick(tools: Tools, track: Track, uri: str, rating: Rating) -> None:
    """Sets MPD's sticker where the track is a song of its database (library mode): links have none.

    Args:
        tools: what it works with.
        track: what was rated.
        uri: by which MPD plays it; may be empty.
        rating: the user's verdict.
    """
    known = await known_songs(tools.settings, target=tools.target, store=tools.store)
    songs = {song for song in (uri, known.get(track.track_id)) if song and "://" not in song}
    try:
        for song in songs:
            async with tools.connect() as connection:
                await connection.command("sticker", "set", "song", song, _STICKER, _VALUES[rating])
    except MpdBridgeError as error:  # no sticker_file in mpd.conf, or MPD does not know the song yet
        log.debug("no sticker set", songs=songs, reason=str(error))
