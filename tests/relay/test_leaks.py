"""A thousand plays, skips and seeks, and cancellation anywhere: nothing stays open, nothing grows, nothing warns."""

import asyncio
import gc
import json
import random
import warnings
from contextlib import suppress

import aiohttp
import pytest
from structlog.testing import capture_logs
from support.leaks import open_descriptors, resident
from support.relay_bench import ID
from support.upstream import Answer
from support.waiting import eventually

from mpdbridge.relay.audio import AudioOpener
from mpdbridge.relay.patience import Patience
from mpdbridge.relay.plan import Span
from mpdbridge.relay.refused import RefusedTracks
from mpdbridge.relay.upstream import UpstreamClient

BODY = bytes(range(251)) * 4000  # a megabyte
TROUBLES = [
    Answer(),
    Answer(),
    Answer(ignore_range=True),
    Answer(reset_after=100_000),
    Answer(stop_after=100_000),
    Answer(status=403),
    Answer(status=500),
]


async def one_play(bench, relay, draw: random.Random) -> None:
    """A play, a skip or a seek, let be or broken off at a random moment, with or without trouble upstream."""
    bench.upstream.script.extend(draw.choices(TROUBLES, k=2))
    headers = draw.choice([{}, {"Icy-MetaData": "1"}, {"Range": f"bytes={draw.randrange(len(BODY))}-"}])
    url = f"http://127.0.0.1:{relay.port}/proxy/{ID}"
    moment = draw.choice([0.0, draw.random() / 100, draw.random() / 20])
    with suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(moment), bench.session.get(url, headers=headers) as answer:
            await answer.content.read(draw.randrange(1, len(BODY)))


async def test_a_thousand_plays_skips_and_seeks_leave_nothing(bench) -> None:
    await bench.put(BODY)
    bench.worker.options["available_at"] = None
    patience = Patience(first_byte=5, silence=1, retries=(0.0, 0.0, 0.0), refused=0.0)
    relay = await bench.start({"patience": patience}, max_streams=20)
    draw = random.Random(3)

    async def settled() -> tuple[int, int]:
        bench.upstream.script.clear()
        await eventually(lambda: not bench.upstream.active, "upstream to be let go", 5)
        assert (await bench.get(relay, Range="bytes=5-9"))[2] == BODY[5:10]
        gc.collect()
        return open_descriptors(), len(asyncio.all_tasks())

    for _ in range(200):  # the allocator and the pools take what they need
        await one_play(bench, relay, draw)
    before, memory = await settled(), resident()
    for _ in range(800):
        await one_play(bench, relay, draw)
    after = await settled()
    assert after[0] <= before[0] + 4, "descriptors; a pooled connection on each side may come or go"
    assert after[1] <= before[1] + 2, "tasks; each open connection of the server's has one"
    assert resident() - memory < 16 * 1024, "KiB; a leak of one chunk in each play would be 80,000"
    assert json.loads((await bench.get(relay, "/health"))[2])["streams"]["active"] == 0


SCRIPT = [Answer(status=403), Answer(reset_after=200_000), Answer(ignore_range=True, stop_after=500_000), Answer()]


@pytest.mark.parametrize(
    ("read_on", "stands_still"),
    [(False, False), (True, False), (True, True)],
    ids=["at the start", "in mid-song", "standing still"],
)
async def test_cancelled_at_any_step_it_leaves_no_upstream_open(bench, read_on, stands_still) -> None:
    """One more step of the event loop each time, until it comes to its end uncancelled."""
    await bench.put(BODY)
    async with UpstreamClient(bench.spool) as client:
        patience = Patience(silence=1, retries=(0.0,))
        opener = AudioOpener(
            resolver=bench.resolver, client=client, patience=patience, window=300_000, refused=RefusedTracks(seconds=0)
        )

        async def play() -> None:
            async with opener.open(await bench.resolver.look_up(ID), Span(1000, None)) as audio:
                while read_on and await audio.read():
                    if stands_still:
                        audio.stand_by()

        for steps in range(2000):
            bench.upstream.script.clear()
            bench.upstream.script.extend(SCRIPT)
            with warnings.catch_warnings(), capture_logs() as logs:
                warnings.simplefilter("error")
                if not await cancelled_after(steps, play()):
                    break
            assert not [line for line in logs if line["log_level"] not in ("info", "debug")]
            await eventually(lambda: not bench.upstream.active, f"upstream to be let go after {steps} steps", 2)
        else:
            pytest.fail("it never came to its end")
        assert steps > 20
    gc.collect()
    await eventually(lambda: not bench.upstream.connections, "the pooled connections to go", 2)


async def cancelled_after(steps: int, work) -> bool:
    """Runs `work` for so many steps of the loop; returns whether it had to be cancelled."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work)
        for _ in range(steps):
            await asyncio.sleep(0)
        return task.cancel()
