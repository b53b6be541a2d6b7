"""The plan: what MPD holds after it is what the last healthy answers said, and nothing of the user's has changed."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.libraries import Library, Shelf, answered, histories, is_healthy, track

from mpdbridge.models import Playlist, PlaylistRef
from mpdbridge.store import PublishedPlaylist
from mpdbridge.sync.naming import Key, base_name, is_form_of, key_of
from mpdbridge.sync.ownership import Evidence, owned, uris_hash
from mpdbridge.sync.plan import Answers, HandOver, Leave, Policy, Present, Publish, Remove, Step, make_plan

PREFIX = "YT: "


def uris_of(playlist: Playlist) -> list[str]:
    return [f"our:{one.track_id}" for one in playlist.tracks]


class World:
    """MPD's playlists and our claims as plain values, on which plans are carried out."""

    def __init__(self, users: Mapping[str, Sequence[str]] | None = None) -> None:
        self.mpd: dict[str, list[str]] = {name: list(uris) for name, uris in (users or {}).items()}
        self.claims: dict[Key, PublishedPlaylist] = {}

    def plan(self, answers: Answers, *, prune: bool = True) -> list[Step]:
        evidence = Evidence(self.claims, (), self.mpd, lambda uri: uri.startswith("our:"))
        present = Present(set(self.mpd), owned(evidence, map(key_of, answers.wanted)), dict(self.mpd), lambda uri: uri)
        return make_plan(answers, dict(self.claims), present, uris_of, Policy(PREFIX, prune))

    def carry_out(self, plan: Sequence[Step]) -> None:
        for step in plan:
            if isinstance(step, HandOver):
                for key in step.released:
                    del self.claims[key]
                self.claims |= {claim.key: claim for claim in step.claims}
            elif isinstance(step, Remove):
                if step.mpd_name is not None:
                    del self.mpd[step.mpd_name]
                del self.claims[step.claim.source, step.claim.playlist_id]
            elif isinstance(step, Publish):
                if step.rename_from is not None:
                    assert step.mpd_name not in self.mpd, "MPD refuses a rename onto a playlist that exists"
                    self.mpd[step.mpd_name] = self.mpd.pop(step.rename_from)
                self.mpd[step.mpd_name] = uris_of(step.playlist)
                ref = step.playlist.ref
                fingerprint = uris_hash(self.mpd[step.mpd_name])
                self.claims[key_of(ref)] = PublishedPlaylist(
                    ref.source, ref.playlist_id, ref.name, step.mpd_name, 1.0, fingerprint
                )

    def sync(self, answers: Answers, *, prune: bool = True) -> list[Step]:
        plan = self.plan(answers, prune=prune)
        self.carry_out(plan)
        return plan


def answers_of(libraries: Sequence[Library], *, partial: Sequence[str] | None = None) -> Answers:
    told = {lib.source: [ref_of(lib, shelf) for shelf in lib.shelves] for lib in libraries if not lib.broken}
    shelves = {key_of(ref_of(lib, one)): (lib, one) for lib in libraries if not lib.broken for one in lib.shelves}
    asked = {key: one for key, one in shelves.items() if partial is None or key[1] in partial}
    return Answers(
        listed={lib.source: told[lib.source] for lib in libraries if not lib.broken and not lib.lacking},
        wanted=[ref for refs in told.values() for ref in refs],
        fetched={key: playlist_of(lib, one) for key, (lib, one) in asked.items() if one.answer != "fails"},
        failed={key: "no answer" for key, (_, one) in asked.items() if one.answer == "fails"},
        partial=partial is not None,
    )


def ref_of(library: Library, shelf: Shelf) -> PlaylistRef:
    return PlaylistRef(library.source, shelf.playlist_id, shelf.name, announced=len(shelf.numbers))


def playlist_of(library: Library, shelf: Shelf) -> Playlist:
    return Playlist(ref_of(library, shelf), tuple(map(track, answered(shelf))))


def one(*shelves: Shelf, **health: bool | str) -> Answers:
    return answers_of([Library("s", shelves, **health)])


A = Shelf("A", "Mix", (1, 2, 3))
B = Shelf("B", "Other", (4, 5))

users_playlists = st.dictionaries(
    st.sampled_from(["Mine", "YT: Mix", "YT: Mix (2)", "YT: 夜"]), st.lists(st.just("song.mp3"), min_size=1), max_size=3
)


@given(histories(), users_playlists, st.booleans())
def test_after_every_sync_mpd_holds_what_the_last_healthy_answers_said(history, users, prune) -> None:
    world = World(users)
    for day in history:
        before, claims = {name: list(uris) for name, uris in world.mpd.items()}, dict(world.claims)
        world.sync(answers_of(day), prune=prune)
        for name, uris in users.items():
            assert world.mpd[name] == uris, "the user's own"
        for library in day:
            check_library(library, world, before, claims, prune=prune)
        owners = [claim.mpd_name for claim in world.claims.values()]
        assert len(owners) == len(set(owners)), "two claims on one playlist"
        assert set(world.mpd) <= {*users, *owners}, "a playlist that nobody looks after any more"


def check_library(library: Library, world: World, before, claims, *, prune: bool) -> None:
    present = {} if library.broken else {(library.source, shelf.playlist_id): shelf for shelf in library.shelves}
    for key, shelf in present.items():
        claim = world.claims.get(key)
        if is_healthy(shelf):
            assert world.mpd[claim.mpd_name] == [f"our:{track(number).track_id}" for number in shelf.numbers]
            assert is_form_of(claim.mpd_name, base_name(ref_of(library, shelf), PREFIX))
            if key in claims and claims[key].source_name == shelf.name:
                assert claim.mpd_name == claims[key].mpd_name, "the name changed for no reason"
        elif key in claims:
            old = before[claims[key].mpd_name]
            assert set(old) <= set(world.mpd[claim.mpd_name]), "a doubtful answer took something away"
    for key, claim in claims.items():
        if key[0] == library.source and key not in present:
            removed = prune and bool(present) and not library.lacking
            assert (key in world.claims) != removed
            assert removed or world.mpd[claim.mpd_name] == before[claim.mpd_name]


@given(histories(), users_playlists)
def test_a_second_sync_with_the_same_answers_changes_nothing(history, users) -> None:
    world = World(users)
    for day in history:
        world.sync(answers_of(day))
        mpd, claims = {name: list(uris) for name, uris in world.mpd.items()}, dict(world.claims)
        plan = world.sync(answers_of(day))
        assert (world.mpd, world.claims) == (mpd, claims)
        assert not any(isinstance(step, Remove) or (isinstance(step, Publish) and step.rename_from) for step in plan)


@given(histories(), users_playlists, st.sets(st.sampled_from("ABCDE")))
def test_a_partial_sync_touches_only_what_was_asked_for(history, users, asked) -> None:
    world = World(users)
    *days, last = history
    for day in days:
        world.sync(answers_of(day))
    before, claims = {name: list(uris) for name, uris in world.mpd.items()}, dict(world.claims)
    world.sync(answers_of(last, partial=sorted(asked)))
    for key, claim in claims.items():
        if key[1] not in asked:
            assert world.claims[key] == claim
            assert world.mpd[claim.mpd_name] == before[claim.mpd_name]
    assert world.claims.keys() >= claims.keys()


@given(histories())
def test_a_partial_sync_gives_the_names_of_a_full_one(history) -> None:
    day = history[0]
    full, partial = World(), World()
    full.sync(answers_of(day))
    for playlist_id in "EDCBA":
        partial.sync(answers_of(day, partial=[playlist_id]))
    assert partial.claims == full.claims


def test_an_excluded_playlist_is_removed_like_one_that_is_gone() -> None:
    world = World()
    world.sync(one(A, B))
    answers = one(A, B)
    world.sync(Answers(answers.listed, [ref for ref in answers.wanted if ref.name != "Mix"], answers.fetched))
    assert list(world.mpd) == ["YT: Other"]


def test_names_that_change_places_do_so_without_a_rename() -> None:
    world = World()
    world.sync(one(A, B))
    plan = world.sync(one(Shelf("A", "Other", A.numbers), Shelf("B", "Mix", B.numbers)))
    assert [step.rename_from for step in plan if isinstance(step, Publish)] == [None, None]
    assert len(world.mpd["YT: Other"]) == 3
    assert len(world.mpd["YT: Mix"]) == 2


def test_a_name_is_given_up_before_a_new_playlist_takes_it() -> None:
    world = World()
    world.sync(one(A))
    plan = world.sync(one(Shelf("C", "Mix", (7,)), Shelf("A", "Mix of last year", A.numbers)))
    assert [(step.mpd_name, step.rename_from) for step in plan if isinstance(step, Publish)] == [
        ("YT: Mix of last year", "YT: Mix"),
        ("YT: Mix", None),
    ]


def test_a_playlist_made_anew_at_its_source_takes_over_without_ever_missing_in_mpd() -> None:
    world = World()
    world.sync(one(A, B))
    plan = world.sync(one(Shelf("C", "Mix", (1, 2)), B))
    assert not [step for step in plan if isinstance(step, Remove)]
    assert ("s", "A") not in world.claims
    assert world.mpd["YT: Mix"] == ["our:track00000001", "our:track00000002"]


@pytest.mark.parametrize("answers", [one(), one(broken=True), one(B, lacking="dead login"), one(lacking="dead login")])
def test_an_empty_library_a_failing_source_and_a_part_of_it_remove_nothing(answers) -> None:
    world = World()
    world.sync(one(A, B))
    world.sync(answers)
    assert set(world.mpd) == {"YT: Mix", "YT: Other"}


def test_what_a_source_does_not_tell_of_today_keeps_its_name_too() -> None:
    world = World()
    world.sync(one(A, B))
    world.sync(one(Shelf("C", "Mix", (7,)), lacking="dead login"))
    assert {name: len(uris) for name, uris in world.mpd.items()} == {"YT: Mix": 3, "YT: Other": 2, "YT: Mix (2)": 1}


def test_a_short_answer_that_loses_nothing_is_good_enough() -> None:
    world = World()
    world.sync(one(A))
    plan = world.sync(one(Shelf("A", "Mix", (1, 2, 3, 4, 5), answer="short")))
    assert len(world.mpd["YT: Mix"]) == 4
    assert isinstance(plan[0], Publish)
    assert plan[0].note == "1 of 5 tracks did not come"


def test_a_short_answer_that_would_lose_something_is_not() -> None:
    world = World()
    world.sync(one(A))
    plan = world.sync(one(Shelf("A", "Mix", A.numbers, answer="short")))
    assert isinstance(plan[0], Leave)
    assert (plan[0].change, len(world.mpd["YT: Mix"])) == ("kept", 3)


def test_what_says_itself_that_it_lacks_tracks_takes_nothing_away() -> None:
    world = World()
    world.sync(one(A))
    ref = PlaylistRef("s", "A", "Mix")
    for numbers, change in ((1, 2), "kept"), ((1, 2, 3, 4), "published"):
        fetched = {("s", "A"): Playlist(ref, tuple(map(track, numbers)), lacking="its pages broke off")}
        (step,) = world.sync(Answers({"s": [ref]}, [ref], fetched))
        assert (step.change if isinstance(step, Leave) else "published") == change
        assert "its pages broke off" in (step.reason if isinstance(step, Leave) else step.note)
    assert len(world.mpd["YT: Mix"]) == 4


def test_a_kind_of_playlist_that_nothing_is_told_of_stays() -> None:
    world = World()
    world.sync(one(A, B))
    ref = PlaylistRef("s", "A", "Mix")
    answers = Answers({"s": [ref]}, [ref], {("s", "A"): Playlist(ref, (track(1),))}, untold={"s": ("B",)})
    world.sync(answers)
    assert set(world.mpd) == {"YT: Mix", "YT: Other"}
    world.sync(Answers(answers.listed, answers.wanted, answers.fetched))
    assert set(world.mpd) == {"YT: Mix"}


def test_unavailable_tracks_make_no_answer_short() -> None:
    world = World()
    world.sync(one(A))
    ref = PlaylistRef("s", "A", "Mix", announced=3)
    fetched = {("s", "A"): Playlist(ref, (track(1), track(2)), unavailable=("Somebody - Gone",))}
    world.sync(Answers({"s": [ref]}, [ref], fetched))
    assert len(world.mpd["YT: Mix"]) == 2


def test_what_the_user_deleted_in_mpd_comes_back() -> None:
    world = World()
    world.sync(one(A))
    del world.mpd["YT: Mix"]
    world.sync(one(A))
    assert list(world.mpd) == ["YT: Mix"]


def test_a_playlist_the_user_made_in_place_of_ours_stays() -> None:
    world = World()
    world.sync(one(A))
    world.mpd["YT: Mix"] = ["song.mp3"]
    world.sync(one(A))
    assert world.mpd["YT: Mix"] == ["song.mp3"]
    assert len(world.mpd["YT: Mix (2)"]) == 3


def test_two_claims_that_a_killed_run_left_on_one_name_take_nothing_from_each_other() -> None:
    world = World()
    world.sync(one(A))
    world.claims["s", "B"] = PublishedPlaylist("s", "B", "Other", "YT: Mix")
    world.sync(one(Shelf("A", "Mix", A.numbers, answer="fails"), B))
    assert len(world.mpd["YT: Mix"]) == 3
    assert world.claims["s", "B"].mpd_name == "YT: Other"
