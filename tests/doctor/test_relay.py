"""Who holds the relay's port, and whether MPD gets there."""

import os
import socket
from dataclasses import replace

import pytest
from support.mpd_process import free_port

from mpdbridge import __version__
from mpdbridge.config import Settings
from mpdbridge.doctor.facts import RelayFacts
from mpdbridge.doctor.relay import Reach, probe, reachable, running
from mpdbridge.relay.server import ICYProxyServer

LOCAL = Reach(base="http://localhost:8080", base_host="localhost", base_port=8080)
REMOTE = replace(LOCAL, mpd="nas", mpd_here=False, seen_as="192.168.1.5")
ADVERTISED = replace(
    REMOTE, base="http://192.168.1.5:8080", base_host="192.168.1.5", base_loopback=False, listens="0.0.0.0"
)
HEALTH = {"version": __version__, "pid": 7, "mpd": {"address": "/s", "tagger": "attached"}}


async def look(mpd="/nowhere/socket", **proxy):
    return await probe(Settings.model_validate({"mpd": {"host": mpd}, "proxy": proxy}))


@pytest.mark.parametrize(
    ("reach", "state", "part"),
    [
        (LOCAL, "ok", "whether that answers is seen while `mpdbridge watch` runs"),
        (replace(LOCAL, answer="ours"), "ok", "MPD reaches the relay at http://localhost:8080"),
        (replace(LOCAL, answer="other"), "fail", "something else answers there"),
        (replace(LOCAL, base_known=False), "fail", "there is no host localhost"),
        (replace(LOCAL, base_port=9000, base="http://localhost:9000"), "warn", "listens on port 8080"),
        (replace(LOCAL, base_port=9000, answer="none"), "fail", "listens on port 8080"),
        (REMOTE, "fail", "MPD runs on nas, where http://localhost:8080 is not this machine"),
        (replace(REMOTE, listens="0.0.0.0"), "fail", "is not this machine"),
        (replace(REMOTE, answer="ours"), "fail", "is not this machine"),
        (ADVERTISED, "ok", "http://192.168.1.5:8080"),
        (replace(ADVERTISED, answer="ours"), "ok", "if no firewall is between"),
        (replace(ADVERTISED, answer="none"), "fail", "no answer from there"),
        (replace(ADVERTISED, listens="localhost"), "warn", "listens on localhost only"),
        (replace(ADVERTISED, listens="127.0.0.1", answer="none"), "fail", "listens on 127.0.0.1 only"),
        (replace(ADVERTISED, base_here=False, base_port=443), "ok", "http://192.168.1.5:8080"),
    ],
)
def test_the_address_is_judged_by_where_mpd_is(reach, state, part) -> None:
    check = reachable(reach)
    assert check.state == state
    assert part in check.told
    assert bool(check.fix) == (state != "ok")


def test_the_fix_for_an_mpd_elsewhere_names_our_address_there() -> None:
    assert "proxy.advertise: http://192.168.1.5:8080," in reachable(REMOTE).fix
    assert "http://[fd00::5]:8080," in reachable(replace(REMOTE, seen_as="fd00::5")).fix
    assert "http://<address of this machine>:8080," in reachable(replace(REMOTE, seen_as="")).fix


@pytest.mark.parametrize(
    ("health", "state"),
    [
        (HEALTH, "ok"),
        (HEALTH | {"version": "0.0.1"}, "warn"),
        (HEALTH | {"mpd": {"address": "other:6600", "tagger": "attached"}}, "fail"),
        (HEALTH | {"mpd": {"address": "/s", "tagger": "reconnecting"}}, "fail"),
    ],
)
def test_a_running_relay_is_judged_by_what_it_says(health, state) -> None:
    check = running(RelayFacts("http://localhost:8080", health=health), "/s")
    assert check.state == state
    assert "process 7" in check.told


async def test_a_free_port_waits_for_watch() -> None:
    port = free_port()
    relay, address = await look(port=port)
    assert (relay.state, relay.told) == ("warn", f"not running; port {port} is free")
    assert address.state == "ok"


async def test_a_port_that_somebody_else_holds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        relay, _ = await look(port=silent.getsockname()[1], host="127.0.0.1")
    assert (relay.state, relay.fix) == ("fail", "set proxy.port to a free port")


async def test_a_host_that_is_not_ours() -> None:
    relay, _ = await look(host="192.0.2.1", port=free_port())
    assert relay.state == "fail"
    assert "proxy.host" in relay.fix


async def test_an_mpd_on_another_machine_cannot_reach_localhost() -> None:
    """The documentation's network [RFC 5737] is nobody's, and nothing is sent there."""
    _, address = await look(mpd="192.0.2.7", port=free_port())
    assert address.state == "fail"
    assert "MPD runs on 192.0.2.7" in address.told


async def test_an_advertised_host_without_an_address() -> None:
    _, address = await look(port=free_port(), advertise="http://bridge.invalid:8080")
    assert (address.state, address.told) == ("fail", "http://bridge.invalid:8080: there is no host bridge.invalid")


async def test_a_switched_off_relay_has_nothing_to_reach() -> None:
    assert [check.state for check in await look(enabled=False)] == ["ok"]


async def test_a_relay_that_runs_is_asked_where_mpd_will_ask_it(bench) -> None:
    async with ICYProxyServer(
        store=bench.store,
        resolver=bench.resolver,
        spool=bench.spool,
        settings=Settings().proxy.model_copy(update={"port": 0}),
    ) as server:
        relay, address = await look(port=server.port)
        assert relay.told == f"http://localhost:{server.port}, held by `mpdbridge watch` (process {os.getpid()})"
        assert (relay.state, address.state) == ("ok", "ok")
        elsewhere = f"http://127.0.0.1:{free_port()}"
        _, address = await look(port=server.port, advertise=elsewhere)
        assert (address.state, address.told) == ("fail", f"{elsewhere}: the relay listens on port {server.port}")


async def test_another_program_under_the_advertised_address_is_told(bench, site) -> None:
    settings = Settings().proxy.model_copy(update={"port": 0})
    async with ICYProxyServer(
        store=bench.store, resolver=bench.resolver, spool=bench.spool, settings=settings
    ) as server:
        _, address = await look(port=server.port, advertise=site.base)
    assert (address.state, address.told) == ("fail", f"{site.base}: something else answers there")
