"""M3U: what is written is read back, and no value can become a line of its own."""

from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.m3u import M3UEntry, parse, render
from mpdbridge.text import one_line

anything = st.text(st.characters(codec=None), max_size=60)
uris = anything.map(lambda tail: f"http://localhost:8080/proxy/{tail}")
entries = st.builds(
    M3UEntry, uri=uris, title=anything, duration=st.none() | st.floats(0, 1e6, allow_nan=False) | st.integers(1, 10**6)
)


def as_written(entry):
    seconds = max(1, round(entry.duration)) if entry.duration else None
    return M3UEntry(uri=one_line(entry.uri), title=one_line(entry.title), duration=seconds)


@given(st.lists(entries, max_size=8))
def test_what_is_rendered_is_parsed_back(values):
    assert parse(render(values)) == [as_written(value) for value in values]


@given(st.lists(entries, max_size=8))
def test_no_value_can_add_a_line(values):
    assert len(render(values).splitlines()) == 1 + 2 * len(values)


@given(anything)
def test_any_text_can_be_parsed(text):
    assert all(entry.uri and not entry.uri.startswith("#") for entry in parse(text))


def test_it_looks_as_mpd_reads_it():
    rendered = render([M3UEntry("http://h/1", "Björk - Jóga, live", 199.6), M3UEntry("http://h/2")])
    assert rendered == "#EXTM3U\n#EXTINF:200,Björk - Jóga, live\nhttp://h/1\n#EXTINF:-1,\nhttp://h/2\n"


def test_a_title_with_a_line_break_stays_one_title():
    assert render([M3UEntry("http://h/1", "a\nfile:///etc/passwd\r#EXTINF:1,b", 5)]).count("\n") == 3


def test_a_comment_may_be_indented():
    assert parse(" #comment\n\t# another\n  http://h/1\n") == [M3UEntry("http://h/1")]


def test_files_of_other_programs_are_understood():
    text = (
        '\ufeff#EXTM3U\r\n#PLAYLIST:x\r\n\r\n#EXTINF:12.5 tvg-id="a",Title\r\nhttp://h/1\r\nhttp://h/2\r\n#EXTINF:,\r\n'
    )
    assert parse(text) == [M3UEntry("http://h/1", "Title", 12.0), M3UEntry("http://h/2")]
