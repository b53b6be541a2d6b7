"""How far the queue's changes are seen: never past a change that somebody else made."""

from mpdbridge.mpd.seen import SeenSpan


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
