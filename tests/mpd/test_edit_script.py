"""Applying the script to the old list gives the new one, in as few writes of the file as that takes."""

import difflib

from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.mpd.edit_script import REWRITE_LIMIT, Append, Delete, Edit, Insert, edits

URIS = st.lists(st.sampled_from("abcdef"), max_size=25)  # few letters: doubles everywhere


def apply(old: list[str], script: list[Edit]) -> list[str]:
    """What MPD does with the commands."""
    result = list(old)
    for edit in script:
        if isinstance(edit, Append):
            result.append(edit.uri)
        elif isinstance(edit, Delete):
            assert 0 <= edit.start < edit.stop <= len(result)
            del result[edit.start : edit.stop]
        else:
            assert 0 <= edit.position <= len(result)
            result.insert(edit.position, edit.uri)
    return result


@given(URIS, URIS)
def test_the_script_makes_the_new_list_of_the_old(old: list[str], new: list[str]) -> None:
    script = edits(old, new)
    assert script is not None
    assert apply(old, script) == new


@given(URIS, URIS)
def test_no_script_is_longer_than_what_another_algorithm_finds(old: list[str], new: list[str]) -> None:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    kept = sum(block.size for block in matcher.get_matching_blocks())
    script = edits(old, new) or []
    touched = sum(edit.stop - edit.start if isinstance(edit, Delete) else 1 for edit in script)
    assert touched <= len(old) + len(new) - 2 * kept


def test_small_changes_of_a_long_list_are_small_scripts() -> None:
    old = [f"u{number}" for number in range(10_000)]
    assert edits(old, old) == []
    assert edits(old, [*old, "x", "y"]) == [Append("x"), Append("y")]
    assert edits(old, ["x", "y", *old]) == [Insert(0, "y"), Insert(0, "x")]
    assert edits(old, old[:5000] + old[5100:]) == [Delete(5000, 5100)]
    several = [*old[:3], "x", *old[4:9], *old[10:], "y"]
    assert edits(old, several) == [Append("y"), Delete(9, 10), Insert(4, "x"), Delete(3, 4)]
    assert edits(old, []) == [Delete(0, 10_000)]


def test_appending_is_never_too_much() -> None:
    assert edits(["a"], ["a", *"b" * 5000]) == [Append("b")] * 5000
    assert edits([], ["b"] * 5000) == [Append("b")] * 5000


def test_a_change_dearer_than_a_rebuild_has_no_script() -> None:
    old = [f"u{number}" for number in range(2000)]
    assert edits(old, old[::-1]) is None
    every_tenth = [uri for number, uri in enumerate(old) if number % 10]
    assert edits(old, every_tenth) is None
    some_out = [uri for number, uri in enumerate(old) if number % 49 or not number]
    assert len(old) - len(some_out) == REWRITE_LIMIT
    assert len(edits(old, some_out) or []) == REWRITE_LIMIT
    assert edits(old, some_out[:-5] + some_out[-4:]) is None


def test_a_moved_entry_is_one_deletion_and_one_insertion() -> None:
    old = [f"u{number}" for number in range(100)]
    new = [*old[:10], *old[11:60], old[10], *old[60:]]
    assert edits(old, new) == [Insert(60, "u10"), Delete(10, 11)]
