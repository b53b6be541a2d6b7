"""A trouble is news when it begins, when its reason changes, and never in between."""

from mpdbridge.logs import Troubles


def test_a_trouble_is_news_once() -> None:
    troubles = Troubles()
    assert troubles.begins("MPD", "connection refused")
    assert not troubles.begins("MPD", "connection refused")
    assert troubles.begins("MPD", "no route"), "another reason"
    assert troubles.ends("MPD") == "no route"
    assert troubles.ends("MPD") is None
    assert troubles.begins("MPD", "no route"), "it is back"


def test_a_number_that_counts_down_makes_no_other_trouble() -> None:
    troubles = Troubles()
    assert troubles.begins("site", "asking again in 14 min")
    assert not troubles.begins("site", "asking again in 9 min")


def test_of_all_that_is_wrong_only_what_is_new_or_over_is_told() -> None:
    troubles = Troubles()
    assert troubles.are({"a": "1st", "b": "lost"}) == ({"a": "1st", "b": "lost"}, {})
    assert troubles.are({"b": "lost", "c": "late"}) == ({"c": "late"}, {"a": "1st"})
    assert troubles.are({}) == ({}, {"b": "lost", "c": "late"})


def test_it_does_not_grow_for_ever() -> None:
    troubles = Troubles()
    for number in range(1001):
        troubles.begins(str(number), "gone")
    assert troubles.begins("0", "gone"), "forgotten"
    assert not troubles.begins("1000", "gone")
