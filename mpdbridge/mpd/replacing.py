"""An entry of MPD's queue gives its place to others: position, priority, and the playing itself."""

from collections.abc import Sequence

from mpdbridge.errors import MpdRefusedError
from mpdbridge.models import Track
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.queue import tagging
from mpdbridge.mpd.tag_diff import queue_entries
from mpdbridge.mpd.wire import ACK_NO_EXIST, Command

_STATUS: Command = ("status",)


async def replace_entry(
    connection: MpdConnection,
    song_id: str,
    uris: Sequence[str],
    *,
    tracks: Sequence[Track] = (),
    play: bool = False,
) -> list[str]:
    """Puts `uris` where the entry `song_id` stands, removes it, and returns the new entries' song ids.

    They have its priority. If it is playing, the first of them plays then, and other clients see no stop in between; if
    it is where MPD stands while stopped, MPD stands at the first of them.

    Args:
        connection: to the MPD whose queue it is.
        song_id: of the entry.
        uris: at least one.
        tracks: what the `uris` play, for their tags; or none.
        play: play the first of them in any case.

    Raises:
        MpdRefusedError: the entry is gone (code 50), or MPD takes no more; the queue is as it was.
        MpdUnavailableError: the connection broke.
    """
    status, found = await connection.command_list([_STATUS, ("playlistid", song_id)])
    entry = dict(found)
    position = int(entry["Pos"])
    new = await _add(connection, uris, position, dict(status)["playlist"])
    commands = tagging(new, tracks) if tracks else []
    if "Prio" in entry:
        commands += [("prioid", entry["Prio"], each) for each in new]
    state = dict(await connection.command("status"))
    at_it = state.get("songid") == song_id
    if play or (at_it and state["state"] == "play"):
        # From a stop MPD starts without waiting for the first bytes; from another song it would stand still for them.
        commands += [("stop",), ("playid", new[0])]
    elif at_it:
        commands += [("playid", new[0]), ("stop",)]
    try:
        answers = await connection.command_list([_STATUS, *commands, ("deleteid", song_id)])
    except MpdRefusedError:
        await _take_back(connection, new)
        raise
    last = dict(answers[0])
    if last.get("songid") == song_id and last["state"] == "play" and commands[-1:] != [("playid", new[0])]:
        await connection.command_list([("stop",), ("playid", new[0])])  # it was started just before our list
    return new


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
