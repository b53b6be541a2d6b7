"""The smallest HTTP client that can take a time: a socket, one request, one buffer."""

import re
import socket
import ssl
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.servers import Server

_BUFFER = 1024 * 1024


def request(path: str, **headers: str) -> bytes:
    """A GET whose answer ends with the connection, unless `headers` say otherwise."""
    told = {"Host": "localhost", "Connection": "close"} | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in told.items()]
    return "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode()


def connect(server: "Server") -> socket.socket:
    """A connection to `server`, with TLS if it speaks that."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if server.certificate is None:
        return connection
    context = ssl.create_default_context(cafile=str(server.certificate))
    return context.wrap_socket(connection, server_hostname="localhost")


def download(server: "Server", wanted: bytes) -> int:
    """Bytes of the whole answer, read as fast as it comes. Raises RuntimeError when it is not a 2xx."""
    buffer = memoryview(bytearray(_BUFFER))
    total = 0
    with connect(server) as connection:
        connection.sendall(wanted)
        while count := connection.recv_into(buffer):
            if not total and not bytes(buffer[9:10]) == b"2":
                raise RuntimeError(bytes(buffer[:count]).decode(errors="replace"))
            total += count
    return total


def first_byte(connection: socket.socket, wanted: bytes) -> float:
    """Seconds from the request until the first byte of the body; the rest is read and thrown away.

    Raises:
        RuntimeError: there is no body of a told length.
    """
    start = time.perf_counter()
    connection.sendall(wanted)
    answer = b""
    while not (body := answer.partition(b"\r\n\r\n")[2]):
        chunk = connection.recv(65536)
        if not chunk:
            raise RuntimeError(f"no body: {answer.decode(errors='replace')}")
        answer += chunk
    seconds = time.perf_counter() - start
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", answer)
    if length is None:
        raise RuntimeError(f"no length: {answer[:500].decode(errors='replace')}")
    left = int(length[1]) - len(body)
    while left:
        left -= len(connection.recv(min(left, _BUFFER)))
    return seconds


def answers(port: int) -> bool:
    """Whether somebody listens on the port."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        return True
    return False
