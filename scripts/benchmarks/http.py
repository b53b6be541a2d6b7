"""The smallest HTTP client that can take a time: a socket, one request, one buffer."""

import socket
import time
from contextlib import suppress

_BUFFER = 1024 * 1024


def request(path: str, **headers: str) -> bytes:
    """A GET whose answer ends with the connection."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def download(port: int, wanted: bytes) -> int:
    """Bytes of the whole answer, read as fast as it comes. Raises RuntimeError when it is not a 2xx."""
    buffer = memoryview(bytearray(_BUFFER))
    total = 0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(wanted)
        while count := connection.recv_into(buffer):
            if not total and not bytes(buffer[9:10]) == b"2":
                raise RuntimeError(bytes(buffer[:count]).decode(errors="replace"))
            total += count
    return total


def first_byte(port: int, wanted: bytes) -> float:
    """Seconds from before the connection until the first byte of the body; the rest is read and thrown away."""
    start = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(wanted)
        head = b""
        while not (body := head.partition(b"\r\n\r\n")[2]):
            chunk = connection.recv(65536)
            if not chunk:
                raise RuntimeError(f"no body: {head.decode(errors='replace')}")
            head += chunk
        seconds = time.perf_counter() - start
        while connection.recv(_BUFFER):
            pass
    return seconds if body else 0.0


def answers(port: int) -> bool:
    """Whether somebody listens on the port."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        return True
    return False
