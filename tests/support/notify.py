"""The end of $NOTIFY_SOCKET that a service manager holds."""

import socket
import tempfile
from pathlib import Path
from typing import Self


class NotifySocket:
    """`with NotifySocket() as manager`: `manager.env` is for the service, `manager.wait("READY=1")` hears it.

    Attributes:
        heard: all lines so far, oldest first.
    """

    def __init__(self, *, watchdog: float | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="notify-", dir="/tmp")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._watchdog = watchdog
        self.path = Path(self._folder.name) / "s"
        self.heard: list[str] = []

    @property
    def env(self) -> dict[str, str]:
        watchdog = {} if self._watchdog is None else {"WATCHDOG_USEC": str(int(self._watchdog * 1e6))}
        return {"NOTIFY_SOCKET": str(self.path), **watchdog}

    def wait(self, line: str, limit: float = 20.0) -> None:
        """Returns when `line` comes; raises TimeoutError when nothing at all comes for `limit` seconds."""
        self._socket.settimeout(limit)
        while line not in (lines := self._socket.recv(65536).decode().split("\n")):
            self.heard += lines
        self.heard += lines

    def pending(self) -> list[str]:
        """What has come and was not waited for."""
        self._socket.settimeout(0)
        lines: list[str] = []
        try:
            while True:
                lines += self._socket.recv(65536).decode().split("\n")
        except BlockingIOError:
            self.heard += lines
            return lines

    def __enter__(self) -> Self:
        self._socket.bind(str(self.path))
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._folder.cleanup()
