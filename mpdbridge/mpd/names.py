"""Names of stored playlists: what MPD takes, and the reserved ones under which playlists are built. Pure.

MPD makes a file `<name>.m3u` of each playlist and lists every one it can name; no name is hidden from its clients
(measured: a leading dot is not). So a playlist under construction has a name that tells what it is and who builds it,
`.mpdbridge-<host>-<pid>-<token>`, and is gone after a moment. No name from outside can be one: `legal_name` never
starts with a dot.
"""

import re
from dataclasses import dataclass

from mpdbridge.text import cut_utf8, one_line

_NAME_BYTES = 255 - len(".m3u")  # a file name has 255 bytes at most
_UNTITLED = "Untitled"
_HIDDEN = re.compile(r"\.mpdbridge-(?P<host>[0-9a-f]{8})-(?P<pid>[0-9]{1,10})-(?P<token>[0-9a-f]{8})")


def legal_name(name: str) -> str:
    """`name` as MPD takes it for a stored playlist, as close to it as can be; the same when applied twice.

    One line, at most 251 bytes, no `/`, not empty, and no dot in front, which would hide the file in its folder.
    """
    name = one_line(name).replace("/", "∕")
    if name.startswith("."):
        name = f"․{name[1:]}"
    return cut_utf8(name, _NAME_BYTES).rstrip() or _UNTITLED


@dataclass(frozen=True, slots=True)
class HiddenName:
    """The name of a playlist under construction.

    Attributes:
        host: 8 hex digits for the machine that builds it.
        pid: the process that builds it.
        token: 8 hex digits, so that no two are the same.
    """

    host: str
    pid: int
    token: str

    def __str__(self) -> str:
        return f".mpdbridge-{self.host}-{self.pid}-{self.token}"

    @classmethod
    def parse(cls, name: str) -> "HiddenName | None":
        """What `name` tells, or None for a name that this program never makes."""
        found = _HIDDEN.fullmatch(name)
        return None if found is None else cls(found["host"], int(found["pid"]), found["token"])
