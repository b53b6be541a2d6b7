"""Where MPD keeps its stored playlists and its music: for the fallback that writes playlist files, and library mode.

The configuration knows best, then MPD itself, then MPD's configuration file. A file that belongs to another MPD than
ours must not be believed: its folders are somebody else's.
"""

import asyncio
import os
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self, get_args

from mpdbridge.errors import MpdRefusedError, MpdUnavailableError
from mpdbridge.mpd.address import DEFAULT_PORT, SYSTEM_SOCKET, MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.peer import MpdHost

# A setting in mpd.conf(5): a word and a quoted value; or the braces of a block, whose settings mean something else.
_SETTING = re.compile(r'^\s*(\w+)\s+"((?:[^"\\]|\\.)*)"')
_BLOCK_START = re.compile(r"^\s*\w+\s*\{")
_BLOCK_END = re.compile(r"^\s*\}")


Folder = Literal["playlist_directory", "music_directory"]


async def find_playlist_directory(
    address: MpdAddress, *, configured: Path | None = None, env: Mapping[str, str] = os.environ
) -> Path | None:
    """The folder of the stored playlists of the MPD at `address`, or None when it cannot be known.

    Args:
        address: the MPD, which need not be running.
        configured: `mpd.playlist_directory`, taken as it is.
        env: the environment, for $HOME and $XDG_CONFIG_HOME.
    """
    return configured or await _find("playlist_directory", address, env)


async def find_music_directory(
    address: MpdAddress, *, configured: Path | None = None, env: Mapping[str, str] = os.environ
) -> Path | None:
    """The folder of the music of the MPD at `address`, or None when it cannot be known, or is none of files.

    Args:
        address: the MPD.
        configured: `mpd.music_directory`, taken as it is.
        env: the environment, for $HOME and $XDG_CONFIG_HOME.
    """
    found = configured or await _find("music_directory", address, env)
    return found if found is not None and found.is_absolute() else None  # MPD can read music from smb:// and nfs://


async def configured_playlist_length(address: MpdAddress, env: Mapping[str, str] = os.environ) -> int | None:
    """`max_playlist_length` of the mpd.conf of the MPD at `address`; None when none says it that we can read."""
    return next((conf.playlist_length for conf in await _files(address, env) if conf.playlist_length), None)


async def _find(setting: Folder, address: MpdAddress, env: Mapping[str, str]) -> Path | None:
    return await _told_by_mpd(setting, address) or await _told_by_files(setting, address, env)


async def _told_by_mpd(setting: Folder, address: MpdAddress) -> Path | None:
    """What MPD answers to `config`: only to local clients, and its playlist_directory only from 0.24 on."""
    if address.socket is None:
        return None
    try:
        async with MpdConnection(address, timeout=2.0) as connection:
            told = dict(await connection.command("config"))
    except (MpdUnavailableError, MpdRefusedError):
        return None
    return Path(told[setting]) if told.get(setting) else None


async def _told_by_files(setting: Folder, address: MpdAddress, env: Mapping[str, str]) -> Path | None:
    return next((conf.folders[setting] for conf in await _files(address, env) if setting in conf.folders), None)


async def _files(address: MpdAddress, env: Mapping[str, str]) -> "list[MpdConf]":
    """Every mpd.conf that is about this MPD, looked for where MPD looks for it (mpd(1))."""
    host = await MpdHost.find(address.host if address.socket is None else None)
    return await asyncio.to_thread(_read_files, address, env) if host.ours else []


def _read_files(address: MpdAddress, env: Mapping[str, str]) -> "list[MpdConf]":
    home = Path(env.get("HOME") or Path.home())
    config_home = Path(env.get("XDG_CONFIG_HOME") or home / ".config")
    places = (config_home / "mpd/mpd.conf", home / ".mpdconf", home / ".mpd/mpd.conf", Path("/etc/mpd.conf"))
    read: list[MpdConf] = []
    for place in places:
        try:
            text = place.read_text("utf-8", "replace")
        except OSError:  # absent, or not for us to read
            continue
        read.append(MpdConf.parse(text, {"HOME": str(home), "XDG_CONFIG_HOME": str(config_home), **env}))
    return [conf for conf in read if conf.is_about(address, env)]


@dataclass(frozen=True, slots=True)
class MpdConf:
    """What an mpd.conf says about where MPD listens and keeps its playlists.

    Attributes:
        folders: the folders that it names.
        bound: the values of bind_to_address.
        playlist_length: max_playlist_length; None where MPD's own default counts.
    """

    folders: Mapping[Folder, Path] = field(default_factory=dict)
    port: int = DEFAULT_PORT
    bound: tuple[str, ...] = field(default=())
    playlist_length: int | None = None

    @classmethod
    def parse(cls, text: str, env: Mapping[str, str]) -> Self:
        """Reads the text of an mpd.conf. Paths may begin with ~ or, as MPD takes them, $HOME or $XDG_CONFIG_HOME."""
        settings = list(_settings(text))
        last = dict(settings)
        port, length, user = last.get("port", ""), last.get("max_playlist_length", ""), last.get("user")
        return cls(
            folders={name: _path(last[name], user, env) for name in get_args(Folder) if last.get(name)},
            port=int(port) if port.isdecimal() else DEFAULT_PORT,
            bound=tuple(str(_path(value, None, env)) for key, value in settings if key == "bind_to_address"),
            playlist_length=int(length) if length.isdecimal() else None,
        )

    def is_about(self, address: MpdAddress, env: Mapping[str, str]) -> bool:
        """Whether the MPD of this file is the one at `address`, as far as can be told."""
        if address.socket is not None:
            # A system service gets its socket from systemd, and its mpd.conf does not mention it.
            usual = {SYSTEM_SOCKET, f"{env.get('XDG_RUNTIME_DIR')}/mpd/socket"}
            return address.socket in {*self.bound, *usual}
        ports = {int(found[1]) for found in (re.search(r":(\d+)$", value) for value in self.bound) if found}
        return address.port in {self.port, *ports}


def _settings(text: str) -> Iterator[tuple[str, str]]:
    in_block = False
    for line in text.splitlines():
        if _BLOCK_START.match(line):
            in_block = True
        elif _BLOCK_END.match(line):
            in_block = False
        elif not in_block and (found := _SETTING.match(line)):
            yield found[1], re.sub(r"\\(.)", r"\1", found[2])


def _path(value: str, user: str | None, env: Mapping[str, str]) -> Path:
    value = string.Template(value).safe_substitute(env)
    if value == "~" or value.startswith("~/"):
        # ~ is the home of the user that MPD runs as.
        value = f"~{user}{value[1:]}" if user else f"{env['HOME']}{value[1:]}"
    try:
        return Path(value).expanduser()
    except RuntimeError:  # no such user
        return Path(value)
