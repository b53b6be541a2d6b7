"""Whether two answers are parts of one file is told by what both of them tell."""

import pytest

from mpdbridge.models import Stream
from mpdbridge.relay.origin import Origin, origin_of
from mpdbridge.relay.reply import Told

FILE = Origin("http://a/1", "251", 1000, "audio/webm")


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (FILE, True),
        (Origin("http://a/2", "251", 1000, "audio/webm"), True),
        (Origin("http://a/2", None, 1000, None), True),
        (Origin("http://a/2", "251", None, "audio/webm"), True),
        (Origin("http://a/2", "251", 1001, "audio/webm"), False),
        (Origin("http://a/2", "140", 1000, "audio/webm"), False),
        (Origin("http://a/2", "251", 1000, "audio/mp4"), False),
        (Origin("http://a/1", "251", 999, "audio/webm"), False),
    ],
)
def test_what_differs_is_another_file(other, same) -> None:
    assert FILE.same_as(other) is other.same_as(FILE) is same


def test_without_length_and_format_only_the_url_vouches_for_a_file() -> None:
    begun = Origin("http://a/1", None, None, "audio/webm")
    assert begun.same_as(begun)
    assert not begun.same_as(Origin("http://a/2", None, None, "audio/webm"))
    assert not begun.same_as(Origin("http://a/2", None, 1000, "audio/webm"))


def test_what_was_once_told_stays_known() -> None:
    later = Origin("http://a/2", None, None, None)
    assert FILE.followed_by(later) == Origin("http://a/2", "251", 1000, "audio/webm")


def test_a_refused_range_tells_the_length_alone() -> None:
    told = Told(1000, None, None, over=True)
    assert origin_of(Stream("http://a/1", 0.0, content_type="audio/mp4"), told) == Origin(
        "http://a/1", None, 1000, None
    )
