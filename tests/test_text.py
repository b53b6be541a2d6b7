"""The sanitiser: nothing that comes out of it can end a line or break UTF-8."""

from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.text import cut_chars, cut_utf8, one_line

anything = st.text(st.characters(codec=None))


@given(anything)
def test_one_line_never_holds_a_line_end_or_a_control_character(value):
    line = one_line(value)
    assert len(line.splitlines()) <= 1
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in line)
    line.encode("utf-8")


@given(anything)
def test_one_line_leaves_its_own_result_alone(value):
    assert one_line(one_line(value)) == one_line(value)


def test_one_line_keeps_what_people_write():
    assert one_line(" Sigur Rós – Ágætis\u00a0byrjun 🎵 שלום ") == "Sigur Rós – Ágætis\u00a0byrjun 🎵 שלום"


def test_a_line_break_becomes_one_space():
    assert one_line("a\r\nclear\n") == "a clear"


@given(st.text(), st.integers(0, 50))
def test_cut_utf8_gives_the_longest_whole_start_within_the_limit(value, limit):
    cut = cut_utf8(value, limit)
    assert value.startswith(cut)
    assert len(cut.encode()) <= limit
    if cut != value:
        assert len(cut.encode()) + len(value[len(cut)].encode()) > limit


def test_cut_chars_marks_the_cut():
    assert cut_chars("abcdef", 4) == "abc…"
    assert cut_chars("abcd", 4) == "abcd"
