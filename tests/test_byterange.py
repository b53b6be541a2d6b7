"""Byte ranges, held to RFC 9110 section 14."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.byterange import (
    ByteRange,
    ContentRange,
    RangeSpec,
    Unsatisfiable,
    content_range,
    if_range_holds,
    parse_content_range,
    parse_range,
    parse_spec,
)

positions = st.integers(0, 300)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        # The examples of RFC 9110 14.1.2, for 10,000 bytes.
        ("bytes=0-499", ByteRange(0, 499)),
        ("bytes=500-999", ByteRange(500, 999)),
        ("bytes=-500", ByteRange(9500, 9999)),
        ("bytes=9500-", ByteRange(9500, 9999)),
        ("bytes= 0-999, 4500-5499, -1000", None),
        ("bytes=0-0,-1", None),
        # One range, written in every legal way.
        ("BYTES=0-1", ByteRange(0, 1)),
        ("bytes= 0-1 ", ByteRange(0, 1)),
        ("bytes=,0-1,,", ByteRange(0, 1)),
        ("bytes=0-", ByteRange(0, 9999)),
        ("bytes=0-99999", ByteRange(0, 9999)),
        ("bytes=-99999", ByteRange(0, 9999)),
        ("bytes=9999-9999", ByteRange(9999, 9999)),
        ("bytes=007-8", ByteRange(7, 8)),
        # Well-formed, but outside.
        ("bytes=10000-", Unsatisfiable(10_000)),
        ("bytes=10000-10001", Unsatisfiable(10_000)),
        ("bytes=-0", Unsatisfiable(10_000)),
        ("bytes=" + "9" * 5000 + "-", Unsatisfiable(10_000)),
        # Not a range at all: as if it were not there.
        (None, None),
        ("", None),
        ("bytes", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=5-4", None),
        ("bytes=1-2-3", None),
        ("bytes=--5", None),
        ("bytes=+1-2", None),
        ("bytes=٣-٤", None),
        ("items=0-5", None),
    ],
)
def test_ranges_of_10000_bytes(header, expected) -> None:
    assert parse_range(header, 10_000) == expected


@pytest.mark.parametrize("header", ["bytes=0-4", "bytes=0-", "bytes=-5", None])
def test_of_an_unknown_length_the_whole_is_served(header) -> None:
    assert parse_range(header, None) is None


@pytest.mark.parametrize(
    ("header", "expected"),
    [("bytes=0-", Unsatisfiable(0)), ("bytes=-5", None), ("bytes=-0", Unsatisfiable(0)), (None, None)],
)
def test_an_empty_file_has_no_range(header, expected) -> None:
    assert parse_range(header, 0) == expected


@given(positions, st.none() | positions, st.integers(0, 300))
def test_an_int_range_selects_what_a_slice_would(first, last, length) -> None:
    data = range(length)
    asked = parse_range(f"bytes={first}-{'' if last is None else last}", length)
    if last is not None and last < first:
        assert asked is None
    elif first >= length:
        assert asked == Unsatisfiable(length)
    else:
        assert isinstance(asked, ByteRange)
        assert data[asked.first : asked.last + 1] == data[first : None if last is None else last + 1]
        assert len(asked) == len(data[asked.first : asked.last + 1])


@given(st.integers(1, 300), st.integers(1, 300))
def test_a_suffix_range_selects_what_a_slice_would(suffix, length) -> None:
    asked = parse_range(f"bytes=-{suffix}", length)
    assert isinstance(asked, ByteRange)
    assert range(length)[asked.first : asked.last + 1] == range(length)[-suffix:]


@given(st.text(), st.none() | st.integers(0))
def test_no_header_is_too_odd(header, length) -> None:
    asked = parse_range(header, length)
    assert asked is None or isinstance(asked, Unsatisfiable) or 0 <= asked.first <= asked.last < (length or 0)
    asked = parse_range("bytes=" + header, length)
    assert asked is None or isinstance(asked, Unsatisfiable) or 0 <= asked.first <= asked.last < (length or 0)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=3-", RangeSpec(3, None)),
        ("bytes=3-9", RangeSpec(3, 9)),
        ("bytes=-7", RangeSpec(None, 7)),
        ("bytes=0-1,3-4", None),
        (None, None),
    ],
)
def test_what_was_asked_can_be_told_without_a_length(header, expected) -> None:
    assert parse_spec(header) == expected


@pytest.mark.parametrize(
    ("if_range", "etag", "holds"),
    [
        (None, None, True),
        (None, '"a"', True),
        ('"a"', '"a"', True),
        (' "a" ', '"a"', True),
        ('"b"', '"a"', False),
        ('"a"', None, False),
        ('W/"a"', 'W/"a"', False),  # 13.1.5: strong comparison
        ('W/"a"', '"a"', False),
        ("Sat, 29 Oct 1994 19:43:31 GMT", '"a"', False),
    ],
)
def test_if_range(if_range, etag, holds) -> None:
    assert if_range_holds(if_range, etag) is holds


@given(positions, positions, st.none() | st.integers(0, 10**15))
def test_content_range_round_trip(first, size, extra) -> None:
    part = ByteRange(first, first + size)
    length = None if extra is None else part.last + 1 + extra
    assert parse_content_range(content_range(part, length)) == ContentRange(part, length)
    assert parse_content_range(content_range(None, length)) == ContentRange(None, length)


def test_content_range_as_the_rfc_writes_it() -> None:
    assert content_range(ByteRange(42, 1233), 1234) == "bytes 42-1233/1234"
    assert content_range(ByteRange(42, 1233), None) == "bytes 42-1233/*"
    assert content_range(None, 1234) == "bytes */1234"


@pytest.mark.parametrize(
    "header", [None, "", "bytes 5-4/10", "bytes 0-10/10", "items 0-1/2", "bytes 0-1", "bytes=0-1/2"]
)
def test_a_wrong_content_range_tells_nothing(header) -> None:
    assert parse_content_range(header) is None
