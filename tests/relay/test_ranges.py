"""Ranges as RFC 9110 has them, over real HTTP, however much upstream tells."""

import pytest
from support.relay_bench import ID
from support.upstream import Answer

BODY = bytes(range(251)) * 1000
LENGTH = len(BODY)
ETAG = f'"{ID}.251.{LENGTH}"'
MPD = {"User_Agent": "Music Player Daemon 0.23.12"}
UPSTREAMS = {
    "ranges": Answer(),
    "no total": Answer(hide_total=True),
    "ignored": Answer(ignore_range=True),
    "no length": Answer(ignore_range=True, chunked=True),
}
WHOLE = (200, None, BODY)


def part(first: int, last: int) -> tuple[int, str, bytes]:
    return 206, f"bytes {first}-{last}/{LENGTH}", BODY[first : last + 1]


CASES = {
    "": WHOLE,
    "bytes=0-": part(0, LENGTH - 1),
    "bytes=0-0": part(0, 0),
    "bytes=1000-1999": part(1000, 1999),
    "bytes=250000-": part(250_000, LENGTH - 1),
    "bytes=250000-999999999": part(250_000, LENGTH - 1),
    "bytes=-1": part(LENGTH - 1, LENGTH - 1),
    "bytes=-999999999": part(0, LENGTH - 1),
    f"bytes={LENGTH - 1}-": part(LENGTH - 1, LENGTH - 1),
    f"bytes={LENGTH + 1}-": (416, f"bytes */{LENGTH}", None),
    "bytes=999999999-": (416, f"bytes */{LENGTH}", None),
    "bytes=-0": (416, f"bytes */{LENGTH}", None),
    "BYTES = 5-9": part(5, 9),
    "bytes=0-1,5-6": WHOLE,
    "bytes=5-2": WHOLE,
    "bytes=x": WHOLE,
    "seconds=0-1": WHOLE,
}


@pytest.mark.parametrize("client", [{}, MPD], ids=["sized", "chunked"])
@pytest.mark.parametrize("upstream", ["ranges", "ignored"])
@pytest.mark.parametrize("asked", CASES)
async def test_every_range_gets_its_bytes(bench, asked, upstream, client) -> None:
    await bench.put(BODY)
    bench.upstream.default = UPSTREAMS[upstream]
    headers = {**client, "Range": asked} if asked else client
    status, told, body = await bench.get(await bench.start(), **headers)
    expected_status, content_range, expected = CASES[asked]
    assert (status, told.get("Content-Range")) == (expected_status, content_range)
    if expected is not None:
        assert body == expected
        assert told["ETag"] == ETAG
        assert told.get("Content-Length") == (None if client else str(len(expected)))
    assert told["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("upstream", ["no total", "no length"])
@pytest.mark.parametrize("asked", ["bytes=0-", "bytes=5-9", "bytes=-5", "bytes=999999999-", "bytes=1-2,4-5", ""])
async def test_what_has_no_known_length_is_served_whole(bench, asked, upstream) -> None:
    """A 206 and a 416 would have to tell the length: 14.4 lets a 206 say `*`, but then nobody could seek by it."""
    await bench.put(BODY)
    bench.upstream.default = UPSTREAMS[upstream]
    status, told, body = await bench.get(await bench.start(), **({"Range": asked} if asked else {}))
    if asked == "bytes=999999999-" and upstream == "no total":
        assert (status, told["Content-Range"]) == (416, f"bytes */{LENGTH}")  # upstream's own 416 told it
        return
    assert (status, body) == (200, BODY)
    assert "Accept-Ranges" not in told
    assert "Content-Length" not in told


@pytest.mark.parametrize(
    ("validator", "status"),
    [
        (ETAG, 206),
        (f" {ETAG} ", 206),
        (f"W/{ETAG}", 200),
        ('"another"', 200),
        ("Sat, 29 Oct 1994 19:43:31 GMT", 200),
    ],
)
async def test_if_range_guards_a_range(bench, validator, status) -> None:
    """13.1.5: entity tags are compared strongly, and a date that was never told matches nothing."""
    await bench.put(BODY)
    got, _, body = await bench.get(await bench.start(), Range="bytes=5-9", If_Range=validator)
    assert (got, body) == ((206, BODY[5:10]) if status == 206 else (200, BODY))


async def test_an_unsatisfiable_range_of_another_version_is_the_whole(bench) -> None:
    await bench.put(BODY)
    got, _, body = await bench.get(await bench.start(), Range=f"bytes={LENGTH}-", If_Range='"another"')
    assert (got, body) == (200, BODY)


async def test_what_begins_just_behind_the_last_byte_is_unsatisfiable(bench) -> None:
    await bench.put(BODY)
    got, told, _ = await bench.get(await bench.start(), Range=f"bytes={LENGTH}-")
    assert (got, told["Content-Range"]) == (416, f"bytes */{LENGTH}")


@pytest.mark.parametrize("upstream", UPSTREAMS)
async def test_a_head_tells_what_a_get_would(bench, upstream) -> None:
    """14.2: Range is defined for GET alone, so a HEAD is always that of the whole."""
    await bench.put(BODY)
    bench.upstream.default = UPSTREAMS[upstream]
    relay = await bench.start()
    _, get, _ = await bench.get(relay)
    status, head, body = await bench.get(relay, method="HEAD", Range="bytes=5-9")
    assert (status, body) == (200, b"")
    names = ("Content-Length", "Content-Type", "Accept-Ranges", "ETag", "Content-Range")
    assert [head.get(name) for name in names] == [get.get(name) for name in names]
