"""Small servers in a thread of their own, for tests of what asks them."""

import socketserver
import threading
from typing import Self


class ThreadedServer(socketserver.ThreadingTCPServer):
    """`with …(handler) as server`: listens on `server.port`, which the system has chosen."""

    daemon_threads = True

    def __init__(self, handler: type[socketserver.BaseRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()
