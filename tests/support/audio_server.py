"""A relay as plain as can be, in threads of its own: every path gives the same audio, as ranges or with ICY titles.

It is no part of the package, so that tests of the tagger do not lean on the relay they belong to.
"""

import io
import re
import time
import wave
from http.server import BaseHTTPRequestHandler

from support.threaded import ThreadedServer

_METAINT = 16000


def silence(seconds: int, *, rate: int = 8000) -> bytes:
    """A WAV file of this length, for tests that want something to play and nothing to hear.

    A short one wants a high `rate`. While all that is left of a song is in MPD's pipe to its output (256 KiB), and
    somebody asks for `status` at the wrong moment, MPD 0.23 misses its own wake-up call and answers nobody to the end.
    """
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(bytes(2 * rate * seconds))
    return file.getvalue()


class AudioServer(ThreadedServer):
    """`with AudioServer(body, "audio/webm") as server`: serves `body` on `server.port`.

    Attributes:
        icy_title: answer with ICY metadata that says this, and without ranges; None for plain ranges.
        delay: seconds before it answers.
        paths: of every request, oldest first.
    """

    def __init__(self, body: bytes, content_type: str, *, icy_title: str | None = None, delay: float = 0.0) -> None:
        super().__init__(_Handler)
        self.body = body
        self.content_type = content_type
        self.icy_title = icy_title
        self.delay = delay
        self.paths: list[str] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is what MPD does at every stop."""


class _Handler(BaseHTTPRequestHandler):
    server: AudioServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        time.sleep(self.server.delay)
        if self.server.icy_title is None:
            self._ranges(self.server.body)
        else:
            self._interleaved(self.server.body, self.server.icy_title)

    def _ranges(self, body: bytes) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        first = int(asked[1]) if asked else 0
        last = min(int(asked[2]), len(body) - 1) if asked and asked[2] else len(body) - 1
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
        self.send_header("Accept-Ranges", "bytes")
        self._send(body[first : last + 1])

    def _interleaved(self, body: bytes, title: str) -> None:
        text = f"StreamTitle='{title}';".encode()
        block = bytes([-(-len(text) // 16)]) + text + b"\0" * (-len(text) % 16)
        pieces = [body[at : at + _METAINT] for at in range(0, len(body), _METAINT)]
        self.send_response(200)
        self.send_header("icy-metaint", str(_METAINT))
        self.send_header("icy-name", "a station")
        self._send(b"".join([pieces[0], block, *(piece + b"\0" for piece in pieces[1:])]))

    def _send(self, body: bytes) -> None:
        self.send_header("Content-Type", self.server.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's own name
        """Nobody reads it."""
