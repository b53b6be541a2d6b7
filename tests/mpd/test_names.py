"""Whatever a playlist is called at its source, MPD takes the name we give it, and it still reads like the original."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.mpd.names import HiddenName, legal_name


@pytest.mark.parametrize(
    ("name", "legal"),
    [
        ("YT: Röyksopp – 夜 🎧", "YT: Röyksopp – 夜 🎧"),
        ("AC/DC", "AC∕DC"),
        ("a\nclear\r\n", "a clear"),
        (" ", "Untitled"),
        ("", "Untitled"),
        (".hidden", "․hidden"),
        ("..", "․."),
        ("x" * 5000, "x" * 251),
        ("é" * 5000, "é" * 125),
        (f"{'x' * 250} y", "x" * 250),
        ('"quoted" \\ back', '"quoted" \\ back'),
    ],
)
def test_names_stay_as_close_as_can_be(name: str, legal: str) -> None:
    assert legal_name(name) == legal


@given(st.text(max_size=300) | st.text("./ \n\ud800é", max_size=300))
def test_every_name_is_legal_stays_so_and_is_never_a_reserved_one(name: str) -> None:
    legal = legal_name(name)
    assert 1 <= len(legal.encode()) <= 251
    assert not set(legal) & set("/\n\r\0")
    assert not legal.startswith(".")
    assert legal_name(legal) == legal
    assert HiddenName.parse(legal) is None


def test_reserved_names_are_recognised_and_nothing_else_is() -> None:
    hidden = HiddenName("0a1b2c3d", 4711, "deadbeef")
    assert HiddenName.parse(str(hidden)) == hidden
    for near in ("mpdbridge-0a1b2c3d-4711-deadbeef", f"{hidden}x", f"{hidden}\n", ".mpdbridge-mine", ".mpdbridge---"):
        assert HiddenName.parse(near) is None
