"""Stored playlists built aside: filled under a reserved name, read back, and put in their place in one command list.

However far a build comes before this process is killed, clients see the playlist as it was, and the reserved name
(`names.HiddenName`) tells a later run what to clear away.
"""

import os
import secrets
import socket
import time
import zlib
from collections.abc import Sequence
from datetime import datetime

from mpdbridge.concurrency import Clock
from mpdbridge.errors import MpdRefusedError
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.names import HiddenName
from mpdbridge.mpd.wire import ACK_ARG, ACK_NO_EXIST, ACK_PLAYLIST_MAX, Answer, Command

# MPD cuts the connection over a longer answer (max_output_buffer_size, 8 MiB unless configured), so the playlist could
# never be read again.
_ANSWER_LIMIT = 8 << 20
_FOREIGN_LEFTOVER_AGE = 3600.0  # seconds; whether a process on another host still builds cannot be seen, only guessed
_PLACEHOLDER = "http://localhost/"
_FIRST_WITH_POSITIONS = (0, 23, 3)


class PlaylistBuilder:
    """Builds stored playlists over `connection`, which the caller has opened.

    Attributes:
        longest: entries that this MPD loads of a playlist (max_playlist_length), once that has shown; None before. What
            is longer is cut there.
    """

    def __init__(self, *, connection: MpdConnection, clock: Clock = time.time) -> None:
        self._connection = connection
        self._clock = clock
        self._host = f"{zlib.crc32(socket.gethostname().encode()):08x}"
        self._under_way: set[str] = set()
        self.longest: int | None = None

    async def create(self, name: str, uris: Sequence[str]) -> int:
        """Makes a new playlist `name`. Returns the number of commands that took.

        Raises:
            MpdRefusedError: MPD will not; code 56 when there is a playlist of that name.
        """
        return await self._build(name, uris, replace=False)

    async def replace(self, name: str, uris: Sequence[str]) -> int:
        """Puts a new playlist in the place of `name`. Returns the number of commands that took.

        Raises:
            MpdRefusedError: MPD will not; the old one is still there.
        """
        return await self._build(name, uris, replace=True)

    async def clear_leftovers(self) -> None:
        """Removes what killed or cut off runs left under construction.

        What a living process builds is left alone. Of another host's processes nothing is known, so what those left
        goes when it is an hour old.
        """
        for name, modified in _listed(await self._connection.command("listplaylists")):
            hidden = HiddenName.parse(name)
            if hidden is not None and name not in self._under_way and self._is_dead(hidden, modified):
                await remove_if_there(self._connection, name)

    def _is_dead(self, hidden: HiddenName, modified: float) -> bool:
        if hidden.host != self._host:
            return self._clock() - modified > _FOREIGN_LEFTOVER_AGE
        return hidden.pid == os.getpid() or not _lives(hidden.pid)

    async def _build(self, name: str, uris: Sequence[str], *, replace: bool) -> int:
        fitting = uris[: self.longest]
        _check_size(name, fitting)
        hidden, ready = self._hidden_name(), self._hidden_name()
        self._under_way |= {hidden, ready}
        try:
            sent = await self._fill(hidden, fitting)
            if self.longest is None or len(fitting) <= self.longest:
                await self._check(hidden, name, fitting)
                return sent + await (self._swap(hidden, ready, name) if replace else self._place(hidden, name))
            await remove_if_there(self._connection, hidden)
        except MpdRefusedError:
            for leftover in (hidden, ready):
                await remove_if_there(self._connection, leftover)
            raise
        finally:
            self._under_way -= {hidden, ready}
        return await self._build(name, uris, replace=replace)

    async def _fill(self, hidden: str, uris: Sequence[str]) -> int:
        """Returns the number of commands; where MPD showed that this is too long for it, `longest` tells.

        `playlistadd` at the end takes any number of entries, whatever `load` makes of them; at a position it refuses
        one that is too many (measured, 0.23.12), so the last is added that way.
        """
        commands = _filling(hidden, uris, last_by_position=takes_positions(self._connection))
        try:
            await self._connection.command_list(commands)
        except MpdRefusedError as error:
            if error.index != len(commands) - 1 or error.code not in (ACK_PLAYLIST_MAX, ACK_ARG):
                raise
            longest = await self._loaded(hidden)
            # `Stored playlist is too large`, or `Bad position` when all the others are too many already.
            if longest is None or (error.code == ACK_ARG and longest >= len(uris) - 1):
                raise
            self.longest = longest
        return len(commands)

    async def _loaded(self, hidden: str) -> int | None:
        """How many entries MPD loads of a playlist, which loses the others: an edit by position keeps what it loads."""
        try:
            answers = await self._connection.command_list([("playlistdelete", hidden, "0"), ("listplaylist", hidden)])
        except MpdRefusedError:
            return None
        return len(answers[-1]) + 1

    async def _check(self, hidden: str, name: str, uris: Sequence[str]) -> None:
        held = [value for _, value in await self._connection.command("listplaylist", hidden)]
        if held != list(uris):
            given, kept = next((pair for pair in zip(uris, held, strict=False) if pair[0] != pair[1]), ("", ""))
            difference = f"{given!r} became {kept!r}" if given != kept else f"{len(held)} of {len(uris)} entries"
            raise MpdRefusedError(
                f"playlist {name!r}: MPD does not keep what it was given ({difference}); it stays as it was",
                code=ACK_ARG,
                command="playlistadd",
            )

    async def _place(self, hidden: str, name: str) -> int:
        await self._connection.command("rename", hidden, name)
        return 1

    async def _swap(self, hidden: str, ready: str, name: str) -> int:
        # The first rename proves that ours is there before the old one goes.
        swap = [("rename", hidden, ready), ("rm", name), ("rename", ready, name)]
        try:
            await self._connection.command_list(swap)
        except MpdRefusedError as error:
            if (error.index, error.code) != (1, ACK_NO_EXIST):
                raise
            await self._connection.command("rename", ready, name)  # somebody removed the old one just now
        return len(swap)

    def _hidden_name(self) -> str:
        return str(HiddenName(self._host, os.getpid(), secrets.token_hex(4)))


async def remove_if_there(connection: MpdConnection, name: str) -> None:
    """Removes playlist `name` (`rm`); one that is not there counts as removed."""
    try:
        await connection.command("rm", name)
    except MpdRefusedError as error:
        if error.code != ACK_NO_EXIST:
            raise


def takes_positions(connection: MpdConnection) -> bool:
    """Whether this MPD knows `playlistadd NAME URI POSITION` and `playlistdelete NAME START:END`."""
    return tuple(map(int, connection.version.split("."))) >= _FIRST_WITH_POSITIONS


def _filling(hidden: str, uris: Sequence[str], *, last_by_position: bool) -> list[Command]:
    if not uris:  # MPD makes no empty playlist, but keeps one
        return [("playlistadd", hidden, _PLACEHOLDER), ("playlistdelete", hidden, "0")]
    commands: list[Command] = [("playlistadd", hidden, uri) for uri in uris]
    if last_by_position and len(uris) > 1:  # the first one makes the playlist
        commands[-1] = (*commands[-1], str(len(uris) - 1))
    return commands


def _check_size(name: str, uris: Sequence[str]) -> None:
    if sum(len(uri.encode()) + len("file: \n") for uri in uris) > _ANSWER_LIMIT:
        raise MpdRefusedError(
            f"playlist {name!r}: its {len(uris)} URIs are more than MPD can list (8 MiB); split it at its source",
            code=ACK_PLAYLIST_MAX,
        )


def _listed(answer: Answer) -> list[tuple[str, float]]:
    """Each stored playlist with the epoch second of its last change, from `listplaylists`."""
    listed: list[tuple[str, float]] = []
    for key, value in answer:
        if key == "playlist":
            listed.append((value, 0.0))
        elif key == "Last-Modified":
            listed[-1] = (listed[-1][0], datetime.fromisoformat(value).timestamp())
    return listed


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # under another user
        return True
    return True
