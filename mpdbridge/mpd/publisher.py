"""Stored playlists in MPD: compared first, edited when little changed, else built aside and swapped in.

What other clients may see, at any moment and whenever this process is killed: the playlist as it was, or as it shall
be. MPD carries a command list out in one piece, so an edit is one list, and so is the swap. A list is no transaction
though: what stands before a failing command stays done. So a list that could be left half done begins with a command
that fails in that case, and changes nothing.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mpdbridge.concurrency import Clock
from mpdbridge.errors import MpdRefusedError
from mpdbridge.mpd import wire
from mpdbridge.mpd.builder import PlaylistBuilder, remove_if_there, takes_positions
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.edit_script import Append, Delete, Edit, edits
from mpdbridge.mpd.names import HiddenName
from mpdbridge.mpd.uptime import running_since
from mpdbridge.mpd.wire import ACK_NO_EXIST, Command

Change = Literal["unchanged", "edited", "replaced", "created"]

DEFAULT_LENGTH = 16_384
"""MPD's max_playlist_length where mpd.conf does not set it.

A positional edit silently cuts a longer playlist off there (measured, 0.23.12).
"""


@dataclass(frozen=True, slots=True)
class Published:
    """What `publish` did.

    Attributes:
        commands: commands sent to MPD that write; 0 for an unchanged playlist.
    """

    change: Change
    commands: int = 0


class PlaylistPublisher:
    """Keeps stored playlists of one MPD; one `publish` at a time.

    Attributes:
        doubted: a number of entries that MPD may not load; a playlist that gets longer is built aside, where it shows.
    """

    def __init__(self, *, connection: MpdConnection, clock: Clock = time.time) -> None:
        self._connection = connection
        self._clock = clock
        self._builder = PlaylistBuilder(connection=connection, clock=clock)
        self.doubted: int | None = None

    @property
    def longest(self) -> int | None:
        """How many entries this MPD loads of a playlist, once that has shown, or was set; None before."""
        return self._builder.longest

    @longest.setter
    def longest(self, entries: int | None) -> None:
        self._builder.longest = entries

    async def running_since(self) -> float:
        """When MPD was started, epoch seconds give or take one (`stats`)."""
        await self._connection.ensure_open()
        return await running_since(self._connection, self._clock)

    async def names(self) -> set[str]:
        """The names of all stored playlists (`listplaylists`), without those under construction."""
        await self._connection.ensure_open()
        listed = await self._connection.command("listplaylists")
        return {value for key, value in listed if key == "playlist" and HiddenName.parse(value) is None}

    async def read(self, name: str) -> list[str]:
        """The URIs of playlist `name` in order (`listplaylist`)."""
        await self._connection.ensure_open()
        return [value for _, value in await self._connection.command("listplaylist", name)]

    async def publish(self, name: str, uris: Sequence[str], *, new: bool = False) -> Published:
        """Makes playlist `name` hold exactly `uris`, or the `longest` beginning of them that MPD loads.

        Whose it is, is the caller's business; it may say that it has to be `new`.

        Raises:
            MpdRefusedError: MPD will not (permission, stored playlists off, a URI or name it does not take); code 56
                when it is there, and has to be new.
            MpdUnavailableError: the connection broke; the playlist is as it was, or as it shall be.
        """
        await self._connection.ensure_open()
        wanted = list(uris[: self.longest])
        current = None if new else await self._read_if_there(name)
        if current is None:
            return self._built("created", wanted, await self._builder.create(name, wanted))
        if current == wanted:
            return Published("unchanged")
        commands = self._in_place(name, current, wanted)
        if commands and await self._edit(name, commands, wanted):
            return Published("edited", len(commands))
        return self._built("replaced", wanted, await self._builder.replace(name, wanted))

    async def remove(self, name: str) -> None:
        """Removes playlist `name` (`rm`); one that is not there counts as removed."""
        await self._connection.ensure_open()
        await remove_if_there(self._connection, name)

    async def rename(self, old: str, new: str) -> None:
        """Renames playlist `old`; MpdRefusedError with code 56 when `new` is there already."""
        await self._connection.ensure_open()
        await self._connection.command("rename", old, new)

    async def clear_leftovers(self) -> None:
        """Removes what killed or cut off runs left under construction, and nothing else."""
        await self._connection.ensure_open()
        await self._builder.clear_leftovers()

    def _built(self, change: Change, wanted: Sequence[str], commands: int) -> Published:
        if self.longest is None and self.doubted is not None and len(wanted) > self.doubted:
            self.doubted = None
        return Published(change, commands)

    async def _read_if_there(self, name: str) -> list[str] | None:
        try:
            return await self.read(name)
        except MpdRefusedError as error:
            if error.code != ACK_NO_EXIST:
                raise
            return None

    def _in_place(self, name: str, current: list[str], wanted: list[str]) -> list[Command]:
        """The one command list that makes `wanted` of `current`; empty when a rebuild is better."""
        script = edits(current, wanted)
        if script is None or (self.doubted is not None and len(wanted) > self.doubted):
            return []
        commands = [_command(name, edit) for edit in script]
        appended = sum(isinstance(edit, Append) for edit in script)
        # MPD appends to the file as it stands: where the disk is full, that ends in the middle of a line. So the first
        # command writes the file anew, which changes nothing where there is no room for as much again as it holds.
        if appended > len(current):
            return []
        if appended < len(script):
            # What is appended comes first in a script.
            most = len(current) + appended
            if most > (self.longest or DEFAULT_LENGTH) or not takes_positions(self._connection):
                return []
            # If mpd.conf allows fewer entries than there are, MPD does not find the last one, and the list ends here.
            last = len(current) - 1
            guard: list[Command] = [("playlistdelete", name, str(last)), ("playlistadd", name, current[last])]
            commands = guard + commands if last >= 0 else commands
        elif takes_positions(self._connection):
            commands[-1] = (*commands[-1], str(len(wanted) - 1))  # refused when it is too many, as in `builder`
            if appended > 1:
                commands[0] = (*commands[0], str(len(current)))
        return commands if wire.fits_one_list(commands) else []

    async def _edit(self, name: str, commands: list[Command], wanted: list[str]) -> bool:
        """Whether `commands` made the playlist `wanted`; if not, somebody else changed it at the same time."""
        try:
            answers = await self._connection.command_list([*commands, ("listplaylist", name)])
        except MpdRefusedError:
            return False  # what forbids the edit will forbid the rebuild too, and be told then
        return [value for _, value in answers[-1]] == wanted


def _command(name: str, edit: Edit) -> Command:
    if isinstance(edit, Append):
        return ("playlistadd", name, edit.uri)
    if isinstance(edit, Delete):
        return ("playlistdelete", name, f"{edit.start}:{edit.stop}")
    return ("playlistadd", name, edit.uri, str(edit.position))
