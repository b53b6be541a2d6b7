"""What the relay serves over real HTTP: ranges, titles, heads, health."""

import asyncio
import json

import pytest
from support.icy_decoder import IcyDecoder
from support.relay_bench import ID, TRACK
from support.upstream import Answer

from mpdbridge.models import Track
from mpdbridge.store import TrackStore

BODY = bytes(range(256)) * 1200
LENGTH = len(BODY)


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


async def test_health_tells_what_it_is_given(bench) -> None:
    await bench.store.run(TrackStore.upsert_tracks, [TRACK])
    relay = await bench.start({"health": lambda: {"mpd": {"state": "attached"}}})
    status, _, body = await bench.get(relay, "/health")
    facts = json.loads(body)
    assert status == 200
    assert (facts["status"], facts["tracks"], facts["mpd"]) == ("ok", 1, {"state": "attached"})
    assert facts["streams"] == {"active": 0, "max": 10, "served": 0}
    assert facts["uptime_seconds"] >= 0
