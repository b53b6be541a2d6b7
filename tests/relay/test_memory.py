"""A client that stands still costs half a megabyte at most, the kernel's buffers included."""

import asyncio
import time
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import Any

import pytest
from support.bridge_process import BridgeProcess
from support.certificates import Authority
from support.leaks import in_kernel, resident
from support.relay_bench import ID, TRACK
from support.upstream import Answer, FakeUpstream

from mpdbridge.models import Stream

STALLED = 50
GOAL = 512  # KiB for each stream


async def play(port: int) -> asyncio.StreamWriter:
    """A client that asks, takes a megabyte at full speed, and then no more than its own small buffers hold."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
    writer.write(f"GET /proxy/{ID} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    await reader.readexactly(1_000_000)
    return writer


async def settled(upstream: FakeUpstream) -> None:
    """Returns when nothing flows any more, and what is not needed has been given back."""
    before = -1
    while before != (now := sum(seen.sent for seen in upstream.requests)):
        before = now
        await asyncio.sleep(1.5)


@pytest.fixture
async def bridge(tmp_path, upstream_speaks, ranges) -> Any:
    authority = Authority(tmp_path)
    async with FakeUpstream(tls=authority.server() if upstream_speaks == "tls" else None) as upstream:
        upstream.default = Answer(ignore_range=not ranges)
        url = upstream.add(ID, bytes(32 * 1024 * 1024))
        nowhere = SimpleNamespace(socket=tmp_path / "no-mpd")
        env = {"SSL_CERT_FILE": str(authority.file)}
        process = BridgeProcess(tmp_path / "bridge", nowhere, env=env, proxy={"max_streams": STALLED})
        await asyncio.to_thread(process.know, TRACK, Stream(url, time.time(), content_type="audio/webm"))
        await asyncio.to_thread(process.__enter__)
        try:
            yield process, upstream
        finally:
            await asyncio.to_thread(process.__exit__, None, None, None)


@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "no ranges"])
@pytest.mark.parametrize("upstream_speaks", ["http", "tls"])
async def test_a_client_that_stands_still_costs_half_a_megabyte_at_most(bridge) -> None:
    process, upstream = bridge
    warm = await play(process.port)
    await settled(upstream)
    warm.close()
    await asyncio.sleep(1.5)
    base = resident(process.pid) + in_kernel(process.port, upstream.port)
    async with AsyncExitStack() as clients:
        for _ in range(STALLED):
            clients.callback((await play(process.port)).close)
        await settled(upstream)
        cost = resident(process.pid) + in_kernel(process.port, upstream.port) - base
    assert cost / STALLED < GOAL
