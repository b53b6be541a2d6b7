"""The sockets that the relay listens on."""

import asyncio
import errno
import http.client
import socket
from contextlib import ExitStack

from mpdbridge.errors import ProxyError
from mpdbridge.relay.health import ask_health
from mpdbridge.urls import ProxyUrls

# Asked of the kernel, which doubles it; accepted connections inherit it. With the 128 KiB that may wait for it, this is
# nearly all that a client costs who stands still: 512 KiB are allowed, see tests/relay/test_memory.py.
SEND_BUFFER = 128 * 1024
_ASKING = 1.0  # seconds for whoever holds the port to say who that is
_TRIES = 10  # for a port that is free on both loopback addresses


async def listening_sockets(host: str, port: int) -> list[socket.socket]:
    """Sockets bound to `host:port`, all on the same port; port 0 lets the system choose one.

    `localhost` is 127.0.0.1 and, where there is IPv6, ::1: clients try either first.

    Raises:
        ProxyError: the port is taken, or the host is none of this machine.
    """
    if host == "localhost":
        addresses = ["127.0.0.1", "::1"]
    else:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            raise ProxyError(f"the relay cannot listen on {host}: there is no such host; set proxy.host") from error
        addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    for _ in range(_TRIES - 1 if port == 0 else 0):
        try:
            return _bound(addresses, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:  # the system's choice for one address was taken on another
                break
    try:
        return _bound(addresses, port)
    except OSError as error:
        raise await _explained(error, host, port) from error


def _bound(addresses: list[str], port: int) -> list[socket.socket]:
    with ExitStack() as undo:
        bound: list[socket.socket] = []
        for address in addresses:
            try:
                listener = _bind(address, bound[0].getsockname()[1] if bound else port)
            except OSError as error:
                # A machine without IPv6 still has the other one.
                if bound and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    continue
                raise
            undo.callback(listener.close)
            bound.append(listener)
        undo.pop_all()
        return bound


def _bind(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # "::" takes IPv4 as well; any other address is itself alone.
    listener = socket.create_server((address, port), family=family, dualstack_ipv6=address == "::", backlog=128)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    return listener


async def _explained(error: OSError, host: str, port: int) -> ProxyError:
    if error.errno == errno.EADDRINUSE:
        return ProxyError(await _holder(host, port))
    return ProxyError(f"the relay cannot listen on {host}:{port}: {error.strerror}; set proxy.host and proxy.port")


async def _holder(host: str, port: int) -> str:
    """Who has taken the port, as far as he tells: one line, with the fix."""
    try:
        health = await ask_health(ProxyUrls.for_listener(host, port).base, patience=_ASKING)
    except ValueError:
        return f"port {port} on {host} is taken by another program; set proxy.port to a free one"
    except (OSError, http.client.HTTPException):
        return f"port {port} on {host} is taken (is another `mpdbridge watch` running?); set proxy.port"
    return (
        f"another mpdbridge (process {health.get('pid', 'unknown')}) listens on {host}:{port} already; "
        "stop it, or set another proxy.port"
    )
