"""Whose request it is: the host of our MPD is known by every address it may come from."""

import socket

import pytest

from mpdbridge.mpd.peer import MpdHost


def own_address():
    """An address of this machine that is not a loopback one, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: a route is looked up, nothing is sent
        except OSError:
            return None
        return probe.getsockname()[0]


@pytest.mark.parametrize("host", [None, "127.0.0.1", "localhost", "::1"])
async def test_a_local_mpd_asks_from_any_loopback_address(host):
    found = await MpdHost.find(host)
    for address in ("127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"):
        assert found.includes(address)
    assert not found.includes("203.0.113.9")
    assert not found.includes("::ffff:203.0.113.9")


async def test_a_local_mpd_asks_from_our_own_addresses():
    address = own_address()
    if address is None:
        pytest.skip("this machine has no address but loopback")
    for host in (None, "localhost", address):
        found = await MpdHost.find(host)
        assert found.includes(address)
        assert found.includes(f"::ffff:{address}")
        assert found.includes("127.0.0.1")


@pytest.mark.parametrize("remote", ["203.0.113.9", "2001:db8::9", "fe80::9"])
async def test_a_remote_mpd_asks_from_its_address_only(remote):
    found = await MpdHost.find(remote)
    assert found.includes(remote)
    assert not found.includes("127.0.0.1")
    assert not found.includes("::1")
    assert not found.includes("203.0.113.10")


async def test_a_link_local_peer_is_known_without_its_interface():
    assert (await MpdHost.find("fe80::9")).includes("fe80::9%eth0")


async def test_a_name_that_cannot_be_resolved_includes_nobody(monkeypatch):
    def fails(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    found = await MpdHost.find("mpd.invalid")
    assert not found.includes("127.0.0.1")


@pytest.mark.parametrize("text", ["", "unknown", "1.2.3", "/run/mpd/socket", "%"])
async def test_what_is_no_address_is_nobody(text):
    assert not (await MpdHost.find(None)).includes(text)
    assert not MpdHost().includes(text)


def test_the_unspecified_address_is_nobody():
    assert not MpdHost(ours=True).includes("0.0.0.0")
    assert not MpdHost(ours=True).includes("::")
