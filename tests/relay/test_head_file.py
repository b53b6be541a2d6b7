"""The file of a head: what was written is read, and nothing else ever passes for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.relay.head_file import DamagedHeadError, Head, decode, encode
from mpdbridge.relay.origin import Origin

ID = "dQw4w9WgXcQ"

bodies = st.binary(min_size=1, max_size=300) | st.sampled_from([b"\n", b"\n\n", b"{}\n", bytes(262_144)])
texts = st.text(max_size=30)
heads = st.builds(
    lambda body, more, format_id, content_type: Head(ID, Origin("", format_id, len(body) + more, content_type), body),
    bodies,
    st.integers(0, 10**12),
    st.none() | texts,
    st.none() | texts,
)


def some_head(track_id: str = ID, body: bytes = b"first bytes", length: int | None = 1000) -> Head:
    return Head(track_id, Origin("", "251", length, "audio/webm"), body)


@given(heads)
def test_what_was_written_is_read(head) -> None:
    assert decode(encode(head), ID) == head


def test_it_begins_with_a_line_that_says_what_it_is() -> None:
    assert encode(some_head()).startswith(
        b'{"track": "dQw4w9WgXcQ", "format": "251", "length": 1000, "type": "audio/webm"}\nfirst'
    )


@given(heads, st.data())
def test_a_cut_file_is_no_head(head, data) -> None:
    file = encode(head)
    with pytest.raises(DamagedHeadError):
        decode(file[: data.draw(st.integers(0, len(file) - 1))], ID)


@given(heads, st.data())
def test_one_wrong_byte_is_seen_wherever_it_is(head, data) -> None:
    file = bytearray(encode(head))
    file[data.draw(st.integers(0, len(file) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DamagedHeadError):
        decode(bytes(file), ID)


@given(st.binary(max_size=200))
def test_no_garbage_passes(garbage) -> None:
    with pytest.raises(DamagedHeadError):
        decode(garbage, ID)


@pytest.mark.parametrize(
    "head",
    [
        some_head("DQW4w9WgXcQ"),
        some_head(body=b""),
        some_head(length=5),
        some_head(length=None),
    ],
    ids=["another track", "no bytes", "more bytes than the file", "no length"],
)
def test_a_whole_file_that_makes_no_sense_is_no_head(head) -> None:
    with pytest.raises(DamagedHeadError):
        decode(encode(head), ID)


@pytest.mark.parametrize("line", [b"[]", b"3", b"null", b"{}", b"\xff", b"[" * 5000])
def test_a_first_line_that_says_something_else_is_no_head(line, monkeypatch) -> None:
    """As a file of another format, with a checksum that is right, would have it."""
    monkeypatch.setattr("mpdbridge.relay.head_file.json.dumps", lambda _: line.decode("latin-1"))
    with pytest.raises(DamagedHeadError):
        decode(encode(some_head()), ID)
