"""The smallest MPD client that can be trusted: a blocking socket, beside python-mpd2 and beside the code under test."""

import socket
from pathlib import Path
from typing import Self

Pairs = list[tuple[str, str]]


class Ack(Exception):  # noqa: N818  # MPD's own word
    """MPD refused a command; the message is its ACK line."""


class RawClient:
    """One connection to MPD's Unix socket; connected and greeted when made."""

    def __init__(self, path: Path, *, limit: float = 20.0) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(limit)
        self._file = self.socket.makefile("rb")
        try:
            self.socket.connect(str(path))
            self.greeting = self._line()
        except OSError:
            self.close()
            raise

    def command(self, *args: str) -> Pairs:
        """Sends one command, quoted, and returns its answer; raises Ack."""
        self.send(quoted(*args) + "\n")
        return self.answer()

    def send(self, text: str) -> None:
        """Sends `text` as it is."""
        self.socket.sendall(text.encode())

    def answer(self) -> Pairs:
        """Reads up to OK; raises Ack."""
        pairs = []
        while (line := self._line()) != "OK":
            if line.startswith("ACK "):
                raise Ack(line)
            key, _, value = line.partition(": ")
            pairs.append((key, value))
        return pairs

    def close(self) -> None:
        self._file.close()
        self.socket.close()

    def _line(self) -> str:
        line = self._file.readline()
        if not line.endswith(b"\n"):
            raise ConnectionResetError("MPD closed the connection")
        return line[:-1].decode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class IdleWatcher:
    """A client in `idle`: tells which subsystems MPD reported since the last question."""

    def __init__(self, client: RawClient, subsystems: tuple[str, ...]) -> None:
        self._client = client
        self._idle = quoted("idle", *subsystems) + "\n"
        client.send(self._idle)

    def changed(self) -> set[str]:
        """What was reported so far. Every command answered before is in it, so an empty set proves silence."""
        self._client.send("noidle\n")
        return self._collect()

    def wait(self, limit: float = 10.0) -> set[str]:
        """Blocks until MPD reports something; raises TimeoutError after `limit` seconds."""
        self._client.socket.settimeout(limit)
        return self._collect()

    def _collect(self) -> set[str]:
        changed = {value for _, value in self._client.answer()}
        self._client.send(self._idle)
        return changed


def quoted(*args: str) -> str:
    """A command line without its newline. Nothing is sanitised: tests send bad things on purpose."""
    escaped = (arg.replace("\\", "\\\\").replace('"', '\\"') for arg in args[1:])
    return " ".join([args[0], *(f'"{arg}"' for arg in escaped)])
