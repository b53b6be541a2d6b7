"""The relay over real HTTP, between a fake googlevideo and clients that behave in every way."""

import asyncio
import json
import socket
import time

import aiohttp
import pytest
from support.relay_bench import ID, TRACK
from support.upstream import Answer
from support.waiting import eventually

from mpdbridge.errors import StoreError, TrackNotFoundError, YouTubeStreamError
from mpdbridge.icy import IcyDecoder
from mpdbridge.models import Track
from mpdbridge.relay.audio import Patience
from mpdbridge.store import TrackStore

BODY = bytes(range(256)) * 1200
LENGTH = len(BODY)
BIG = bytes(8 * 1024 * 1024)  # more than every buffer on the way holds


@pytest.mark.parametrize("path", [f"/proxy/{ID}", f"/proxy/{ID}/Tommy Guerrero - Thin∕Brown", f"/proxy/{ID}/a/b/c"])
async def test_a_track_is_served_under_every_readable_tail(bench, path) -> None:
    await bench.put(BODY)
    status, headers, body = await bench.get(await bench.start(), path)
    assert (status, body) == (200, BODY)
    assert headers["Content-Type"] == "audio/webm"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Content-Length"] == str(LENGTH)
    assert "icy-metaint" not in headers


@pytest.mark.parametrize(
    ("asked", "status", "told", "body"),
    [
        ("bytes=0-", 206, f"bytes 0-{LENGTH - 1}/{LENGTH}", BODY),
        ("bytes=1000-1999", 206, f"bytes 1000-1999/{LENGTH}", BODY[1000:2000]),
        ("bytes=300000-", 206, f"bytes 300000-{LENGTH - 1}/{LENGTH}", BODY[300000:]),
        ("bytes=-5", 206, f"bytes {LENGTH - 5}-{LENGTH - 1}/{LENGTH}", BODY[-5:]),
        ("bytes=0-1,5-6", 200, None, BODY),
        ("bytes=9-2", 200, None, BODY),
    ],
)
@pytest.mark.parametrize("answer", [Answer(), Answer(ignore_range=True)], ids=["ranges", "ignores ranges"])
async def test_ranges_are_served_whatever_upstream_makes_of_them(bench, asked, status, told, body, answer) -> None:
    await bench.put(BODY)
    bench.upstream.default = answer
    got_status, headers, got = await bench.get(await bench.start(), Range=asked)
    assert (got_status, headers.get("Content-Range"), got) == (status, told, body)
    assert headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize("answer", [Answer(), Answer(ignore_range=True)], ids=["ranges", "ignores ranges"])
async def test_a_range_outside_is_416_with_the_length(bench, answer) -> None:
    await bench.put(BODY)
    bench.upstream.default = answer
    status, headers, body = await bench.get(await bench.start(), Range=f"bytes={LENGTH}-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{LENGTH}")
    assert body == f"the track has {LENGTH} bytes\n".encode()


async def test_a_small_range_asks_upstream_for_no_more(bench) -> None:
    await bench.put(BODY)
    await bench.get(await bench.start(), Range="bytes=100-199")
    assert [seen.range for seen in bench.upstream.requests] == ["bytes=100-199"]


async def test_if_range_with_an_older_tag_gets_the_whole(bench) -> None:
    await bench.put(BODY)
    relay = await bench.start()
    _, headers, _ = await bench.get(relay)
    status, _, body = await bench.get(relay, Range="bytes=5-9", If_Range=headers["ETag"])
    assert (status, body) == (206, BODY[5:10])
    status, _, body = await bench.get(relay, Range="bytes=5-9", If_Range='"older"')
    assert (status, body) == (200, BODY)


@pytest.mark.parametrize(
    "answer", [Answer(ignore_range=True, chunked=True), Answer(hide_total=True)], ids=["no length", "no total"]
)
async def test_of_an_unknown_length_everything_comes_chunked(bench, answer) -> None:
    await bench.put(BODY)
    bench.upstream.default = answer
    relay = await bench.start()
    for asked in ({}, {"Range": "bytes=500-"}):
        status, headers, body = await bench.get(relay, **asked)
        assert (status, body) == (200, BODY)
        assert "Content-Length" not in headers
        assert "Accept-Ranges" not in headers


@pytest.mark.parametrize(("agent", "sized"), [("0.23.12", False), ("0.23.13", True)])
@pytest.mark.parametrize("asked", [{}, {"Range": "bytes=1000-1999"}])
async def test_an_mpd_that_hangs_on_cut_bodies_is_told_no_length(bench, agent, sized, asked) -> None:
    await bench.put(BODY)
    relay = await bench.start({"tagged": lambda address: address == "127.0.0.1"})
    agent = f"Music Player Daemon {agent}"
    status, headers, body = await bench.get(relay, User_Agent=agent, Icy_MetaData="1", **asked)
    assert (status, body) == ((206, BODY[1000:2000]) if asked else (200, BODY))
    assert ("Content-Length" in headers) is sized
    assert ("Transfer-Encoding" in headers) is not sized
    assert headers["Accept-Ranges"] == "bytes"


async def test_who_asks_for_titles_gets_them_between_untouched_audio(bench) -> None:
    await bench.put(BODY)
    status, headers, body = await bench.get(await bench.start(icy_metaint=5000), Icy_MetaData="1", Range="bytes=0-")
    assert status == 200
    assert headers["icy-name"] == "Tommy Guerrero - Thin Brown Layer"
    assert headers["icy-metaint"] == "5000"
    assert headers["Content-Type"] == "audio/webm"
    assert not {"Accept-Ranges", "Content-Length", "ETag"} & set(headers)
    found = IcyDecoder(metaint=5000).feed(body)
    assert b"".join(part for part in found if isinstance(part, bytes)) == BODY
    assert [part for part in found if isinstance(part, str)] == ["Tommy Guerrero - Thin Brown Layer"]


@pytest.mark.parametrize(
    ("mode", "tagged", "titles"), [("auto", True, False), ("always", True, True), ("never", False, False)]
)
async def test_the_configuration_rules_who_gets_titles(bench, mode, tagged, titles) -> None:
    await bench.put(BODY)
    relay = await bench.start({"tagged": lambda _: tagged}, icy=mode)
    _, headers, _ = await bench.get(relay, Icy_MetaData="1", User_Agent="Music Player Daemon 0.24.13")
    assert ("icy-metaint" in headers) is titles


@pytest.mark.parametrize(
    "title",
    ["a\r\nSet-Cookie: b", "quotes ' \" \\", "';", "🎵 שלום", "x" * 5000, "\x00\x1b[31m"],
    ids=["newline", "quotes", "frame", "emoji", "long", "escape"],
)
async def test_odd_titles_stay_titles(bench, title) -> None:
    await bench.put(BODY, track=Track(ID, title, ("Ärtist",)))
    _, headers, body = await bench.get(await bench.start(), Icy_MetaData="1")
    assert "Set-Cookie" not in headers
    told = [part for part in IcyDecoder().feed(body) if isinstance(part, str)]
    assert len(told) == 1
    assert told[0].startswith("Ärtist - ")
    assert headers["icy-name"].startswith("Ärtist - ")


@pytest.mark.parametrize("asked", [{}, {"Range": "bytes=5-9"}, {"Icy_MetaData": "1"}])
async def test_head_has_the_headers_of_get_and_fetches_no_body(bench, asked) -> None:
    await bench.put(BODY)
    relay = await bench.start(max_streams=1)
    _, expected, _ = await bench.get(relay, **{key: value for key, value in asked.items() if key != "Range"})
    bench.upstream.requests.clear()
    status, headers, body = await bench.get(relay, method="HEAD", **asked)
    varying = ("Date", "Transfer-Encoding")
    assert (status, body) == (200, b"")
    assert {k: v for k, v in headers.items() if k not in varying} == {
        k: v for k, v in expected.items() if k not in varying
    }
    assert sum(seen.sent for seen in bench.upstream.requests) <= 1


@pytest.mark.parametrize("tail", ["Tommy%c2%a0Guerrero%c2%a0-%c2%a0%c3%9cberm%Flu%c3%9f", "50%", "a%00b", "%ff%fe"])
async def test_a_tail_as_libcurl_escapes_it_is_understood(bench, tail) -> None:
    """libcurl, and so MPD, escapes what is not ASCII, and leaves a lone % as it is."""
    await bench.put(BODY)
    relay = await bench.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    writer.write(f"GET /proxy/{ID}/{tail} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(BODY)


async def test_an_http_1_0_client_gets_its_titles_too(bench) -> None:
    await bench.put(BODY)
    relay = await bench.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    writer.write(f"GET /proxy/{ID} HTTP/1.0\r\nIcy-MetaData: 1\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert b"chunked" not in head
    assert b"".join(part for part in IcyDecoder().feed(body) if isinstance(part, bytes)) == BODY


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
    bench.resolver.failure = failure
    got, headers, body = await bench.get(await bench.start())
    assert (got, headers.get("Retry-After")) == (status, retry_after)
    assert body.decode() == (str(failure) or "no audio in time") + "\n"
    assert headers["Content-Type"].startswith("text/plain")


async def test_an_unknown_track_is_404_and_never_resolved(bench) -> None:
    status, _, body = await bench.get(await bench.start())
    assert (status, bench.resolver.asked) == (404, 0)
    assert body == f"no track {ID} is known here: run `mpdbridge sync` or add it\n".encode()


@pytest.mark.parametrize(
    ("answer", "status", "line"),
    [
        (Answer(status=403), 502, "upstream answered 403 Forbidden"),
        (Answer(status=429), 502, "upstream answered 429 Too Many Requests"),
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


async def test_health_tells_what_it_is_given(bench) -> None:
    await bench.store.run(TrackStore.upsert_tracks, [TRACK])
    relay = await bench.start({"health": lambda: {"mpd": {"state": "attached"}}})
    status, _, body = await bench.get(relay, "/health")
    facts = json.loads(body)
    assert status == 200
    assert (facts["status"], facts["tracks"], facts["mpd"]) == ("ok", 1, {"state": "attached"})
    assert facts["streams"] == {"active": 0, "max": 10, "served": 0}
    assert facts["uptime_seconds"] >= 0


@pytest.mark.parametrize("headers", [{}, {"Icy_MetaData": "1"}, {"Range": "bytes=100-"}])
async def test_a_client_that_goes_takes_upstream_with_it(bench, headers) -> None:
    await bench.put(BIG)
    relay = await bench.start()
    answer = await bench.first_byte(relay, **headers)
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
    await eventually(lambda: not bench.upstream.active and not bench.upstream.connections, "upstream to be let go", 2)


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
