"""Whether the relay can listen, or does, and whether MPD reaches it under the address that we give to MPD."""

import asyncio
import http.client
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from mpdbridge import __version__
from mpdbridge.config import ProxySettings, Settings
from mpdbridge.doctor.checks import Check, fail, failed, ok, warn
from mpdbridge.doctor.facts import RelayFacts, ask_relay
from mpdbridge.errors import ConfigError, ProxyError
from mpdbridge.mpd.address import MpdAddress, resolve_address
from mpdbridge.mpd.peer import MpdHost
from mpdbridge.relay.health import ask_health
from mpdbridge.relay.listen import listening_sockets
from mpdbridge.urls import LOOPBACK

Answer = Literal["ours", "other", "none", "not asked"]
"""Who answers under the advertised address: our running relay, somebody else, nobody; or there is no relay to ask."""


async def probe(settings: Settings) -> list[Check]:
    try:
        address = resolve_address(settings.mpd)
    except ConfigError:  # the check of MPD tells it
        address = None
    relay = await ask_relay(settings.proxy)
    if not settings.proxy.enabled:
        return [ok("Relay", "none here: proxy.enabled is false")]
    checks = [running(relay, str(address or "")) if relay.health else await _free(relay, settings.proxy)]
    return [*checks, reachable(await _reach(settings.proxy, address, relay))] if address else checks


async def _free(relay: RelayFacts, settings: ProxySettings) -> Check:
    """Whether a relay that does not run could."""
    if not relay.absent:
        return fail("Relay", f"{relay.url}: {relay.problem.partition(':')[0]}", "set proxy.port to a free port")
    try:
        for listener in await listening_sockets(settings.host, settings.port):
            listener.close()
    except ProxyError as error:
        return failed("Relay", error)
    return warn("Relay", f"not running; port {settings.port} is free", "start `mpdbridge watch`")


def running(relay: RelayFacts, mpd: str) -> Check:
    """What the running relay tells; `mpd` is the MPD that our configuration means."""
    health = relay.health
    told = f"{relay.url}, held by `mpdbridge watch` (process {health.get('pid', 'unknown')})"
    if health.get("version") != __version__:
        return warn("Relay", f"{told}, version {health.get('version')}; this is {__version__}", "restart watch")
    followed = health.get("mpd")
    followed = followed if isinstance(followed, Mapping) else {}
    if mpd and followed.get("address", mpd) != mpd:
        return fail("Relay", f"{told}, which follows MPD at {followed['address']}, not {mpd}", "set mpd.host")
    if followed.get("tagger", "attached") != "attached":
        return fail("Relay", f"{told}, which does not tag the queue: {followed['tagger']}", "see its log")
    return ok("Relay", told)


@dataclass(frozen=True, slots=True)
class Reach:
    """What decides whether MPD reaches the relay.

    Attributes:
        base: the address that is given to MPD.
        base_host: its host.
        base_port: its port.
        base_known: its host has an address.
        base_here: its host is this machine.
        base_loopback: its host means, on every machine, that machine itself.
        listens: `proxy.host`.
        port: `proxy.port`.
        mpd: the host MPD runs on.
        mpd_here: that is this machine.
        seen_as: address of this machine for the host MPD runs on; empty when there is no way to it.
        answer: who answers at `base`, asked from here.
    """

    base: str
    base_host: str
    base_port: int
    base_known: bool = True
    base_here: bool = True
    base_loopback: bool = True
    listens: str = "localhost"
    port: int = 8080
    mpd: str = "localhost"
    mpd_here: bool = True
    seen_as: str = ""
    answer: Answer = "not asked"


def reachable(reach: Reach) -> Check:
    """Whether MPD gets its songs at the address that we tell it. What is between two machines cannot be seen."""
    if not reach.base_known:
        return _wrong(f"{reach.base}: there is no host {reach.base_host}")
    if reach.base_loopback and not reach.mpd_here:
        other = f"http://{_bracketed(reach.seen_as or '<address of this machine>')}:{reach.port}"
        return fail(
            "Address",
            f"MPD runs on {reach.mpd}, where {reach.base} is not this machine",
            f"set proxy.host: 0.0.0.0 and proxy.advertise: {other}, then sync again",
        )
    return _as_seen_from_here(reach)


def _as_seen_from_here(reach: Reach) -> Check:
    match reach.answer:
        case "ours":
            doubt = "" if reach.mpd_here else ", if no firewall is between"
            return ok("Address", f"MPD reaches the relay at {reach.base}{doubt}")
        case "other":
            return _wrong(f"{reach.base}: something else answers there")
        case "none":
            told, fix = _mismatch(reach) or ("no answer from there", "correct proxy.advertise, or open the firewall")
            return fail("Address", f"{reach.base}: {told}", fix)
    if mismatch := _mismatch(reach):  # unless somebody between the two forwards it
        told, fix = mismatch
        return warn("Address", f"{reach.base}: {told}", fix)
    return ok("Address", f"MPD is told {reach.base}; whether that answers is seen while `mpdbridge watch` runs")


def _wrong(told: str) -> Check:
    return fail("Address", told, "correct proxy.advertise, then sync again")


def _mismatch(reach: Reach) -> tuple[str, str] | None:
    """What of our own settings does not go together, and the fix."""
    if reach.base_here and reach.base_port != reach.port:
        told = f"the relay listens on port {reach.port}"
        return told, "set proxy.port or proxy.advertise to the same port, then sync again"
    if reach.listens in LOOPBACK and not reach.base_loopback:
        return f"the relay listens on {reach.listens} only", "set proxy.host: 0.0.0.0"
    return None


async def _reach(settings: ProxySettings, mpd: MpdAddress, relay: RelayFacts) -> Reach:
    base = settings.urls.base
    parts = urlsplit(base)
    host = parts.hostname or ""
    theirs = await MpdHost.find(mpd.host if mpd.socket is None else None)
    base_at = await MpdHost.find(host)
    return Reach(
        base=base,
        base_host=host,
        base_port=parts.port or (443 if parts.scheme == "https" else 80),
        base_known=bool(base_at.addresses),
        base_here=base_at.ours,
        base_loopback=bool(base_at.addresses) and all(address.is_loopback for address in base_at.addresses),
        listens=settings.host,
        port=settings.port,
        mpd="this machine" if mpd.socket is not None else mpd.host,
        mpd_here=theirs.ours,
        seen_as="" if theirs.ours or mpd.socket is not None else await asyncio.to_thread(_seen_as, mpd),
        answer=await _answer(base, relay),
    )


async def _answer(base: str, relay: RelayFacts) -> Answer:
    """Who answers at `base`, if our relay runs."""
    if not relay.health:
        return "not asked"
    try:
        health = await ask_health(base)
    except ValueError:
        return "other"
    except (OSError, http.client.HTTPException):
        return "none"
    return "ours" if health.get("pid") == relay.health.get("pid") else "other"


def _seen_as(mpd: MpdAddress) -> str:
    """The address from which this machine talks to MPD's; nothing is sent to learn that."""
    try:
        kind, _, _, _, address = socket.getaddrinfo(mpd.host, mpd.port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(kind, socket.SOCK_DGRAM) as probing:
            probing.connect(address)
            return str(probing.getsockname()[0])
    except OSError:
        return ""


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
