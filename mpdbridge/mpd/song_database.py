"""MPD's side of library mode: which of our songs its database has, updates of it, and what hangs on songs.

When MPD reads a changed sheet it takes the song out of its database and puts it in again. The song loses its stickers
by that, and leaves the queue (`dropped`).
"""

import asyncio
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from mpdbridge.errors import MpdRefusedError
from mpdbridge.models import Track
from mpdbridge.mpd import wire
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.replacing import exchange_entry
from mpdbridge.mpd.tag_diff import QueueEntry, queue_entries
from mpdbridge.mpd.wire import Answer, Command

_PAGE = 2000  # songs; MPD cuts the connection over an answer of more than 8 MiB
_MOST_FOLDERS = 16  # updated one by one; MPD queues 32 updates, and looking into all folders is fast
_PATIENCE = 120.0  # seconds that an update may take, with those that others have asked for before

Stickers = Mapping[str, str]


class SongDatabase:
    """The songs of one MPD below the folder `folder` of its music directory."""

    def __init__(self, *, connection: MpdConnection, folder: str, patience: float = _PATIENCE) -> None:
        self._connection = connection
        self._folder = folder
        self._patience = patience

    async def songs(self) -> set[str]:
        """The URIs of all songs below the folder (`find base`)."""
        await self._connection.ensure_open()
        found: set[str] = set()
        for start in range(0, 1 << 30, _PAGE):
            window = f"{start}:{start + _PAGE}"
            try:
                answer = await self._without_tags("find", "base", self._folder, "window", window)
            except MpdRefusedError as error:
                if error.code != wire.ACK_NO_EXIST:
                    raise
                break
            uris = [value for key, value in answer if key == "file"]
            found.update(uris)
            if len(uris) < _PAGE:
                break
        return found

    async def size(self) -> int:
        """How many songs there are in the whole database (`stats`)."""
        return int(dict(await self._connection.command("stats"))["songs"])

    async def update(self, changed: Iterable[str], known: Iterable[str]) -> bool:
        """Has MPD look at the sheets of the songs `changed`, and waits for it (`update`).

        Args:
            changed: URIs of songs whose sheets are new, changed or gone.
            known: URIs of the songs that its database has.

        Returns:
            Whether MPD has done it in time.

        Raises:
            MpdRefusedError: it does not let us.
        """
        jobs = [
            int(dict(await self._connection.command("update", folder))["updating_db"])
            for folder in folders_to_update(changed, known, self._folder)
        ]
        return await self._done(max(jobs, default=0))

    async def settled(self) -> bool:
        """Waits until MPD is not busy with its database, whoever had it look; returns whether that was in time."""
        return await self._done(math.inf)

    async def stickers(self, songs: Sequence[str]) -> dict[str, dict[str, str]]:
        """The stickers of those of `songs` that have some; none at all when MPD keeps no stickers.

        Raises:
            MpdRefusedError: it does not let us see them.
        """
        found: dict[str, dict[str, str]] = {}
        try:
            answers = await self._each([("sticker", "list", "song", uri) for uri in songs])
        except MpdRefusedError as error:
            if error.code != wire.ACK_UNKNOWN:  # "sticker database is disabled"
                raise
            return {}
        for uri, answer in zip(songs, answers, strict=True):
            if pairs := dict(value.partition("=")[::2] for key, value in answer or () if key == "sticker"):
                found[uri] = pairs
        return found

    async def add_stickers(self, stickers: Mapping[str, Stickers]) -> None:
        """Gives songs their stickers; those that are gone are left out."""
        each = ((uri, name, value) for uri, own in stickers.items() for name, value in own.items())
        await self._each([("sticker", "set", "song", *one) for one in each])

    async def queue(self) -> list[QueueEntry]:
        """All entries of the queue, in order."""
        return queue_entries(await self._without_tags("playlistinfo"))

    async def playing(self) -> str | None:
        """The URI of the current song, or None when MPD is stopped."""
        status, song = await self._connection.command_list([("status",), ("currentsong",)])
        return dict(song).get("file") if dict(status)["state"] != "stop" else None

    async def exchange(self, successors: Mapping[str, tuple[str, Track]]) -> None:
        """Gives the queue's entries of some songs other URIs, at their places; not the one that is being played.

        Args:
            successors: the new URI of each song, and the track that it plays.
        """
        playing = await self.playing()
        for entry in await self.queue():
            if entry.uri in successors and entry.uri != playing:
                uri, track = successors[entry.uri]
                try:
                    await exchange_entry(self._connection, entry.song_id, uri, track)
                except MpdRefusedError as error:
                    if error.code != wire.ACK_NO_EXIST:  # its user has removed it just now
                        raise

    async def in_playlists(self) -> set[str]:
        """All URIs that stand in stored playlists, whosoever they are (`listplaylist`)."""
        await self._connection.ensure_open()
        names = [value for key, value in await self._connection.command("listplaylists") if key == "playlist"]
        answers = await self._each([("listplaylist", name) for name in names])
        return {value for answer in answers for _, value in answer or ()}

    async def in_use(self, songs: Collection[str]) -> set[str]:
        """Those of `songs` that the queue, a stored playlist or a sticker points at; all when that cannot be seen."""
        used = {entry.uri for entry in await self.queue()} | await self.in_playlists()
        rest = [song for song in songs if song not in used]
        try:
            used |= (await self.stickers(rest)).keys()
        except MpdRefusedError:
            return set(songs)
        return used & set(songs)

    async def _done(self, job: float) -> bool:
        """Whether MPD does the update `job`, and all before it, in time."""
        try:
            async with asyncio.timeout(self._patience):
                while (at_work := await self._at_work()) is not None and at_work <= job:
                    await self._connection.idle("update")
        except TimeoutError:
            await self._connection.ensure_open()
            return False
        return True

    async def _at_work(self) -> int | None:
        """The number of the update that MPD is busy with."""
        number = dict(await self._connection.command("status")).get("updating_db")
        return None if number is None else int(number)

    async def _without_tags(self, *command: str) -> Answer:
        """The answer to `command` with as little of each song as can be."""
        return (await self._connection.command_list([("tagtypes", "clear"), command, ("tagtypes", "all")]))[1]

    async def _each(self, commands: Sequence[Command]) -> list[Answer | None]:
        """The answer to each of `commands`, which may be carried out twice; None where a song is not there."""
        missing: set[int] = set()
        while True:
            asked = [number for number in range(len(commands)) if number not in missing]
            try:
                answers = await self._connection.command_list([commands[number] for number in asked])
            except MpdRefusedError as error:
                if error.code != wire.ACK_NO_EXIST:
                    raise
                missing.add(asked[error.index])
            else:
                found = dict(zip(asked, answers, strict=True))
                return [found.get(number) for number in range(len(commands))]


def folders_to_update(changed: Iterable[str], known: Iterable[str], folder: str) -> list[str]:
    """The smallest folders to update so that MPD sees the sheets of the songs `changed`. Pure.

    MPD looks into a folder only when it knows the one around it, by the songs that it has in there: `known`.
    """
    inside = {""}
    for uri in known:
        _add_folders(uri, inside)
    wanted = {_nearest(_folder_of(uri), inside) for uri in changed}
    if len(wanted) > _MOST_FOLDERS:
        wanted = {_nearest(folder, inside)}
    return sorted(one for one in wanted if not any(around in wanted for around in _around(one)))


def _add_folders(uri: str, folders: set[str]) -> None:
    folder = _folder_of(uri)
    while folder and folder not in folders:
        folders.add(folder)
        folder = folder.rpartition("/")[0]


def _folder_of(uri: str) -> str:
    """The folder in which the sheet of a song stands."""
    return uri.rsplit("/", 2)[0]


def _nearest(folder: str, known: Collection[str]) -> str:
    while folder.rpartition("/")[0] not in known:
        folder = folder.rpartition("/")[0]
    return folder


def _around(folder: str) -> Iterator[str]:
    while "/" in folder:
        folder = folder.rpartition("/")[0]
        yield folder
