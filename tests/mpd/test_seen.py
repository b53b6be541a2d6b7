"""How far the queue's changes are seen: never past a change that somebody else made."""

import pytest

from mpdbridge.mpd.seen import SeenSpan
from mpdbridge.mpd.tagger import _carry_out


def test_nothing_done_is_nothing_seen():
    assert SeenSpan(7).seen == 7


def test_what_was_read_is_seen():
    span = SeenSpan(7)
    span.saw(12)
    assert span.seen == 12


def test_our_own_changes_are_seen_up_to_the_last():
    span = SeenSpan(7)
    span.saw(12)
    span.did(12, 20)
    span.saw(20)
    span.did(20, 25)
    assert span.seen == 25


def test_a_foreign_change_between_reading_and_tagging_is_read_again():
    span = SeenSpan(7)
    span.saw(12)
    span.did(13, 20)
    span.saw(20)
    span.did(20, 25)
    assert span.seen == 12


def test_a_foreign_change_between_two_windows_is_read_again():
    span = SeenSpan(7)
    span.saw(12)
    span.did(12, 20)
    span.saw(21)
    assert span.seen == 12


def test_commands_in_several_lists_may_hide_a_foreign_change():
    span = SeenSpan(7)
    span.saw(12)
    span.lost_track()
    assert span.seen == 12


class Mpd:
    """Each list of commands makes it another version of its queue."""

    version = 12

    async def send(self, batch):
        before, self.version = self.version, self.version + 1
        return [[("playlist", str(version))] for version in (before, *[self.version] * (batch.count - 1))]


@pytest.mark.parametrize(("count", "seen"), [(1, 13), (300, 12)], ids=["one list", "more than one"])
async def test_between_two_lists_of_ours_somebody_may_come_in(count, seen):
    span = SeenSpan(7)
    span.saw(12)
    await _carry_out(Mpd(), [("addtagid", "1", "Title", "x" * 4000)] * count, span)
    assert span.seen == seen
