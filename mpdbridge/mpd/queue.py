"""Putting tracks into MPD's queue, and telling which of ours it plays next."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Literal

from mpdbridge.errors import MpdRefusedError
from mpdbridge.models import Track
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.lengths import length_commands
from mpdbridge.mpd.library_songs import LibrarySongs
from mpdbridge.mpd.tag_diff import QueueEntry, diff, queue_entries
from mpdbridge.mpd.wire import Command
from mpdbridge.urls import ProxyUrls

_HIGHEST_PRIORITY = 255
_WINDOW = 2000  # entries that are read at a time


async def add_to_queue(
    connection: MpdConnection,
    urls: ProxyUrls,
    tracks: Sequence[Track],
    *,
    position: Literal["end", "next"] = "end",
    play: bool = False,
    songs: LibrarySongs | None = None,
    durations: bool = False,
) -> list[QueueEntry]:
    """Adds `tracks` to the queue in their order, tagged, and returns their entries, of which it does not read the tags.

    Args:
        connection: to the MPD whose queue it is.
        urls: of the relay that shall play them.
        tracks: what to add; none is fine.
        position: behind all, or right behind the current song (in random mode by priority, as mpc does it).
        play: start the first of them.
        songs: library mode's, which are added in place of links.
        durations: tell MPD before that how long it is; of others that is the tagger's to do.

    Raises:
        MpdRefusedError: e.g. the queue is full; what MPD took before stays in it.
        MpdUnavailableError: the connection broke.
    """
    if not tracks:
        return []
    status = dict(await connection.command("status")) if position == "next" else {}
    places = _places(status, len(tracks)) if position == "next" else [()] * len(tracks)
    uris = await queue_uris(connection, urls, tracks, songs)
    adding = [("addid", uri, *place) for uri, place in zip(uris, places, strict=True)]
    song_ids = [song_id for ((_, song_id),) in await connection.command_list(adding)]
    added = [QueueEntry(uri, song_id, {}) for uri, song_id in zip(uris, song_ids, strict=True)]
    commands = tagging(added, tracks)
    if status.get("random") == "1":
        commands += [
            ("prioid", str(max(_HIGHEST_PRIORITY - number, 1)), song_id) for number, song_id in enumerate(song_ids)
        ]
    if play:
        if durations:
            await tell_length(connection, added[0], tracks[0])
        commands.append(("playid", song_ids[0]))
    await connection.command_list(commands)
    return added


async def queue_uris(
    connection: MpdConnection, urls: ProxyUrls, tracks: Sequence[Track], songs: LibrarySongs | None
) -> list[str]:
    """What stands for each track in the queue: the song that it is in MPD's database, or else the link to the relay."""
    known = await songs.of(connection, tracks) if songs is not None else {}
    return [known.get(track.track_id) or urls.of(track) for track in tracks]


def tagging(added: Sequence[QueueEntry], tracks: Sequence[Track]) -> list[Command]:
    """The commands that give new entries the tags of the tracks they play; songs of MPD's database have theirs."""
    links = ((entry, track) for entry, track in zip(added, tracks, strict=True) if _is_link(entry))
    return [command for entry, track in links for command in diff(entry, track)]


async def tell_length(connection: MpdConnection, added: QueueEntry, track: Track) -> None:
    """Gives a new entry that may be about to start the length of the track it plays, where that is known.

    While it plays nobody can, and clients would show no length of it in the queue. Songs of MPD's database have theirs.
    """
    for command in length_commands(added, track) if _is_link(added) else ():
        with suppress(MpdRefusedError):  # it plays already, or we may not
            await connection.command(*command)


def _is_link(entry: QueueEntry) -> bool:
    return "://" in entry.uri


def _places(status: Mapping[str, str], count: int) -> list[tuple[str, ...]]:
    # MPD 0.23 and later: +0 is right behind the current song. Without one, the first places are played next.
    sign = "+" if "song" in status else ""
    return [(f"{sign}{number}",) for number in range(count)]


async def entries_at(connection: MpdConnection, positions: range) -> list[QueueEntry]:
    """The entries at `positions`, as far as they are there, with the tags that this connection is told."""
    entries: list[QueueEntry] = []
    for start in range(positions.start, positions.stop, _WINDOW):
        # Unlike `playlistinfo`, this is no error for a position that has gone meanwhile.
        window = f"{start}:{min(start + _WINDOW, positions.stop)}"
        entries += queue_entries(await connection.command("plchanges", "0", window))
    return entries


async def upcoming(connection: MpdConnection, urls: ProxyUrls, count: int) -> list[str]:
    """The ids of those of the next `count` songs that play through our relay, the first to play first."""
    positions = next_positions(dict(await connection.command("status")), count)
    if not positions:
        return []
    # Unlike `playlistinfo`, this is no error for a position that has gone meanwhile.
    asking = [("plchanges", "0", f"{position}:{position + 1}") for position in positions]
    answers = await connection.command_list(asking)
    found = (urls.track_id(entry.uri) for answer in answers for entry in queue_entries(answer))
    return list(dict.fromkeys(track_id for track_id in found if track_id is not None))


def next_positions(status: Mapping[str, str], count: int) -> list[int]:
    """Queue positions of the songs that MPD plays next, as far as its `status` lets us know; at most `count`.

    When stopped, that begins with the song that `play` would start. In random mode MPD tells one song only, and in
    single mode nothing follows the next one by itself.
    """
    length = int(status["playlistlength"])
    stopped, alone = status["state"] == "stop", status["random"] == "1" or status["single"] != "0"
    if stopped and "song" in status:
        first = int(status["song"])
    elif "nextsong" in status:
        first = int(status["nextsong"])
    elif stopped and status["random"] == "0":
        first = 0
    else:
        return []
    positions = range(first, first + min(1 if alone else count, count, length))
    if status["repeat"] == "1":
        return [position % length for position in positions]
    return [position for position in positions if position < length]
