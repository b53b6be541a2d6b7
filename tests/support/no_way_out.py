"""What the pages of the web are to an MPD under test: a proxy for https that lets nobody out, after a while."""

import socketserver
import time

from support.threaded import ThreadedServer


class NoWayOut(ThreadedServer):
    """`with NoWayOut() as way`, and `start_mpd(https_proxy=way.port)`: every https link fails after `seconds`.

    Attributes:
        asked: hosts that were asked for.
    """

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(_Refusal)
        self.seconds = seconds
        self.asked: list[str] = []


class _Refusal(socketserver.StreamRequestHandler):
    server: NoWayOut

    def handle(self) -> None:
        asked = self.rfile.readline().split()
        if not asked:
            return  # MPD has thought better of it
        self.server.asked.append(asked[1].decode())
        while self.rfile.readline().strip():
            pass
        time.sleep(self.server.seconds)
        self.wfile.write(b"HTTP/1.1 502 Nothing to hear here\r\nContent-Length: 0\r\n\r\n")
