"""An entry of MPD's queue gives its place to others: position, priority, and the playing itself."""

from collections.abc import Sequence

from mpdbridge.errors import MpdRefusedError
from mpdbridge.models import Track
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.queue import tagging, tell_length
from mpdbridge.mpd.tag_diff import QueueEntry, queue_entries
from mpdbridge.mpd.wire import ACK_NO_EXIST, Command
from mpdbridge.mpd.wish import Player, Wish

_STATUS: Command = ("status",)


async def replace_entry(
    connection: MpdConnection,
    song_id: str,
    uris: Sequence[str],
    *,
    tracks: Sequence[Track] = (),
    wish: Wish | None = None,
    durations: bool = False,
) -> list[str]:
    """Puts `uris` where the entry `song_id` stands, removes it, and returns the new entries' song ids.

    They have its priority. If it is playing, or was asked to, the first of them plays then, and other clients see no
    stop in between; if it is where MPD stands while stopped, MPD stands at the first of them.

    Args:
        connection: to the MPD whose queue it is.
        song_id: of the entry.
        uris: at least one.
        tracks: what the `uris` play, for their tags; or none.
        wish: tells whether it was asked to play. MPD may be asked at any moment, and then answer us late.
        durations: tell MPD how long the first of the `tracks` is, before it is played.

    Raises:
        MpdRefusedError: the entry is gone (code 50), or MPD takes no more; the queue is as it was.
        MpdUnavailableError: the connection broke.
    """
    status, found = await connection.command_list([_STATUS, ("playlistid", song_id)])
    entry = dict(found)
    position = int(entry["Pos"])
    new = await _add(connection, uris, position, dict(status)["playlist"])

    def wanted(now: Player) -> bool:
        return _plays(now, song_id) or (wish is not None and wish.stands(now, position + len(new)))

    entries = [QueueEntry(uri, each, {}) for uri, each in zip(uris, new, strict=True)]
    commands = tagging(entries, tracks) if tracks else []
    if "Prio" in entry:
        commands += [("prioid", entry["Prio"], each) for each in new]
    if durations and tracks:
        await tell_length(connection, entries[0], tracks[0])
    now = Player.of(dict(await connection.command("status")))
    begin = [("stop",), ("playid", new[0])]  # from a stop MPD does not stand still until the first bytes are there
    if played := wanted(now):
        commands += begin
    elif now.song_id == song_id:
        commands += [("playid", new[0]), ("stop",)]
    try:
        last, *_ = await connection.command_list([_STATUS, *commands, ("deleteid", song_id)])
    except MpdRefusedError:
        await _take_back(connection, new)
        raise
    if not played and wanted(Player.of(dict(last))):  # it was asked for just before our list
        await connection.command_list(begin)
    return new


async def exchange_entry(connection: MpdConnection, song_id: str, uri: str, track: Track) -> None:
    """As `replace_entry` with one `uri`, which plays `track`; but where MPD does not stand at the entry, in one piece.

    So who is killed meanwhile leaves no entry twice.
    """
    status, found = await connection.command_list([_STATUS, ("playlistid", song_id)])
    if Player.of(dict(status)).song_id == song_id:
        await replace_entry(connection, song_id, [uri], tracks=[track])
        return
    entry = dict(found)
    priority = [("prio", entry["Prio"], entry["Pos"])] if "Prio" in entry else []
    exchange = [("addid", uri, entry["Pos"]), *priority, ("deleteid", song_id)]
    # The first one fails if the entry is gone, and nothing is added then.
    _, status, ((_, new),), *_ = await connection.command_list([("playlistid", song_id), _STATUS, *exchange])
    if _plays(Player.of(dict(status)), song_id):  # it has come to that just now
        await connection.command_list([("stop",), ("playid", new)])
    await connection.command_list(tagging([QueueEntry(uri, new, {})], [track]))


def _plays(player: Player, song_id: str) -> bool:
    return player.state == "play" and player.song_id == song_id


async def _add(connection: MpdConnection, uris: Sequence[str], position: int, version: str) -> list[str]:
    adding = [("addid", uri, str(position + number)) for number, uri in enumerate(uris)]
    try:
        return [song_id for ((_, song_id),) in await connection.command_list(adding)]
    except MpdRefusedError as error:
        if taken := error.index:
            changes = await connection.command("plchanges", version, f"{position}:{position + taken}")
            await _take_back(connection, [each.song_id for each in queue_entries(changes) if each.uri in uris])
        raise


async def _take_back(connection: MpdConnection, song_ids: Sequence[str]) -> None:
    for song_id in song_ids:
        try:
            await connection.command("deleteid", song_id)
        except MpdRefusedError as error:
            if error.code != ACK_NO_EXIST:
                raise
