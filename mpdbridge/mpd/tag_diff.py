"""Which tags a queue entry of ours shall have, and the fewest commands that give it those. Pure.

Only the tags named in OWNED are ours. `addtagid` adds a value beside those that are there, so a tag is cleared first
when what it has is not the beginning of what it shall have. Tags that a track does not know are left as they are.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mpdbridge.models import Track
from mpdbridge.mpd.wire import Command
from mpdbridge.text import cut_utf8, one_line

OWNED = ("Artist", "Title", "Album", "AlbumArtist", "Track", "Date")
STREAM_NAME = "Name"
"""What a stream that wipes our tags (ICY, or an M3U's EXTINF) leaves behind; clients show it instead of a title."""

_VALUE_BYTES = 4000
"""Clients built on libmpdclient (mpc, ncmpcpp) read no line over 4,096 bytes, and then cannot show the queue at all.

Escaped and quoted it fits into a command, too: MPD closes the connection on a line over 8,191 bytes.
"""


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One song of the queue, as `plchanges` or `playlistinfo` reports it.

    Attributes:
        song_id: MPD's id of it, valid until it leaves the queue or MPD restarts.
        tags: every tag with its values, in MPD's order and spelling.
    """

    uri: str
    song_id: str
    tags: Mapping[str, Sequence[str]]


def queue_entries(pairs: Iterable[tuple[str, str]]) -> list[QueueEntry]:
    """The songs in an answer of `plchanges` or `playlistinfo`; each starts at its `file`."""
    entries: list[QueueEntry] = []
    tags: dict[str, list[str]] = {}
    uri = ""
    for key, value in pairs:
        if key == "file":
            tags, uri = {}, value
        elif key == "Id":
            entries.append(QueueEntry(uri, value, tags))
        elif key in tags:
            tags[key].append(value)
        else:
            tags[key] = [value]
    return entries


def desired_tags(track: Track) -> dict[str, list[str]]:
    """Every tag of OWNED that `track` knows, with its values: one Artist for each artist, one value for the others.

    The values are single lines that fit into a command; empty ones are left out.
    """
    number = None if track.track_number is None else str(track.track_number)
    tags: dict[str, list[str]] = {}
    if artists := [line for artist in dict.fromkeys(track.artists) if (line := tag_value(artist))]:
        tags["Artist"] = artists
    for tag, value in (
        ("Title", track.title),
        ("Album", track.album),
        ("AlbumArtist", track.album_artist),
        ("Track", number),
        ("Date", track.date),
    ):
        if value and (line := tag_value(value)):
            tags[tag] = [line]
    return tags


def tag_value(value: str) -> str:
    """`value` as one line, cut on a character boundary to what every client can read."""
    if 4 * len(value) <= _VALUE_BYTES and value.isprintable():  # as good as all of them, and there may be 60,000
        return value.strip()
    return cut_utf8(one_line(value), _VALUE_BYTES).strip()


def diff(entry: QueueEntry, track: Track, *, kept: Collection[str] = OWNED) -> list[Command]:
    """The fewest `cleartagid` and `addtagid` that give `entry` the tags of `track`; none when it has them.

    Args:
        entry: what MPD reports now.
        track: what the entry plays.
        kept: the tags that this MPD keeps (`tagtypes`; mpd.conf's `metadata_to_use` may leave some out).
    """
    song_id = entry.song_id
    commands: list[Command] = []
    for tag, values in desired_tags(track).items():
        present = entry.tags.get(tag)
        if present == values or tag not in kept:
            continue
        missing = values
        if present and values[: len(present)] == present:
            missing = values[len(present) :]
        elif present:
            commands.append(("cleartagid", song_id, tag))
        for value in missing:
            commands.append(("addtagid", song_id, tag, value))  # noqa: PERF401  # a comprehension costs more for one
    if commands and STREAM_NAME in entry.tags:
        commands.append(("cleartagid", song_id, STREAM_NAME))
    return commands
