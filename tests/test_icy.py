"""ICY: whatever the title and however the audio is cut, the audio stays whole and the title stays in its frame."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.icy_decoder import IcyDecoder

from mpdbridge.icy import IcyEncoder, safe_title, stream_title_block

NASTY = [
    "",
    "';",
    ";",
    "'",
    "StreamTitle='fake';",
    "a\r\nIcy-Name: b",
    "Ein\0Titel",
    "back\\slash\\",
    "\ud800 lone surrogate",
    "🎵" * 2000,
    "é" * 2033,
    "a" * 4065,
    "a" * 4066,
    "שלום ; 'x'",
]
titles = st.one_of(st.text(), st.text(alphabet="';a\0\n=é🎵"), st.text(min_size=1000), st.sampled_from(NASTY))
intervals = st.integers(1, 200)


@st.composite
def cut_audio(draw):
    """Some audio, and the same cut into pieces at any places."""
    audio = draw(st.binary(max_size=1500))
    cuts = draw(st.lists(st.integers(0, len(audio)), max_size=20))
    return audio, pieces(audio, cuts)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cuts), len(data)]
    return [data[a:b] for a, b in pairwise(places)]


def encode(metaint: int, title: str, chunks: list[bytes]) -> bytes:
    encoder = IcyEncoder(metaint=metaint, title=title)
    return b"".join(map(encoder.feed, chunks))


def decode(metaint: int, chunks: list[bytes]) -> tuple[bytes, list[str]]:
    decoder = IcyDecoder(metaint=metaint)
    found = [item for chunk in chunks for item in decoder.feed(chunk)]
    return b"".join(i for i in found if isinstance(i, bytes)), [i for i in found if isinstance(i, str)]


@pytest.mark.parametrize("title", NASTY)
def test_nasty_titles_stay_in_their_frame(title: str) -> None:
    assert_framed(title)


@given(titles)
def test_no_title_breaks_out_of_its_frame(title: str) -> None:
    assert_framed(title)


def assert_framed(title: str) -> None:
    block = stream_title_block(title)
    text = block[1:].rstrip(b"\0")
    assert block[0] * 16 == len(block) - 1 <= 4080
    assert len(block) - 1 - len(text) < 16, "no more padding than needed"
    assert text.startswith(b"StreamTitle='")
    assert text.endswith(b"';")
    assert text.count(b"'") == 2
    assert text.count(b"';") == 1
    assert text.decode() == f"StreamTitle='{safe_title(title)}';"
    assert text.decode().isprintable() or not any(ord(c) < 32 or ord(c) == 127 for c in text.decode())


def test_the_length_is_one_raw_byte_even_above_127() -> None:
    block = stream_title_block("x" * 4000)
    assert block[0] == 251
    assert len(block) == 1 + 251 * 16


def test_a_long_title_is_cut_between_characters() -> None:
    for shift in range(4):
        title = safe_title("a" * shift + "🎵" * 2000)
        assert 4065 - 3 <= len(title.encode()) <= 4065
        assert set(title[shift:]) == {"🎵"}


@given(st.text(alphabet=st.characters(categories=["L", "N"]), max_size=300))
def test_a_plain_title_is_told_as_it_is(title: str) -> None:
    assert safe_title(title) == title


@given(titles, cut_audio(), intervals, st.lists(st.integers(0, 5000), max_size=20))
@example("", (b"", [b""]), 1, [])
def test_round_trip_for_any_title_and_any_chunking(title, audio_and_chunks, metaint, cuts) -> None:
    audio, chunks = audio_and_chunks
    encoded = encode(metaint, title, chunks)
    told = [safe_title(title)] if len(audio) >= metaint else []
    assert decode(metaint, pieces(encoded, [min(cut, len(encoded)) for cut in cuts])) == (audio, told)


@given(titles, cut_audio(), intervals)
def test_chunking_does_not_matter(title, audio_and_chunks, metaint) -> None:
    audio, chunks = audio_and_chunks
    assert encode(metaint, title, chunks) == encode(metaint, title, [audio])


@given(cut_audio(), intervals)
def test_blocks_stand_after_exactly_every_interval(audio_and_chunks, metaint) -> None:
    """Audio without a zero byte, so that every zero byte after the first block is a block by itself."""
    audio = audio_and_chunks[0].replace(b"\0", b"\1")
    block = stream_title_block("t")
    expected = bytearray()
    for start in range(0, len(audio), metaint):
        interval = audio[start : start + metaint]
        expected += interval
        if len(interval) == metaint:
            expected += block if start == 0 else b"\0"
    assert encode(metaint, "t", [audio]) == expected


@given(cut_audio(), intervals)
def test_a_block_is_sent_with_the_last_byte_of_its_interval(audio_and_chunks, metaint) -> None:
    """Nothing is held back for a later chunk: what was fed can be decoded up to the last block."""
    encoder, decoder = IcyEncoder(metaint=metaint, title="t"), IcyDecoder(metaint=metaint)
    _, chunks = audio_and_chunks
    for chunk, so_far in zip(chunks, accumulate(map(len, chunks)), strict=True):
        titles_told = [item for item in decoder.feed(encoder.feed(chunk)) if isinstance(item, str)]
        assert bool(titles_told) == (so_far >= metaint > so_far - len(chunk))


@given(st.lists(st.tuples(titles | st.just("first"), st.binary(max_size=60)), min_size=1, max_size=20))
@example([("other", b""), ("first", bytes(10))])
def test_a_changed_title_is_told_once_at_the_next_block(steps) -> None:
    metaint = 10
    encoder = IcyEncoder(metaint=metaint, title="first")
    sent, expected, said, left = b"", [], None, metaint
    for title, audio in steps:
        encoder.title = title
        sent += encoder.feed(audio)
        assert encoder.title == title
        if len(audio) >= left and safe_title(title) != said:
            said = safe_title(title)
            expected.append(said)
        left = (left - len(audio) - 1) % metaint + 1
    assert decode(metaint, [sent]) == (b"".join(audio for _, audio in steps), expected)


@given(cut_audio(), intervals)
def test_memoryviews_are_as_good_as_bytes(audio_and_chunks, metaint) -> None:
    audio, chunks = audio_and_chunks
    encoder = IcyEncoder(metaint=metaint, title="t")
    encoded = [encoder.feed(memoryview(chunk)) for chunk in chunks]
    assert all(type(part) is bytes for part in encoded)
    assert b"".join(encoded) == encode(metaint, "t", [audio])


def test_the_decoder_passes_over_what_other_stations_send() -> None:
    blocks = b"\2" + b"StreamUrl='http://x/';".ljust(32, b"\0") + b"ab" + b"\1" + b"StreamTitle='\xff';"
    assert IcyDecoder(metaint=2).feed(b"ab" + blocks + b"cd") == [b"ab", b"ab", "\ufffd", b"cd"]
