"""A client that stops reading for long: upstream is let go, and taken up at the byte when the client reads on."""

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs
from support.leaks import open_descriptors
from support.relay_bench import ID
from support.upstream import Answer
from support.waiting import eventually

from mpdbridge.relay.patience import Patience

BODY = bytes(range(251)) * 80_000  # twenty megabytes: more than every buffer on the way holds
QUICK = Patience(first_byte=5, silence=1, retries=(0.01, 0.02), pause=0.2)


async def pausing(bench, **headers):
    relay = await bench.start({"patience": QUICK})
    answer = await bench.first_byte(relay, **headers)
    await eventually(lambda: not bench.upstream.active and not bench.upstream.connections, "upstream to be let go", 5)
    return answer


@pytest.mark.parametrize("headers", [{}, {"User_Agent": "Music Player Daemon 0.23.12"}, {"Range": "bytes=0-"}])
async def test_a_long_pause_lets_upstream_go_and_the_rest_comes_all_the_same(bench, headers) -> None:
    await bench.put(BODY)
    with capture_logs() as logs:
        answer = await pausing(bench, **headers)
    assert [line["track"] for line in logs if line["event"] == "the client pauses: upstream let go"] == [ID]
    assert await answer.read() == BODY[1:]
    assert bench.worker.asked == 1


async def test_an_upstream_that_is_slow_is_no_slow_client(bench) -> None:
    body = BODY[:502_000]
    await bench.put(body)
    bench.upstream.script.extend([Answer(), Answer(delay=0.8)])
    relay = await bench.start({"patience": replace(QUICK, silence=5, stall=0.4, pause=0.4)})
    with capture_logs() as logs:
        assert (await bench.get(relay))[2] == body
    assert "the client pauses: upstream let go" not in [line["event"] for line in logs]
    ranges = ["bytes=0-196607", "bytes=196608-393215", "bytes=393216-501999"]
    assert [seen.range for seen in bench.upstream.requests] == ranges, "which grow as for any fast client"


async def test_a_url_that_expired_in_the_pause_is_replaced(bench) -> None:
    await bench.put(BODY)
    answer = await pausing(bench)
    bench.upstream.revoke()
    assert await answer.read() == BODY[1:]
    assert bench.worker.asked == 2


async def test_several_pauses_in_one_song_are_no_trouble(bench) -> None:
    await bench.put(BODY)
    answer = await pausing(bench)
    got = b""
    for _ in range(3):
        got += await answer.content.readexactly(2_000_000)
        await eventually(lambda: not bench.upstream.connections, "upstream to be let go", 5)
    assert got + await answer.read() == BODY[1:]


async def test_a_pause_holds_nothing_but_the_clients_own_connection(bench) -> None:
    await bench.put(BODY)
    relay = await bench.start({"patience": QUICK})
    first = await bench.first_byte(relay)
    await first.content.readexactly(7_000_000)
    first.close()
    await eventually(lambda: not bench.upstream.connections, "the first one to go", 5)
    before = open_descriptors(), len(asyncio.all_tasks())
    answer = await bench.first_byte(relay)
    await eventually(lambda: not bench.upstream.active and not bench.upstream.connections, "upstream to be let go", 5)
    # Both ends of the one connection are in this process; the task is the handler that waits for its client.
    assert open_descriptors() - before[0] <= 2
    assert len(asyncio.all_tasks()) - before[1] <= 2
    answer.close()


async def test_a_client_that_goes_while_it_pauses_leaves_nothing(bench) -> None:
    await bench.put(BODY)
    answer = await pausing(bench)
    answer.close()
    relay = await bench.start()
    assert (await bench.get(relay, Range="bytes=0-9"))[2] == BODY[:10]
