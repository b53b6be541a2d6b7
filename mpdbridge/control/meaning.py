"""Which tracks a user means: the one that plays, a number of the last search, an id, or a link."""

import re
from collections.abc import Sequence

from mpdbridge.control.adding import Wanted, tracks_of
from mpdbridge.control.searching import last_search, parse_numbers
from mpdbridge.control.tools import Tools
from mpdbridge.errors import ConfigError, MpdBridgeError, SourceError
from mpdbridge.models import Track
from mpdbridge.store import TrackStore

_NUMBERS = re.compile(r"\d{1,4}(?:[,-]\d{1,4})*(?<!.{11})")  # an id has eleven characters at least


async def wanted(tools: Tools, text: str) -> Sequence[Wanted]:
    """What `text` stands for: results of the last search by their numbers, or anything that `add` takes.

    Raises:
        ConfigError: the last search has no such number.
    """
    if not _NUMBERS.fullmatch(text):
        return [text]
    last = await last_search(tools)
    if last is None:
        raise ConfigError(f"there is no result {text}: nothing was searched for yet")
    return last.pick(parse_numbers(text))


async def track_meant(tools: Tools, text: str) -> Track:
    """The one track that `text` stands for; empty: the one that MPD plays, or stands at.

    Raises:
        SourceError: it is none, or more than one.
        MpdBridgeError: MPD plays something else, or is away.
    """
    if not text:
        return (await playing(tools))[1]
    try:
        tracks = [track for one in await wanted(tools, text) for track in await tracks_of(tools, one)]
    except SourceError as error:
        raise SourceError(str(error) if text in str(error) else f"{text}: {error}") from error
    if len(tracks) != 1:
        raise SourceError(f"{text}: that is not one track but {len(tracks)}")
    await tools.store.run(TrackStore.upsert_tracks, tracks)
    return tracks[0]


async def playing(tools: Tools) -> tuple[str, Track]:
    """The URI of MPD's current song, and the track of ours that it is.

    Raises:
        MpdBridgeError: it is none of ours, there is none, or MPD is away.
    """
    async with tools.connect() as connection:
        song = dict(await connection.command("currentsong"))
    if "file" not in song:
        raise MpdBridgeError("MPD plays nothing: name a track, by its link or id")
    uris = await tools.uris()
    track_id = uris.track_id(song["file"])
    track = await tools.store.run(TrackStore.track, track_id) if track_id is not None else None
    if track is None:
        raise MpdBridgeError("what MPD plays did not come from mpdbridge: name a track, by its link or id")
    return song["file"], track
