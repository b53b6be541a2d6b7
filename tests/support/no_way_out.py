"""What the pages of the web are to an MPD under test: a proxy for https that lets nobody out, after a while."""

import socketserver
import threading
import time
from types import TracebackType
from typing import Self


class NoWayOut(socketserver.ThreadingTCPServer):
    """`with NoWayOut() as way`, and `start_mpd(https_proxy=way.port)`: every https link fails after `seconds`.

    Attributes:
        asked: hosts that were asked for.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), _Refusal)
        self.seconds = seconds
        self.asked: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Refusal(socketserver.StreamRequestHandler):
    server: NoWayOut

    def handle(self) -> None:
        self.server.asked.append(self.rfile.readline().split()[1].decode())
        while self.rfile.readline().strip():
            pass
        time.sleep(self.server.seconds)
        self.wfile.write(b"HTTP/1.1 502 Nothing to hear here\r\nContent-Length: 0\r\n\r\n")
