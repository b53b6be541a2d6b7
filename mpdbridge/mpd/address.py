"""Where MPD is: the configuration, else the environment as every MPD client reads it, else the usual places."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mpdbridge.errors import ConfigError

if TYPE_CHECKING:  # pydantic costs more start-up time than all of this room
    from mpdbridge.config import MpdSettings

DEFAULT_PORT = 6600
SYSTEM_SOCKET = "/run/mpd/socket"


@dataclass(frozen=True, slots=True)
class MpdAddress:
    """One MPD: a Unix socket, or a host and a port. `str()` of it names the target, without the password.

    Attributes:
        unnamed: nobody said where it is, so it is looked for, see `now`.
        socket: path of a Unix socket, or `@name` of an abstract one; None for TCP.
        host: host name or address, used when there is no socket.
    """

    socket: str | None = None
    host: str = "localhost"
    port: int = DEFAULT_PORT
    password: str | None = field(default=None, repr=False)
    unnamed: bool = field(default=False, compare=False)

    def now(self) -> "MpdAddress":
        """Where it is by now: an MPD that starts after us makes its socket only then. Looks at files."""
        return _found(self.password, os.environ, os.path.exists) if self.unnamed else self

    def __str__(self) -> str:
        if self.socket is not None:
            return self.socket
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def resolve_address(
    settings: "MpdSettings",
    env: Mapping[str, str] = os.environ,
    exists: Callable[[str], bool] = os.path.exists,
) -> MpdAddress:
    """The MPD to talk to.

    `settings` goes before MPD_HOST and MPD_PORT (forms as in mpc(1): `password@host`, `/socket`, `@abstract`). With
    neither, the first that exists of $XDG_RUNTIME_DIR/mpd/socket and /run/mpd/socket, else localhost:6600.

    Raises:
        ConfigError: MPD_PORT is no port number.
    """
    password, named = _split_password(settings.host or env.get("MPD_HOST", ""))
    if settings.password is not None:
        password = settings.password.get_secret_value()
    port = settings.port or _port(env.get("MPD_PORT", ""))
    if named.startswith(("/", "~", "@")):
        socket = named if named.startswith("@") else str(Path(named).expanduser())
        return MpdAddress(socket=socket, password=password)
    if not named and port is None:
        return _found(password, env, exists)
    return MpdAddress(host=named.strip("[]") or "localhost", port=port or DEFAULT_PORT, password=password)


def _found(password: str | None, env: Mapping[str, str], exists: Callable[[str], bool]) -> MpdAddress:
    runtime = env.get("XDG_RUNTIME_DIR")
    for socket in (f"{runtime}/mpd/socket" if runtime else "", SYSTEM_SOCKET):
        if socket and exists(socket):
            return MpdAddress(socket=socket, password=password, unnamed=True)
    return MpdAddress(password=password, unnamed=True)


def _split_password(value: str) -> tuple[str | None, str]:
    # As libmpdclient does it: the first @ divides, but one in front marks an abstract socket.
    head, at, tail = value.partition("@")
    return (head, tail) if at and head else (None, value)


def _port(value: str) -> int | None:
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
        raise ConfigError(f"environment: MPD_PORT is {value!r}; set it to MPD's port number, usually {DEFAULT_PORT}")
    return int(value)
