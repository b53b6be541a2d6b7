"""Whether an HTTP request comes from the host that an MPD runs on. Only `MpdHost.find` waits, for the name resolver."""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import Self

_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class MpdHost:
    """The host of one MPD, as a set of IP addresses.

    Attributes:
        ours: MPD runs on this very host, so that every address of this host is one of its.
        addresses: the others it is known by.
    """

    ours: bool = False
    addresses: frozenset[_Ip] = frozenset()

    @classmethod
    async def find(cls, host: str | None) -> Self:
        """The host behind `host`, a name or an address; None stands for a Unix socket.

        A name that cannot be resolved gives a host that includes nobody.
        """
        if host is None:
            return cls(ours=True)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError:  # the connection, which needs the same answer, is about to report it
            return cls()
        parsed = (_parsed(str(sockaddr[0])) for *_, sockaddr in found)
        addresses = frozenset(address for address in parsed if address is not None)
        return cls(ours=any(map(_is_own, addresses)), addresses=addresses)

    def includes(self, remote_ip: str) -> bool:
        """Whether `remote_ip`, the peer of a connection to us, is an address of this host. Never blocks."""
        address = _parsed(remote_ip)
        return address is not None and (address in self.addresses or (self.ours and _is_own(address)))


def _parsed(text: str) -> _Ip | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])  # a link-local one names its interface after it
    except ValueError:
        return None
    # A dual-stack listener sees IPv4 peers as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2).
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def _is_own(address: _Ip) -> bool:
    """Whether this host has `address`: only then can a socket be bound to it. Takes microseconds."""
    if address.is_loopback:
        return True
    if address.is_link_local:
        return False  # cannot be bound without its interface
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return not address.is_unspecified
