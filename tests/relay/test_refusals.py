"""Every failure before the first byte is a status and one plain line, and tells no secret."""

import asyncio
import time

import pytest
from support.relay_bench import ID
from support.upstream import Answer
from support.waiting import eventually

from mpdbridge.errors import StoreError, TrackNotFoundError, YouTubeStreamError
from mpdbridge.relay.patience import Patience

BODY = bytes(range(256)) * 1200
REFUSED = ", with a fresh URL too: a newer yt-dlp, resolver.cookies_file or resolver.extractor_args may help"
LATER = " (trying again in 5 min)"


@pytest.mark.parametrize(
    "path", ["/proxy/short", "/proxy/has%20space00", f"/proxy/{'x' * 65}", "/proxy/..%2f..%2fetcpasswd"]
)
async def test_a_malformed_id_is_400(bench, path) -> None:
    status, _, body = await bench.get(await bench.start(), path)
    assert (status, body) == (400, b"a track id is 11 to 64 letters, digits, - and _\n")


@pytest.mark.parametrize(
    ("failure", "status", "retry_after"),
    [
        (TrackNotFoundError("no such track"), 404, None),
        (YouTubeStreamError("it was deleted", permanent=True), 404, None),
        (YouTubeStreamError("YouTube wants a pause", retry_after=300.4), 503, "300"),
        (YouTubeStreamError("no format"), 502, None),
        (StoreError("the disk is full"), 500, None),
        (TimeoutError(), 504, None),
    ],
)
async def test_a_failing_resolver_is_one_plain_line(bench, failure, status, retry_after) -> None:
    await bench.put(BODY)
    bench.worker.failure = failure
    got, headers, body = await bench.get(await bench.start())
    assert (got, headers.get("Retry-After")) == (status, retry_after)
    assert body.decode() == (str(failure) or "no audio in time") + "\n"
    assert headers["Content-Type"].startswith("text/plain")
    assert bench.worker.asked == 1 + getattr(failure, "permanent", False), "no address is asked twice"


async def test_an_unknown_track_is_404_and_never_resolved(bench) -> None:
    status, _, body = await bench.get(await bench.start())
    assert (status, bench.worker.asked) == (404, 0)
    assert body == f"{ID}: no such track here: `mpdbridge sync` or `mpdbridge add` brings it\n".encode()


@pytest.mark.parametrize(
    ("answer", "status", "line"),
    [
        (Answer(status=403), 502, f"upstream answered 403 Forbidden{REFUSED}{LATER}"),
        (Answer(status=429), 502, f"upstream answered 429 Too Many Requests{LATER}"),
        (Answer(status=500), 502, "upstream answered 500 Internal Server Error"),
        (Answer(headers={"Content-Type": "text/html; charset=utf-8"}), 502, "upstream sent a page instead of audio"),
        (Answer(headers={"Content-Range": "bytes 7-9/100"}), 502, "upstream sent another range than asked for"),
        (Answer(redirect="file:///etc/passwd"), 502, "upstream's URL leads nowhere (NonHttpUrlRedirectClientError)"),
        (Answer(stall_after=0), 504, "upstream was silent for too long"),
        (Answer(stop_after=0), 502, "upstream broke off (ClientPayloadError)"),
    ],
)
async def test_an_upstream_that_fails_for_good_is_one_plain_line(bench, answer, status, line) -> None:
    await bench.put(BODY)
    bench.upstream.default = answer
    relay = await bench.start({"patience": Patience(first_byte=5, silence=0.1, retries=(0.01,))})
    got, _, body = await bench.get(relay)
    assert (got, body.decode()) == (status, f"{line}\n")


async def test_an_upstream_that_is_not_there_is_502(bench) -> None:
    await bench.put(BODY, url="http://127.0.0.1:9/none")
    status, _, body = await bench.get(await bench.start())
    assert (status, body) == (502, b"upstream cannot be reached (Connection refused)\n")


async def test_headers_wait_for_the_first_byte_and_the_time_limit_is_504(bench) -> None:
    await bench.put(BODY)
    bench.upstream.default = Answer(delay=0.3)
    started = time.monotonic()
    assert (await bench.get(await bench.start()))[0] == 200
    assert time.monotonic() - started >= 0.3
    bench.upstream.default = Answer(stall_after=0)
    relay = await bench.start({"patience": Patience(first_byte=0.3, silence=60)})
    status, _, body = await bench.get(relay)
    assert (status, body) == (504, b"no audio in time\n")
    await eventually(lambda: not bench.upstream.active, "upstream to be let go")


async def test_no_signed_url_is_ever_told_or_logged(bench, capsys) -> None:
    await bench.put(BODY)
    for answer in (Answer(status=403), Answer(redirect="http://127.0.0.1:9/secret?sig=hush"), Answer(stop_after=0)):
        bench.upstream.default = answer
        _, _, body = await bench.get(await bench.start())
        assert b"sig" not in body
    printed = "".join(capsys.readouterr())
    assert ID in printed
    assert "sig=" not in printed
    assert "hush" not in printed


@pytest.mark.parametrize(
    "sent",
    [b"\x16\x03\x01\x02\x00\x01 a TLS client", b"GET /proxy/Gr\xc3\xbc\xc3\x9fe HTTP/1.1\r\n\r\n", b"GET\r\n\r\n"],
)
async def test_what_is_no_http_is_400_and_no_traceback_in_the_log(bench, caplog, sent) -> None:
    relay = await bench.start()
    for _ in range(2):
        reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
        writer.write(sent)
        assert (await reader.read()).startswith(b"HTTP/1.0 400")
        writer.close()
        await writer.wait_closed()
    assert caplog.records == []
