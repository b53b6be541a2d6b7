"""Where the relay listens, and what it says when it cannot."""

import os
import socket

import pytest

from mpdbridge.config import ProxySettings
from mpdbridge.errors import ProxyError
from mpdbridge.relay.listen import listening_sockets
from mpdbridge.relay.server import ICYProxyServer


@pytest.fixture
def closing():
    opened: list[socket.socket] = []
    yield opened.extend
    for each in opened:
        each.close()


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


async def test_localhost_is_both_loopback_addresses_on_one_port(closing) -> None:
    sockets = await listening_sockets("localhost", 0)
    closing(sockets)
    names = [each.getsockname() for each in sockets]
    assert [name[0] for name in names] == ["127.0.0.1", *(["::1"] if has_ipv6() else [])]
    assert len({name[1] for name in names}) == 1


async def test_a_machine_without_ipv6_still_has_localhost(closing, monkeypatch) -> None:
    real = socket.create_server

    def no_ipv6(address, **options):
        if options["family"] == socket.AF_INET6:
            raise OSError(99, "Cannot assign requested address")
        return real(address, **options)

    monkeypatch.setattr(socket, "create_server", no_ipv6)
    sockets = await listening_sockets("localhost", 0)
    closing(sockets)
    assert [each.getsockname()[0] for each in sockets] == ["127.0.0.1"]


async def test_a_taken_port_is_one_line_with_the_fix(bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = ProxySettings().model_copy(update={"port": port})
        relay = ICYProxyServer(store=bench.store, resolver=bench.resolver, spool=bench.spool, settings=settings)
        with pytest.raises(ProxyError) as failure:
            await relay.__aenter__()
    assert str(failure.value) == (
        f"port {port} on localhost is taken (is another `mpdbridge watch` running?); set proxy.port"
    )


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
async def test_a_relay_that_is_there_already_is_named_by_its_process(bench) -> None:
    first = await bench.start()
    with pytest.raises(ProxyError) as failure:
        await listening_sockets("localhost", first.port)
    assert str(failure.value) == (
        f"another mpdbridge (process {os.getpid()}) listens on localhost:{first.port} already; "
        "stop it, or set another proxy.port"
    )


async def test_another_program_on_the_port_is_told_apart(bench) -> None:
    with pytest.raises(ProxyError, match=r"is taken by another program; set proxy\.port to a free one"):
        await listening_sockets("127.0.0.1", bench.upstream.port)


async def test_a_port_taken_on_the_second_address_frees_the_first() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ProxyError, match="is taken"):
            await listening_sockets("localhost", port)
        socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.parametrize("host", ["192.0.2.1", "x" * 64])
async def test_a_host_that_is_not_here_is_one_line(host) -> None:
    with pytest.raises(ProxyError, match=r"the relay cannot listen on .*; set proxy\.host"):
        await listening_sockets(host, 0)


async def test_two_relays_run_side_by_side(bench) -> None:
    first, second = await bench.start(), await bench.start()
    assert first.port != second.port
    assert (await bench.get(first, "/health"))[0] == (await bench.get(second, "/health"))[0] == 200
    assert first.urls.base == f"http://localhost:{first.port}"


@pytest.mark.parametrize(("host", "seen"), [("127.0.0.1", "127.0.0.1"), ("::", "127.0.0.1")])
async def test_the_tagger_is_asked_about_the_plain_address(bench, host, seen) -> None:
    if host == "::" and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    asked = []
    relay = await bench.start({"tagged": lambda address: bool(asked.append(address))}, host=host)
    await bench.put(b"abc")
    await bench.get(relay)
    assert asked == [seen]
