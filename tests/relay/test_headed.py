"""A track with a head starts while its URL is still being looked for, and never goes on with another file's bytes."""

import asyncio
import contextlib
import json
import tracemalloc
from dataclasses import replace
from itertools import pairwise

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.icy_decoder import IcyDecoder
from support.relay_bench import ID, TRACK, Bench, relay_bench
from support.upstream import Answer
from support.waiting import eventually

from mpdbridge.errors import ProxyError, YouTubeStreamError
from mpdbridge.relay.audio import AudioOpener
from mpdbridge.relay.head_file import HEAD_BYTES, Head
from mpdbridge.relay.heads import HeadCache
from mpdbridge.relay.origin import Origin
from mpdbridge.relay.patience import Patience
from mpdbridge.relay.plan import Span
from mpdbridge.relay.refused import RefusedTracks
from mpdbridge.relay.remote import SHORT_RANGE
from mpdbridge.relay.upstream import UpstreamClient
from mpdbridge.store import TrackStore

BODY = bytes(range(251)) * 2600
LENGTH = len(BODY)
START = BODY[:HEAD_BYTES]
ORIGIN = Origin("", "251", LENGTH, "audio/webm")
OLD_MPD, NEW_MPD = {"User_Agent": "Music Player Daemon 0.23.12"}, {"User_Agent": "Music Player Daemon 0.24.1"}


@pytest.fixture
async def relay(bench, heads):
    """The head of a track is there, its stream is not known, and nobody tells before `bench.worker.free` is set."""
    await bench.put(BODY)
    heads.keep(Head(ID, ORIGIN, START))
    bench.worker.free.clear()
    return await bench.start({"heads": heads})


def ranges_from(first: int) -> list[str]:
    """What upstream is asked for by a client who takes all of it from there."""
    ends = [first, first + SHORT_RANGE, first + 2 * SHORT_RANGE, first + 4 * SHORT_RANGE]
    return [f"bytes={at}-{min(end, LENGTH) - 1}" for at, end in pairwise(ends) if at < LENGTH]


async def request(bench: Bench, relay, **headers: str) -> aiohttp.ClientResponse:
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    return await bench.session.get(f"http://127.0.0.1:{relay.port}/proxy/{ID}", headers=sent)


@pytest.mark.parametrize("client", [{}, OLD_MPD, NEW_MPD, {"Range": "bytes=0-"}], ids=["any", "old", "new", "range"])
async def test_the_head_is_there_before_the_resolver_answers(bench, relay, client) -> None:
    answer = await request(bench, relay, **client)
    assert await answer.content.readexactly(HEAD_BYTES) == START
    assert not bench.upstream.requests
    await eventually(lambda: bench.worker.asked, "the resolver to be asked meanwhile")
    bench.worker.free.set()
    assert START + await answer.read() == BODY
    assert [seen.range for seen in bench.upstream.requests] == ranges_from(HEAD_BYTES)


async def test_upstream_is_taken_up_while_the_client_still_has_the_head_to_read(bench, relay) -> None:
    bench.worker.free.set()
    answer = await request(bench, relay)
    await eventually(lambda: bench.upstream.requests, "upstream to be asked")
    assert await answer.read() == BODY


async def headers_told(bench: Bench, relay) -> list[dict[str, str]]:
    told = [
        dict((await bench.get(relay, method=method, **client))[1])
        for method in ("GET", "HEAD")
        for client in ({}, OLD_MPD, {"Icy_MetaData": "1"}, {"Range": "bytes=7-"}, {"Range": "bytes=-7"})
    ]
    for headers in told:
        headers.pop("Date")
    return told


async def test_a_client_is_told_the_same_with_and_without_a_head(bench, relay) -> None:
    bench.worker.free.set()
    assert await headers_told(bench, relay) == await headers_told(bench, await bench.start())


@pytest.mark.parametrize(
    ("asked", "status", "told", "body"),
    [
        ("bytes=0-9", 206, f"bytes 0-9/{LENGTH}", BODY[:10]),
        ("bytes=1000-1999", 206, f"bytes 1000-1999/{LENGTH}", BODY[1000:2000]),
        (f"bytes=5-{HEAD_BYTES - 1}", 206, f"bytes 5-{HEAD_BYTES - 1}/{LENGTH}", BODY[5:HEAD_BYTES]),
        (f"bytes={LENGTH}-", 416, f"bytes */{LENGTH}", f"the track has {LENGTH} bytes\n".encode()),
    ],
)
async def test_what_the_head_can_tell_alone_asks_nobody(bench, relay, asked, status, told, body) -> None:
    got_status, headers, got = await bench.get(relay, Range=asked)
    assert (got_status, headers["Content-Range"], got) == (status, told, body)
    assert (await bench.get(relay, method="HEAD"))[1]["Content-Length"] == str(LENGTH)
    assert (bench.worker.asked, bench.upstream.requests) == (0, [])


async def test_what_an_old_mpd_looks_for_behind_the_last_byte_asks_nobody(bench, relay) -> None:
    status, _, got = await bench.get(relay, Range=f"bytes={LENGTH}-", **OLD_MPD)
    assert (status, got, bench.worker.asked) == (206, b"", 0)


@pytest.mark.parametrize("first", [0, 1, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 1, LENGTH - 1, -1, -LENGTH])
async def test_a_seek_lands_wherever_it_begins(bench, relay, first) -> None:
    bench.worker.free.set()
    asked = f"bytes={first}-" if first >= 0 else f"bytes={first}"
    for _ in range(2):
        assert (await bench.get(relay, Range=asked))[2] == BODY[first:]


async def test_titles_are_woven_into_the_head_too(bench, relay) -> None:
    bench.worker.free.set()
    _, headers, body = await bench.get(relay, Icy_MetaData="1")
    parts = IcyDecoder(metaint=int(headers["icy-metaint"])).feed(body)
    assert b"".join(part for part in parts if isinstance(part, bytes)) == BODY
    assert TRACK.label in parts


async def test_a_track_that_is_all_head_needs_nobody(bench, relay, heads) -> None:
    heads.keep(Head(ID, replace(ORIGIN, length=300), BODY[:300]))
    assert (await bench.get(relay))[2] == BODY[:300]
    assert bench.worker.asked == 0


CHANGES = {
    "length": replace(ORIGIN, length=LENGTH + 1),
    "type": replace(ORIGIN, content_type="audio/mp4"),
    "format": replace(ORIGIN, format_id="140"),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("client", [{}, OLD_MPD, {"Icy_MetaData": "1"}], ids=["sized", "chunked", "titles"])
async def test_another_files_head_is_dropped_and_nothing_spliced_on_it(bench, relay, heads, change, client) -> None:
    heads.keep(Head(ID, CHANGES[change], START))
    bench.worker.free.set()
    got = b""
    async with await request(bench, relay, **client) as answer:
        with contextlib.suppress(aiohttp.ClientPayloadError):
            while not answer.content.at_eof():
                got += await answer.content.readany()
            raise AssertionError("it must be seen to be cut")
    if "Icy_MetaData" in client:
        got = b"".join(part for part in IcyDecoder().feed(got) if isinstance(part, bytes))
    assert START.startswith(got)
    assert await heads.get(ID) is None
    assert (await bench.get(relay))[2] == BODY, "the next play is whole"
    assert (await heads.get(ID)).origin == ORIGIN


async def test_a_head_that_a_known_stream_belies_is_not_begun_with(bench, relay, heads) -> None:
    bench.worker.free.set()
    await bench.resolver.resolve(ID)
    heads.keep(Head(ID, CHANGES["format"], b"of another file" * 10))
    assert (await bench.get(relay))[2] == BODY


async def test_a_suffix_of_a_file_that_changed_is_refused_once(bench, relay, heads) -> None:
    heads.keep(Head(ID, CHANGES["length"], START))
    bench.worker.free.set()
    assert (await bench.get(relay, Range="bytes=-9"))[0] == 502
    assert (await bench.get(relay, Range="bytes=-9"))[2] == BODY[-9:]


async def test_a_dead_track_ends_after_its_head_and_is_refused_from_then_on(bench, relay, heads) -> None:
    bench.worker.failure = YouTubeStreamError("removed by its uploader", permanent=True)
    bench.worker.free.set()
    with pytest.raises(aiohttp.ClientPayloadError):
        await bench.get(relay)
    assert await heads.get(ID) is None
    status, _, body = await bench.get(relay)
    assert (status, body) == (404, b"removed by its uploader\n")


async def test_a_head_of_a_track_that_is_known_to_be_dead_is_not_begun_with(bench, relay, heads) -> None:
    await bench.store.run(TrackStore.mark_dead, ID, "gone", None)
    assert (await bench.get(relay))[0] == 404
    assert await heads.get(ID) is None


@pytest.mark.parametrize("retry_after", [None, 900.0])
async def test_a_passing_failure_costs_the_song_and_not_the_head(bench, relay, heads, retry_after) -> None:
    bench.worker.failure = YouTubeStreamError("the net is away", retry_after=retry_after)
    bench.worker.free.set()
    with pytest.raises(aiohttp.ClientPayloadError):
        await bench.get(relay)
    assert await heads.get(ID) is not None
    if retry_after:
        assert (await bench.get(relay))[0] == 502, "while nobody may be asked, no song is begun that cannot go on"


@pytest.mark.parametrize("free", [True, False], ids=["upstream waits", "the resolver waits"])
async def test_a_client_that_goes_takes_everything_with_it(bench, relay, free) -> None:
    bench.upstream.default = Answer(stall_after=0)
    if free:
        bench.worker.free.set()
    before = len(asyncio.all_tasks())
    for _ in range(3):
        answer = await bench.first_byte(relay)
        answer.close()
    await eventually(lambda: len(asyncio.all_tasks()) <= before + 2, "the tasks to end", 2)
    await eventually(lambda: not bench.upstream.active and not bench.upstream.connections, "upstream to be let go", 2)
    assert json.loads((await bench.get(relay, "/health"))[2])["streams"]["active"] == 0


async def test_a_client_may_go_at_any_moment(bench, relay) -> None:
    bench.worker.free.set()
    for step in range(60):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(step / 4000):
                await bench.get(relay, Range=f"bytes={step}-")
        await bench.outdate()
    await eventually(lambda: not bench.upstream.active, "upstream to be let go", 2)
    assert (await bench.get(relay))[2] == BODY


async def test_what_is_played_from_its_start_leaves_its_head_without_another_question(bench, heads) -> None:
    await bench.put(BODY)
    relay = await bench.start({"heads": heads})
    for asked in ("bytes=1-", "bytes=0-99", "bytes=-5"):
        await bench.get(relay, Range=asked)
        assert await heads.get(ID) is None
    bench.upstream.requests.clear()
    assert (await bench.get(relay))[2] == BODY
    assert await heads.get(ID) == Head(ID, ORIGIN, START)
    assert [seen.range for seen in bench.upstream.requests] == ranges_from(0)


async def test_a_short_track_is_kept_whole_and_one_of_unknown_length_not_at_all(bench, heads) -> None:
    await bench.put(BODY[:500])
    relay = await bench.start({"heads": heads})
    bench.upstream.script.append(Answer(ignore_range=True, chunked=True))
    assert (await bench.get(relay))[2] == BODY[:500]
    assert await heads.get(ID) is None
    assert (await bench.get(relay))[2] == BODY[:500]
    assert (await heads.get(ID)).body == BODY[:500]


async def test_no_signed_url_is_left_on_the_disk(bench, heads) -> None:
    await bench.put(BODY)
    await bench.get(await bench.start({"heads": heads}))
    await heads.count()
    [file] = heads._folder.iterdir()
    assert b"http" not in file.read_bytes()


async def test_a_damaged_head_costs_nothing_but_itself(bench, relay, heads) -> None:
    await heads.count()
    [file] = heads._folder.iterdir()
    file.write_bytes(file.read_bytes()[:-1000])
    bench.worker.free.set()
    assert (await bench.get(relay))[2] == BODY
    assert (await heads.get(ID)).body == START


async def test_without_a_cache_nothing_is_kept(bench) -> None:
    await bench.put(BODY)
    relay = await bench.start()
    assert (await bench.get(relay))[2] == BODY
    await relay.prefetch([ID])
    assert json.loads((await bench.get(relay, "/health"))[2])["heads"] is None


async def test_health_tells_how_much_is_kept(bench, relay, heads) -> None:
    facts = json.loads((await bench.get(relay, "/health"))[2])
    count = await heads.count()
    assert facts["heads"] == {"count": 1, "bytes": count.bytes}
    assert HEAD_BYTES < count.bytes < HEAD_BYTES + 1000


async def test_a_head_is_not_held_longer_than_it_takes_to_send_it(bench, relay, heads) -> None:
    bench.worker.free.set()
    await bench.resolver.resolve(ID)
    async with UpstreamClient(bench.spool) as client, contextlib.AsyncExitStack() as held:
        opener = opener_for(bench, client, heads)
        tracemalloc.start()
        held.callback(tracemalloc.stop)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(10):
            audio = await held.enter_async_context(opener.open(await bench.resolver.look_up(ID), Span(0, None)))
            for _ in range(5):
                await audio.read()
        assert tracemalloc.get_traced_memory()[0] - before < 10 * HEAD_BYTES


def opener_for(bench: Bench, client: UpstreamClient, heads: HeadCache) -> AudioOpener:
    return AudioOpener(
        resolver=bench.resolver,
        client=client,
        patience=Patience(silence=2, retries=(0.0,) * 9),
        window=150_000,
        refused=RefusedTracks(seconds=0),
        heads=heads,
    )


spans = st.tuples(st.integers(0, LENGTH - 1), st.none() | st.integers(0, LENGTH + 10))


@settings(max_examples=60)
@given(
    st.integers(1, LENGTH),
    st.integers(1, LENGTH),
    spans,
    st.lists(st.integers(0, 12), max_size=4),
    st.lists(st.integers(0, 12), max_size=4),
    st.lists(st.sampled_from([Answer(), Answer(reset_after=70_000), Answer(status=403), Answer(ignore_range=True)])),
)
async def test_whatever_the_head_has_the_clients_bytes_are_the_files(
    tmp_path_factory, length, size, span, stalls, pauses, script
) -> None:
    """Any file, any head of it, any span, a client that stands still at any time: every byte is in its place."""
    body, first, last = BODY[:length], min(span[0], length - 1), span[1]
    last = None if last is None else max(first, last)
    async with (
        relay_bench() as bench,
        UpstreamClient(bench.spool) as client,
        HeadCache(folder=tmp_path_factory.mktemp("heads"), limit=2**20) as heads,
    ):
        await bench.put(body)
        bench.upstream.script.extend(script)
        heads.keep(Head(ID, replace(ORIGIN, length=length), body[:size]))
        opener = opener_for(bench, client, heads)
        got = bytearray()
        with contextlib.suppress(ProxyError):
            async with opener.open(await bench.resolver.look_up(ID), Span(first, last)) as audio:
                count = 0

                def put(chunk: bytes | memoryview) -> bool:
                    got.extend(chunk)
                    return False

                while await audio.pour(put) or put(chunk := await audio.read()) or chunk:
                    count += 1
                    if count in stalls:
                        audio.stand_by()
                    if count in pauses:
                        audio.release()
                    if count in {pause // 2 for pause in pauses}:
                        await asyncio.sleep(0)
                assert got == body[first : None if last is None else last + 1]
        assert body[first:].startswith(got)
        assert not bench.upstream.active or await _ends(bench)


async def _ends(bench: Bench) -> bool:
    await eventually(lambda: not bench.upstream.active, "upstream to be let go", 2)
    return True
