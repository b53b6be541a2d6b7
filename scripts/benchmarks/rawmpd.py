"""MPD's protocol on a bare socket: the yardstick. Lines out, answers counted in, nothing parsed that need not be."""

import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Self

# MPD drops a connection whose command list is over 2 MiB (max_command_list_size).
_LIST_BYTES = 2 * 1024 * 1024 - 64 * 1024


def quoted(*words: str) -> bytes:
    """A command with its arguments in MPD's quotes, and its newline."""
    escaped = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words[1:])
    return " ".join([words[0], *(f'"{word}"' for word in escaped)]).encode() + b"\n"


class RawMpd:
    """A blocking connection to MPD's Unix socket."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("rb")
        self._file.readline()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def command(self, *words: str) -> list[bytes]:
        """The lines of the answer, without OK."""
        self._socket.sendall(quoted(*words))
        return self._answer()

    def lists(self, lines: Iterable[bytes]) -> None:
        """Sends command lines in lists as long as MPD takes them, and waits for each list's OK."""
        batch, size = [b"command_list_begin\n"], 0
        for line in lines:
            if size + len(line) > _LIST_BYTES:
                self._list(batch)
                batch, size = [b"command_list_begin\n"], 0
            batch.append(line)
            size += len(line)
        self._list(batch)

    def _list(self, batch: list[bytes]) -> None:
        self._socket.sendall(b"".join([*batch, b"command_list_end\n"]))
        self._answer()

    def _answer(self) -> list[bytes]:
        lines: list[bytes] = []
        for line in self._file:
            if line == b"OK\n":
                return lines
            if line.startswith(b"ACK"):
                raise RuntimeError(line.decode())
            lines.append(line)
        raise RuntimeError("MPD closed the connection")
