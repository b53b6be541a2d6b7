"""Radio listeners: many clients of one server that each take audio as fast as it plays. Run by scripts/bench.

Prints `steady` when all of them play, and figures as JSON some seconds later; leaves when its standard input ends.
"""

import json
import socket
import sys
import time
from collections.abc import Sequence

from benchmarks.http import request

RATE = 20_000  # bytes per second: 160 kbit/s
_BUFFER = 2.0  # seconds of audio that a client waits for before it plays
_ROOM = 4.0  # seconds of audio that it takes ahead of what it plays, at most
_EVERY = 0.5  # seconds between two looks of the same client at its socket
_SLOTS = 50  # clients look in so many groups, one after the other
_CONNECT = 0.004  # seconds between two connections
_WARM = 12.0  # seconds after the last one: by then the kernel's buffers are full, and all goes at the speed of playing


class Listener:
    """One client.

    Attributes:
        bytes: what it received.
        underruns: how often it had nothing to play.
    """

    def __init__(self, port: int, path: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.sendall(request(path, Icy_MetaData="1"))
        self._socket.settimeout(0)
        self.bytes = 0
        self.underruns = 0
        self._since: float | None = None  # when it began to play, from byte `_from` on
        self._from = 0

    def look(self, now: float) -> None:
        """Takes what there is, as far as there is room. Raises RuntimeError when it is refused or comes to an end."""
        played = self._from + (0 if self._since is None else int((now - self._since) * RATE))
        room = played + int(_ROOM * RATE) - self.bytes
        try:
            while room > 0:
                data = self._socket.recv(room)
                if not data or (not self.bytes and data[9:10] != b"2"):
                    raise RuntimeError(f"a stream ended after {self.bytes} bytes: {data[:100]!r}")
                self.bytes += len(data)
                room -= len(data)
        except BlockingIOError:
            pass
        if self._since is None and self.bytes >= self._from + _BUFFER * RATE:
            self._since = now
        elif self._since is not None and self.bytes < played:
            self.underruns += 1
            self._since, self._from = None, self.bytes


def listen(listeners: Sequence[Listener], seconds: float) -> None:
    """Lets all of them look again and again for so long, evenly spread."""
    end = due = time.monotonic()
    end += seconds
    while due < end:
        for slot in range(_SLOTS):
            for listener in listeners[slot::_SLOTS]:
                listener.look(time.monotonic())
            due += _EVERY / _SLOTS
            time.sleep(max(0.0, due - time.monotonic()))


def main(port: int, count: int, seconds: float, paths: Sequence[str]) -> None:
    """Figures: `bytes` per second of all together, and the `underruns` that any of them ever had."""
    listeners: list[Listener] = []
    for number in range(count):
        listeners.append(Listener(port, paths[number % len(paths)]))
        if number % 100 == 99:
            listen(listeners, _EVERY)
        time.sleep(_CONNECT)
    listen(listeners, _WARM)
    before, start = sum(listener.bytes for listener in listeners), time.monotonic()
    print("steady", flush=True)
    listen(listeners, seconds)
    received = sum(listener.bytes for listener in listeners) - before
    silent = sum(not listener.bytes for listener in listeners)
    underruns = sum(listener.underruns for listener in listeners) + silent
    print(json.dumps({"rate": received / (time.monotonic() - start), "underruns": underruns}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:])
