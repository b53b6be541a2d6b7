"""The heads of what is played next are fetched ahead: once, gently, and without a question to any site."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs
from support.relay_bench import ID, TRACK
from support.upstream import Answer

from mpdbridge.errors import StoreError
from mpdbridge.models import Track
from mpdbridge.relay import server as module
from mpdbridge.relay.head_file import HEAD_BYTES
from mpdbridge.store import TrackStore

BODY = bytes(range(251)) * 2600
OTHER = replace(TRACK, track_id="AAAAAAAAAAA", source_url="https://music.youtube.com/watch?v=AAAAAAAAAAA")


@pytest.fixture
async def relay(bench, heads):
    """Two tracks are known and resolved."""
    for track in (TRACK, OTHER):
        await bench.put(BODY, track=track)
        await bench.resolver.resolve(track.track_id)
    return await bench.start({"heads": heads})


async def test_a_head_is_fetched_once_and_nothing_but_it(bench, relay, heads) -> None:
    for _ in range(2):
        await relay.prefetch([ID, OTHER.track_id])
    assert [(seen.name, seen.range) for seen in bench.upstream.requests] == [
        (ID, f"bytes=0-{HEAD_BYTES - 1}"),
        (OTHER.track_id, f"bytes=0-{HEAD_BYTES - 1}"),
    ]
    assert (await heads.get(ID)).body == BODY[:HEAD_BYTES]
    assert bench.worker.asked == 2, "the fixture's questions"


async def test_a_track_starts_from_it_when_its_url_is_too_old(bench, relay) -> None:
    await relay.prefetch([ID])
    await bench.outdate()
    bench.worker.free.clear()
    answer = await bench.first_byte(relay)
    assert await answer.content.readexactly(HEAD_BYTES - 1) == BODY[1:HEAD_BYTES]
    bench.worker.free.set()
    assert await answer.read() == BODY[HEAD_BYTES:]


async def test_a_head_of_what_is_another_file_by_now_is_fetched_anew(bench, relay, heads) -> None:
    await relay.prefetch([ID])
    bench.worker.options["format_id"] = "140"
    bench.upstream.add(ID, BODY[1:], "audio/mp4")
    await bench.resolver.resolve(ID, fresh=True)
    await relay.prefetch([ID])
    assert (await heads.get(ID)).body == BODY[1 : HEAD_BYTES + 1]
    assert (await heads.get(ID)).origin.format_id == "140"


async def test_what_is_not_resolved_is_left_alone(bench, relay) -> None:
    """The resolver's own prefetching could not have it: that it is asked again is the listener's to decide."""
    await bench.outdate()
    await relay.prefetch([ID, "absent_absent"])
    assert (bench.worker.asked, bench.upstream.requests) == (2, [])


async def test_demo_music_needs_no_head(bench, relay, heads) -> None:
    demo = Track("demo-regen00", "Regen", source="demo", source_url="demo:demo-regen-auf-blech.webm")
    await bench.put(b"", track=demo)
    await relay.prefetch([demo.track_id])
    assert (await heads.count()).count == 0


@pytest.mark.parametrize("answer", [Answer(status=500), Answer(stop_after=1000), Answer(stall_after=1000)])
async def test_one_that_cannot_be_had_is_tried_once_and_the_next_one_fetched(bench, relay, heads, answer) -> None:
    bench.upstream.script.append(answer)
    with capture_logs() as logs:
        await relay.prefetch([ID, OTHER.track_id])
    assert [line["track"] for line in logs if line["event"] == "head not prefetched"] == [ID]
    assert (await heads.get(ID), (await heads.get(OTHER.track_id)).track_id) == (None, OTHER.track_id)
    assert len(bench.upstream.requests) == 2


async def test_neither_a_slow_upstream_nor_a_broken_store_stops_the_prefetcher(bench, relay, monkeypatch) -> None:
    monkeypatch.setattr(module, "_HEAD_SECONDS", 0.1)
    bench.upstream.script.append(Answer(stall_after=1000))
    await relay.prefetch([ID])

    def broken(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(TrackStore, "track", broken)
    await relay.prefetch([ID])
