"""Names in MPD: unique, legal, and the same tomorrow as today."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.models import PlaylistRef
from mpdbridge.sync.naming import Wish, assign_names, base_name, is_form_of, numbered

any_text = st.text(st.characters(exclude_categories=[]), max_size=300)
few_names = st.sampled_from(["Mix", "Mix (2)", "mix", "Other", "x" * 400, "/", "∕"])


def ref(name: str, playlist_id: str = "PL1", source: str = "ytmusic") -> PlaylistRef:
    return PlaylistRef(source, playlist_id, name)


def names_for(*wishes: Wish, taken: frozenset[str] = frozenset()) -> list[str]:
    given_names = assign_names(wishes, taken)
    return [given_names[wish.key] for wish in wishes]


@given(any_text, any_text)
def test_every_name_becomes_one_that_mpd_takes(prefix: str, name: str) -> None:
    made = base_name(ref(name), prefix)
    assert made
    assert not set(made) & set("/\n\r")
    assert len(f"{made}.m3u".encode()) <= 255


def test_a_playlist_without_a_name_is_called_by_its_id() -> None:
    assert base_name(ref("  "), "YT: ") == "YT: PL1"


@given(any_text, st.integers(1, 5000))
def test_a_number_stays_visible_however_long_the_name_is(name: str, number: int) -> None:
    base = base_name(ref(name), "YT: ")
    made = numbered(base, number)
    assert is_form_of(made, base)
    assert number == 1 or made.endswith(f" ({number})")
    assert len(f"{made}.m3u".encode()) <= 255


def test_a_number_that_nobody_gave_makes_no_double() -> None:
    assert not is_form_of("Mix (1)", "Mix")
    assert not is_form_of("Mix (02)", "Mix")


def test_doubles_are_numbered_by_their_ids_not_by_the_order_of_the_list() -> None:
    a, b = Wish(("s", "A"), "Mix"), Wish(("s", "B"), "Mix")
    assert names_for(a, b) == ["Mix", "Mix (2)"]
    assert names_for(b, a) == ["Mix (2)", "Mix"]


def test_earlier_sources_choose_first() -> None:
    assert names_for(Wish(("z", "B"), "Mix"), Wish(("a", "A"), "Mix")) == ["Mix", "Mix (2)"]


def test_a_name_once_given_is_kept_even_when_a_better_one_is_free() -> None:
    assert names_for(Wish(("s", "B"), "Mix", current="Mix (2)")) == ["Mix (2)"]


def test_a_newcomer_does_not_push_out_who_has_the_name() -> None:
    assert names_for(Wish(("s", "A"), "Mix"), Wish(("s", "B"), "Mix", current="Mix")) == ["Mix (2)", "Mix"]


def test_taken_names_are_left_alone() -> None:
    assert names_for(Wish(("s", "A"), "Mix"), taken=frozenset({"Mix", "Mix (2)"})) == ["Mix (3)"]


@pytest.mark.parametrize("other", ["mix é", "Mix e\u0301", "MIX É"])
def test_what_some_file_systems_take_for_the_same_name_is_numbered(other: str) -> None:
    assert names_for(Wish(("s", "A"), "Mix é"), Wish(("s", "B"), other)) == ["Mix é", f"{other} (2)"]
    assert names_for(Wish(("s", "A"), "Mix é"), taken=frozenset({other})) == ["Mix é (2)"]


def test_names_that_stand_side_by_side_already_stay() -> None:
    assert names_for(Wish(("s", "A"), "Mix", current="Mix"), taken=frozenset({"mix"})) == ["Mix"]


def test_a_playlist_really_called_with_a_number_and_a_double_do_not_collide() -> None:
    assert names_for(Wish(("s", "A"), "Mix"), Wish(("s", "B"), "Mix"), Wish(("s", "C"), "Mix (2)")) == [
        "Mix",
        "Mix (2)",
        "Mix (2) (2)",
    ]


@given(st.lists(few_names, max_size=12), st.frozensets(few_names, max_size=4), st.randoms(use_true_random=False))
def test_names_never_meet_and_come_back_the_same(names: list[str], taken: frozenset[str], shuffle) -> None:
    taken = frozenset(base_name(ref(name), "") for name in taken)
    wishes = [Wish(("s", f"{n:03}"), base_name(ref(name), "")) for n, name in enumerate(names)]
    first = assign_names(wishes, taken)
    assert len(set(first.values())) == len(wishes)
    assert not taken & set(first.values())
    shuffle.shuffle(wishes)
    assert assign_names(wishes, taken) == first
    later = [Wish(wish.key, wish.base, first[wish.key]) for wish in wishes]
    assert assign_names(later, taken) == first
