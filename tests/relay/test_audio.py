"""Audio from upstream: closed ranges, fresh URLs, and going on at the very byte; never a wrong byte."""

from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.relay_bench import ID, Bench, relay_bench
from support.upstream import Answer
from support.waiting import eventually

from mpdbridge.catalogue import demo_file, demo_playlists
from mpdbridge.errors import ProxyError, YouTubeStreamError
from mpdbridge.models import Stream, Track
from mpdbridge.relay.audio import AudioOpener
from mpdbridge.relay.patience import Patience
from mpdbridge.relay.plan import Span, StreamFacts
from mpdbridge.relay.refused import RefusedTracks
from mpdbridge.relay.remote import SHORT_RANGE
from mpdbridge.relay.reply import UpstreamError
from mpdbridge.relay.upstream import UpstreamClient
from mpdbridge.resolver import Known

BODY = bytes(range(251)) * 2000
LENGTH = len(BODY)
PATIENCE = Patience(silence=0.3, retries=(0.0, 0.0))


@pytest.fixture
async def opener(bench) -> AsyncIterator[AudioOpener]:
    async with UpstreamClient(bench.spool) as client:
        yield opener_for(bench, client)


def opener_for(bench: Bench, client: UpstreamClient) -> AudioOpener:
    return AudioOpener(
        resolver=bench.resolver,
        client=client,
        patience=PATIENCE,
        window=200_000,
        refused=RefusedTracks(seconds=60),
    )


async def read(bench: Bench, opener: AudioOpener, first: int = 0, last: int | None = None) -> bytes:
    async with opener.open(await bench.resolver.look_up(ID), Span(first, last)) as audio:
        return await drain(audio)


async def drain(audio, whole: bytearray | None = None, refusals: Iterable[bool] = ()) -> bytes:
    """Everything, as the sender takes it; `refusals`: whether a client has no room for more after a chunk."""
    whole = bytearray() if whole is None else whole
    refused = iter(refusals)

    def put(chunk: bytes | memoryview) -> bool:
        whole.extend(chunk)
        return not next(refused, False)

    while True:
        if not await audio.pour(put):
            chunk = await audio.read()
            if not chunk:
                return bytes(whole)
            put(chunk)


async def test_the_whole_comes_in_closed_ranges(bench, opener) -> None:
    await bench.put(BODY)
    assert await read(bench, opener) == BODY
    assert [seen.range for seen in bench.upstream.requests] == [
        "bytes=0-196607",
        "bytes=196608-393215",
        f"bytes=393216-{LENGTH - 1}",
    ]


async def test_who_stands_still_gets_short_ranges_again_each_of_which_comes_whole(bench, opener) -> None:
    await bench.put(BODY * 2)
    async with opener.open(await bench.resolver.look_up(ID), Span(0, None)) as audio:
        got = b""
        while len(got) < 450_000:  # some of a long one
            got += bytes(await audio.read())
        audio.stand_by()
        await eventually(lambda: not bench.upstream.active, "the long range to be let go", 2)
        got += bytes(await audio.read())
        await eventually(lambda: not bench.upstream.active, "the short one to have come", 2)
        asked = len(bench.upstream.requests)
        audio.stand_by()
        while len(got) < 450_000 + SHORT_RANGE - 65_536:
            got += bytes(await audio.read())
        assert len(bench.upstream.requests) == asked, "what has come whole is kept"
        assert got + await drain(audio) == BODY * 2
    assert bench.upstream.connections <= 2


async def test_an_upstream_without_ranges_is_not_let_go_for_a_moment(bench, opener) -> None:
    """It would have to send everything again."""
    await bench.put(BODY)
    bench.upstream.default = Answer(ignore_range=True)
    async with opener.open(await bench.resolver.look_up(ID), Span(0, None)) as audio:
        got = bytearray()
        while chunk := await audio.read():
            got += chunk
            audio.stand_by()
    assert len(bench.upstream.requests) == 1
    assert got == BODY


async def test_facts_are_what_upstream_told(bench, opener) -> None:
    await bench.put(BODY, "audio/mp4")
    async with opener.open(await bench.resolver.look_up(ID), Span(5, None)) as audio:
        assert audio.facts == StreamFacts(LENGTH, "audio/mp4", f'"{ID}.251.{LENGTH}"')


async def test_a_type_that_says_nothing_is_replaced_by_the_resolvers(bench, opener) -> None:
    for told, expected in {
        "application/octet-stream": "audio/mpeg",
        "video/webm": "audio/mpeg",
        "audio/ogg": "audio/ogg",
    }.items():
        await bench.put(BODY, told)
        bench.worker.options["content_type"] = "audio/mpeg"
        async with opener.open(await bench.resolver.look_up(ID), Span(0, None)) as audio:
            assert audio.facts.content_type == expected


async def test_upstream_gets_the_headers_it_wants_and_no_other_encoding(bench, opener) -> None:
    await bench.put(BODY, headers={"User-Agent": "as yt-dlp said", "accept-encoding": "gzip", "range": "bytes=7-"})
    await read(bench, opener, 0, 9)
    sent = bench.upstream.requests[0].headers
    assert sent["User-Agent"] == "as yt-dlp said"
    assert {key: value for key, value in sent.items() if key.lower() in ("range", "accept-encoding")} == {
        "Range": "bytes=0-9",
        "Accept-Encoding": "identity",
    }


@pytest.mark.parametrize("refusal", [403, 404, 410])
async def test_a_refused_url_is_replaced_by_a_fresh_one(bench, opener, refusal) -> None:
    await bench.put(BODY)
    bench.upstream.script.append(Answer(status=refusal))
    assert await read(bench, opener) == BODY
    assert bench.worker.asked == 2


async def test_a_fresh_url_is_asked_for_only_once(bench, opener) -> None:
    await bench.put(BODY)
    bench.upstream.default = Answer(status=403)
    with pytest.raises(UpstreamError, match="403"):
        await read(bench, opener)
    assert (bench.worker.asked, len(bench.upstream.requests)) == (2, 2)


async def test_bytes_that_come_after_all_end_a_refusal(bench, opener) -> None:
    await bench.put(BODY)
    async with opener.open(await bench.resolver.look_up(ID), Span(0, None)) as audio:
        await audio.read()
        opener._refused.add(ID, "no")
        await drain(audio)
    assert opener._refused.reasons == {}


async def test_a_url_that_expires_in_mid_song_is_replaced(bench, opener) -> None:
    await bench.put(BODY)
    async with opener.open(await bench.resolver.look_up(ID), Span(0, None)) as audio:
        start = bytes(await audio.read())
        bench.upstream.revoke()
        assert start + await drain(audio) == BODY
    assert bench.worker.asked == 2


@pytest.mark.parametrize(
    "answer",
    [Answer(reset_after=70_000), Answer(stop_after=70_000), Answer(stall_after=70_000), Answer(status=500)],
    ids=["reset", "short", "stall", "500"],
)
async def test_a_broken_transfer_goes_on_at_the_very_byte(bench, opener, answer) -> None:
    await bench.put(BODY)
    bench.upstream.script.extend([answer, Answer(), answer])
    assert await read(bench, opener, 1000) == BODY[1000:]
    assert bench.worker.asked == 1, "the URL was not at fault"


async def test_a_chunked_upstream_that_breaks_goes_on_too(bench, opener) -> None:
    await bench.put(BODY)
    whole = Answer(ignore_range=True, chunked=True)
    bench.upstream.script.append(Answer(ignore_range=True, chunked=True, stop_after=70_000))
    bench.upstream.default = whole
    assert await read(bench, opener) == BODY


async def test_an_upstream_that_ignores_ranges_is_read_up_to_the_place(bench, opener) -> None:
    await bench.put(BODY)
    bench.upstream.default = Answer(ignore_range=True)
    assert await read(bench, opener, 300_000) == BODY[300_000:]


async def test_a_body_shorter_than_its_range_is_not_taken_for_the_end(bench, opener) -> None:
    await bench.put(BODY)
    bench.upstream.script.append(Answer(headers={"Content-Range": f"bytes 0-{len(BODY) - 1}/{len(BODY)}"}))
    assert await read(bench, opener) == BODY


async def test_without_progress_it_gives_up(bench, opener) -> None:
    await bench.put(BODY)
    bench.upstream.default = Answer(stop_after=0)
    with pytest.raises(UpstreamError):
        await read(bench, opener)
    assert len(bench.upstream.requests) == 3


@pytest.mark.parametrize("change", ["length", "type", "format"])
async def test_another_file_is_never_spliced_on(bench, opener, change) -> None:
    await bench.put(BODY)
    bench.upstream.script.append(Answer(stop_after=70_000))
    got = bytearray()
    async with opener.open(await bench.resolver.look_up(ID), Span(0, None)) as audio:
        got += await audio.read()
        bench.upstream.add(
            ID, BODY[:-1] if change == "length" else BODY, "audio/mp4" if change == "type" else "audio/webm"
        )
        if change == "format":
            bench.worker.options["format_id"] = "140"
            await bench.resolver.resolve(ID, fresh=True)
        with pytest.raises(ProxyError, match="another file"):
            await drain(audio, got)
    assert BODY.startswith(got)


async def test_a_file_that_shrank_is_not_taken_for_complete(bench, opener) -> None:
    await bench.put(BODY)
    bench.upstream.script.extend([Answer(), Answer(status=416), Answer(status=416), Answer(status=416)])
    with pytest.raises(UpstreamError, match="denies bytes"):
        await read(bench, opener)


async def test_a_resolver_that_fails_in_mid_song_ends_it(bench, opener) -> None:
    await bench.put(BODY)
    async with opener.open(await bench.resolver.look_up(ID), Span(0, None)) as audio:
        await audio.read()
        bench.upstream.revoke()
        bench.worker.failure = YouTubeStreamError("gone", permanent=True)
        with pytest.raises(YouTubeStreamError):
            await drain(audio)


async def test_redirects_over_http_are_followed_as_they_are_written(bench, opener) -> None:
    await bench.put(BODY)
    bench.upstream.script.append(Answer(redirect=bench.upstream.url(ID)))
    assert await read(bench, opener, 0, 99) == BODY[:100]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/a", "/etc/passwd", "", "http://"])
async def test_only_http_is_ever_fetched(bench, opener, url) -> None:
    await bench.put(BODY, url=url)
    with pytest.raises(UpstreamError):
        await read(bench, opener)


faults = st.builds(
    Answer,
    ignore_range=st.booleans(),
    reset_after=st.none() | st.integers(0, LENGTH),
    stop_after=st.none() | st.integers(0, LENGTH),
)
answers = st.one_of(st.just(Answer()), faults, st.sampled_from([Answer(status=code) for code in (403, 404, 429, 500)]))


@settings(max_examples=60)
@given(
    st.lists(answers, max_size=8),
    st.integers(0, LENGTH - 1),
    st.none() | st.integers(0, LENGTH + 10),
    st.lists(st.booleans()),
)
async def test_whatever_upstream_does_no_wrong_byte_comes(script, first, last, refusals) -> None:
    """It all comes, or the audio ends with an error, and what came until then is the file's, in place."""
    last = None if last is None else max(first, last)
    wanted = BODY[first : None if last is None else last + 1]
    got = bytearray()
    async with relay_bench() as bench, UpstreamClient(bench.spool) as client:
        await bench.put(BODY)
        bench.upstream.script.extend(script)
        try:
            async with opener_for(bench, client).open(await bench.resolver.look_up(ID), Span(first, last)) as audio:
                await drain(audio, got, refusals)
        except ProxyError:
            assert wanted.startswith(got)
        else:
            assert got == wanted


DEMO = demo_playlists()[0].tracks[0]
DEMO_TRACK = Track(DEMO.track_id, DEMO.title, DEMO.artists, source="demo", source_url=f"demo:{DEMO.file}")


async def test_demo_music_comes_from_the_package(bench, opener) -> None:
    await bench.put(b"", track=DEMO_TRACK)
    whole = demo_file(DEMO.file).read_bytes()
    async with opener.open(await bench.resolver.look_up(DEMO.track_id), Span(0, None)) as audio:
        assert audio.facts.length == len(whole)
        assert audio.facts.content_type == "audio/webm"
        assert await drain(audio) == whole
        await audio.start(Span(1000, 1999))
        assert await drain(audio) == whole[1000:2000]
    assert not bench.upstream.requests


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        demo_file(DEMO.file).as_uri().replace("/music/", "/music/../music/"),
        f"http://127.0.0.1/{DEMO.file}",
        f"file:///tmp/{DEMO.file}",
        "file:",
    ],
)
async def test_no_other_file_passes_for_demo_music(bench, url) -> None:
    """Even if the resolver could be made to say so."""

    class Misled:
        async def resolve(self, track_id: str, *, known: Known) -> Stream:
            return Stream(url, 0.0)

    async with UpstreamClient(bench.spool) as client:
        opener = AudioOpener(
            resolver=Misled(), client=client, patience=PATIENCE, window=1, refused=RefusedTracks(seconds=60)
        )
        with pytest.raises(ProxyError):
            async with opener.open(Known(DEMO_TRACK, None, None), Span(0, None)):
                pass


async def test_only_a_demo_track_may_play_a_file(bench, opener) -> None:
    await bench.put(BODY, url=demo_file(DEMO.file).as_uri())
    with pytest.raises(UpstreamError):
        await read(bench, opener)
