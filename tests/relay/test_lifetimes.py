"""Streams begin, share, break and end: nothing is left open, nothing is hoarded, nobody waits for another."""

import asyncio
import contextlib
import json
import socket
import time

import aiohttp
import pytest
from support.relay_bench import ID
from support.upstream import Answer
from support.waiting import eventually

from mpdbridge.relay.patience import Patience

BODY = bytes(range(256)) * 1200
BIG = bytes(24 * 1024 * 1024)  # more than every buffer on the way holds


async def test_over_max_streams_is_503_but_heads_covers_and_health_go_through(bench) -> None:
    await bench.put(BIG)
    relay = await bench.start(max_streams=2)
    held = [await bench.first_byte(relay) for _ in range(2)]
    status, headers, body = await bench.get(relay)
    assert (status, headers["Retry-After"]) == (503, "5")
    assert body == b"2 streams run already; raise proxy.max_streams for more\n"
    assert (await bench.get(relay, method="HEAD"))[0] == 200
    assert (await bench.get(relay, f"/proxy/{ID}/cover.png"))[0] == 404
    facts = json.loads((await bench.get(relay, "/health"))[2])
    assert facts["streams"] == {"active": 2, "max": 2, "served": 2}
    held[0].close()
    assert (await bench.get(relay, Range="bytes=0-9"))[0] == 206, "a place that comes free is taken"
    held[1].close()


@pytest.mark.parametrize("headers", [{}, {"Icy_MetaData": "1"}, {"Range": "bytes=100-"}])
async def test_a_client_that_goes_takes_upstream_with_it(bench, headers) -> None:
    await bench.put(BIG)
    relay = await bench.start()
    answer = await bench.first_byte(relay, **headers)
    await answer.content.readexactly(7_000_000)  # a long range is under way
    assert bench.upstream.active == 1
    answer.close()
    await eventually(lambda: not bench.upstream.active and not bench.upstream.connections, "upstream to be let go", 2)
    facts = json.loads((await bench.get(relay, "/health"))[2])
    assert facts["streams"]["active"] == 0


async def test_a_client_that_goes_before_the_first_byte_takes_upstream_with_it(bench) -> None:
    await bench.put(BODY)
    bench.upstream.default = Answer(stall_after=0)
    relay = await bench.start({"patience": Patience(first_byte=60, silence=60)})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await bench.get(relay)
    await eventually(lambda: not bench.upstream.active and not bench.upstream.connections, "upstream to be let go", 2)


async def test_plays_and_skips_leave_nothing_open(bench) -> None:
    await bench.put(BIG)
    relay = await bench.start()
    for number in range(30):
        answer = await bench.first_byte(relay, Range=f"bytes={number * 1000}-")
        answer.close()
    await eventually(lambda: not bench.upstream.active, "upstream to be let go", 2)
    assert bench.upstream.connections <= 1, "at most the one that is kept for reuse"


async def test_connections_to_upstream_are_used_again(bench) -> None:
    await bench.put(BODY)
    relay = await bench.start()
    for _ in range(5):
        assert (await bench.get(relay))[2] == BODY
    assert bench.upstream.connections == 1


async def test_shutdown_ends_streams_within_two_seconds(bench) -> None:
    await bench.put(BIG)
    relay = await bench.start()
    answer = await bench.first_byte(relay)
    started = time.monotonic()
    await relay.__aexit__(None, None, None)
    assert time.monotonic() - started < 2
    with pytest.raises(aiohttp.ClientPayloadError):
        await answer.read()
    await eventually(lambda: not bench.upstream.active and not bench.upstream.connections, "upstream to be let go", 2)


@pytest.mark.parametrize("headers", [{}, {"Icy_MetaData": "1"}, {"User_Agent": "Music Player Daemon 0.23.12"}])
async def test_a_body_that_cannot_go_on_is_seen_to_be_cut(bench, headers) -> None:
    """Neither Content-Length nor the chunked coding may let it pass for complete."""
    await bench.put(BODY)
    bench.upstream.script.append(Answer(stop_after=100_000))
    bench.upstream.default = Answer(status=500)
    relay = await bench.start()
    with pytest.raises(aiohttp.ClientPayloadError):
        await bench.get(relay, **headers)


async def test_a_slow_reader_does_not_make_the_relay_hoard(bench) -> None:
    """What upstream could send while the client stands still is bounded by the buffers on the way."""
    await bench.put(bytes(32 * 1024 * 1024))
    relay = await bench.start()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        client.connect(("127.0.0.1", relay.port))
        client.sendall(f"GET /proxy/{ID} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        sent = -1
        while not sent or not bench.upstream.requests or bench.upstream.requests[0].sent != sent:
            sent = bench.upstream.requests[0].sent if bench.upstream.requests else -1
            await asyncio.sleep(0.2)
    assert sent < 2 * 1024 * 1024, "the buffers of this test's own server and client included"


async def test_the_relay_has_time_for_others_while_a_stream_runs(bench) -> None:
    await bench.put(BIG)
    relay = await bench.start()
    answer = await bench.first_byte(relay)
    assert (await bench.get(relay, "/health"))[0] == 200
    answer.close()


async def test_a_pause_longer_than_upstreams_silence_is_no_fault(bench) -> None:
    """While nobody reads, nobody asks upstream for bytes: its silence is ours."""
    body = bytes(range(256)) * 65_536
    await bench.put(body)
    relay = await bench.start({"patience": Patience(silence=0.3, retries=(), stall=20)})
    answer = await bench.first_byte(relay)
    begun = await answer.content.readexactly(1_800_000)
    assert bench.upstream.active == 1
    await asyncio.sleep(1.0)
    assert begun + await answer.read() == body[1:]
    assert len(bench.upstream.requests) == 8, "none was made twice"


@pytest.mark.parametrize("headers", [{}, {"Icy_MetaData": "1"}])
async def test_a_client_may_go_at_any_moment(bench, headers) -> None:
    """Between any two steps: nothing stays open, and no place stays taken."""
    await bench.put(BIG)
    relay = await bench.start(max_streams=3)
    for step in range(60):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(step / 4000):
                await bench.get(relay, Range=f"bytes={step}-", **headers)
    await eventually(lambda: not bench.upstream.active, "upstream to be let go", 2)
    assert (await bench.get(relay, Range="bytes=0-9"))[2] == BIG[:10]
    facts = json.loads((await bench.get(relay, "/health"))[2])
    assert facts["streams"]["active"] == 0
    assert bench.upstream.connections <= 1, "at most the one that is kept for reuse"


@pytest.mark.parametrize(
    "trouble",
    [Answer(stall_after=0), Answer(stall_after=100_000), Answer(status=500), Answer(delay=30)],
    ids=["before the first byte", "in mid-song", "between two tries", "before the headers"],
)
async def test_shutdown_waits_for_no_trouble(bench, trouble) -> None:
    await bench.put(BIG)
    bench.upstream.default = trouble
    relay = await bench.start({"patience": Patience(first_byte=60, silence=60, retries=(60,))})

    async def listen() -> None:
        with contextlib.suppress(aiohttp.ClientError):
            await bench.get(relay)

    async with asyncio.TaskGroup() as clients:
        clients.create_task(listen())
        await eventually(lambda: bench.upstream.requests, "upstream to be asked")
        started = time.monotonic()
        await relay.__aexit__(None, None, None)
        assert time.monotonic() - started < 2
    await eventually(lambda: not bench.upstream.active and not bench.upstream.connections, "upstream to be let go", 2)


async def test_a_stalled_upstream_is_replaced_and_given_more_time_each_try(bench) -> None:
    """Slow to start is not the same as dead: the third try waits three times as long."""
    await bench.put(BODY)
    bench.upstream.script.extend([Answer(stall_after=0), Answer(stall_after=50_000), Answer(stall_after=0)])
    bench.upstream.default = Answer(delay=0.25)
    relay = await bench.start({"patience": Patience(silence=0.2, retries=(0.01, 0.01))})
    started = time.monotonic()
    assert (await bench.get(relay))[2] == BODY
    assert 0.2 * 3 < time.monotonic() - started < 3
    assert len(bench.upstream.requests) == 4 + 2, "the last two ranges come at once"
    assert bench.worker.asked == 1, "a stall is not the URL's fault"


async def test_nothing_is_sent_before_the_first_byte_is_there(bench) -> None:
    await bench.put(BODY)
    bench.upstream.default = Answer(stall_after=0)
    relay = await bench.start({"patience": Patience(first_byte=0.5, silence=0.2, retries=(0.01,) * 9)})
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    writer.write(f"GET /proxy/{ID} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    started = time.monotonic()
    line = await reader.readline()
    assert line.startswith(b"HTTP/1.1 504 ")
    assert 0.4 < time.monotonic() - started < 2
    writer.close()
    await eventually(lambda: not bench.upstream.active, "upstream to be let go", 2)
