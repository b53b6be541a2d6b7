"""CUE sheets: what is written is read back, no value can become a line of its own, and MPD makes the song of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.cue import Sheet, parse, render, sheet_value
from mpdbridge.text import one_line

anything = st.text(st.characters(codec=None), max_size=60)
values = st.lists(anything, max_size=3)
tags = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("Title", "Album", "AlbumArtist", "Date"), anything.map(lambda value: [value])),
        "Artist": values,
        "Track": st.integers(1, 9999).map(lambda number: [str(number)]),
    },
)
sheets = st.builds(
    Sheet, url=st.just("http://localhost:8080/proxy/oLtmHdXKIYE"), tags=tags, seconds=st.none() | st.floats(0, 1e5)
)


def written(sheet: Sheet) -> dict[str, list[str]]:
    """The tags as a sheet can hold them: empty ones are none."""
    found = {tag: [line for value in values if (line := sheet_value(value))] for tag, values in sheet.tags.items()}
    return {tag: lines for tag, lines in found.items() if lines}


@given(sheets)
def test_what_is_rendered_is_parsed_back(sheet):
    found = parse(render(sheet))
    assert found is not None
    assert (found.url, found.tags) == (sheet.url, written(sheet))
    if sheet.seconds is None or sheet.seconds < 1 / 75:
        assert found.seconds is None
    else:
        assert sheet.seconds - 1 / 75 <= found.seconds <= sheet.seconds + 1e-6
        assert parse(render(found)) == found


@given(sheets)
def test_no_value_can_add_a_line_or_end_its_quotes(sheet):
    lines = render(sheet).split("\n")
    assert len(lines) <= 7 + sum(map(len, sheet.tags.values()))
    assert all((line.count('"') in (0, 2) and line == one_line(line)) or line.startswith("  ") for line in lines)


@given(anything)
def test_any_text_can_be_parsed_and_no_foreign_one_is_ours(text):
    assert parse(text) is None
    parse(f'REM GENERATOR "mpdbridge"\n{text}')


def test_it_looks_as_mpd_reads_it():
    sheet = Sheet(
        "http://localhost:8080/proxy/oLtmHdXKIYE",
        {"Artist": ["A", "B"], "Title": ['The 12" "Mix"'], "Album": ["Al"], "AlbumArtist": ["AA"], "Track": ["7"]},
        200 + 74 / 75,
    )
    assert render(sheet) == (
        'REM GENERATOR "mpdbridge"\nTITLE "Al"\nPERFORMER "AA"\n'
        'FILE "http://localhost:8080/proxy/oLtmHdXKIYE" WAVE\n  TRACK 7 AUDIO\n'
        '    TITLE "The 12” “Mix”"\n    PERFORMER "A"\n    REM Artist "B"\n  TRACK\n    INDEX 01 03:20:74\n'
    )


@pytest.mark.parametrize(
    ("seconds", "index"), [(None, None), (0, None), (1 / 75, "00:00:01"), (7200, "120:00:00"), (59.999, "00:59:74")]
)
def test_the_duration_is_the_index_of_a_bare_track(seconds, index):
    lines = render(Sheet("http://h/", {"Title": ["x"]}, seconds)).splitlines()
    assert [line.split()[-1] for line in lines if "INDEX" in line] == ([] if index is None else [index])
