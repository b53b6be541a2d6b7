"""What a sync does to MPD. Pure: answers of the sources and the state of MPD in, steps out.

Rules:
- Only playlists that are ours (`ownership`) are touched; every other name in MPD is taken.
- What failed, came empty, or came short with a loss changes nothing: its playlist keeps name and tracks.
- A playlist is removed only when a healthy source that has playlists at all does not list it any more, or the
  configuration excludes it.
- Steps are in an order in which each finds its name free: a rename waits for the one that gives the name up. Names that
  only change places (A to B, B to A) are not renamed; their tracks are, in place, so that no client misses one. Nor is
  a playlist removed whose name another gets: it is handed over. Whose it is now is noted before its tracks change.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from mpdbridge.models import Playlist, PlaylistRef
from mpdbridge.store import PublishedPlaylist
from mpdbridge.sync.events import Change
from mpdbridge.sync.naming import Key, Wish, assign_names, base_name, is_form_of, key_of
from mpdbridge.sync.ownership import Contents


@dataclass(frozen=True, slots=True)
class Answers:
    """What the sources said.

    Attributes:
        listed: the playlists each healthy source has; a source that failed, or may have more than it told, is absent.
        wanted: the playlists that any source told of and the configuration does not exclude, in order, each key once.
        fetched: the tracks of those that were asked for; absent when not selected or failed.
        failed: why others could not be fetched.
        partial: the command line asked for some playlists only, so nothing is removed.
        untold: by source, beginnings of ids of which it can tell nothing at present, though it is healthy.
    """

    listed: Mapping[str, Sequence[PlaylistRef]]
    wanted: Sequence[PlaylistRef]
    fetched: Mapping[Key, Playlist]
    failed: Mapping[Key, str] = field(default_factory=dict)
    partial: bool = False
    untold: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Present:
    """What MPD has.

    Attributes:
        names: all its stored playlists.
        owned: those of ours (`ownership.owned`).
        contents: URIs of at least all of ours.
        identity: what makes two URIs the same track.
    """

    names: AbstractSet[str]
    owned: Mapping[Key, PublishedPlaylist]
    contents: Contents
    identity: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Publish:
    """Give MPD these tracks under `mpd_name`.

    Attributes:
        rename_from: our playlist's present name, when it has to be renamed.
        note: what the user should know.
    """

    playlist: Playlist
    mpd_name: str
    rename_from: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Leave:
    """Nothing is done; the outcome says why."""

    ref: PlaylistRef
    mpd_name: str
    change: Change
    reason: str
    unavailable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remove:
    """Give a playlist up: take it out of MPD, or only forget it (`mpd_name` None: it is gone, or not ours)."""

    claim: PublishedPlaylist
    mpd_name: str | None


@dataclass(frozen=True, slots=True)
class HandOver:
    """Playlists stay in MPD as they are and become others', which will give them their own tracks.

    Attributes:
        claims: whose they are now.
        released: who has none any more.
    """

    claims: tuple[PublishedPlaylist, ...]
    released: tuple[Key, ...] = ()


Step = Publish | Leave | Remove | HandOver


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings that a plan depends on."""

    prefix: str
    prune: bool


def make_plan(
    answers: Answers,
    claims: Mapping[Key, PublishedPlaylist],
    present: Present,
    uris_of: Callable[[Playlist], Sequence[str]],
    policy: Policy,
) -> list[Step]:
    """The steps of a sync, in the order in which they can be carried out.

    Args:
        answers: what the sources said.
        claims: everything the TrackStore remembers for this MPD, whether it still holds or not.
        present: what MPD has.
        uris_of: the URIs under which a playlist's tracks would stand in MPD.
        policy: what the user wants.
    """
    publishable: dict[Key, tuple[Playlist, str]] = {}
    leaves: list[Leave] = []
    for ref in answers.wanted:
        verdict = _verdict(ref, answers, present, uris_of)
        if isinstance(verdict, Leave):
            leaves.append(verdict)
        elif verdict is not None:
            publishable[key_of(ref)] = verdict
    gone = _gone(answers, claims, policy)
    names = _names(answers, present, publishable.keys(), gone, policy)
    publishes = [
        _publish(playlist, names[key], present.owned.get(key), present, note)
        for key, (playlist, note) in publishable.items()
    ]
    return [*leaves, *_in_order(publishes, gone, claims, present)]


def _verdict(
    ref: PlaylistRef, answers: Answers, present: Present, uris_of: Callable[[Playlist], Sequence[str]]
) -> Leave | tuple[Playlist, str] | None:
    """Whether the answer for `ref` may be published, with a note; None when it was not asked for."""
    key = key_of(ref)
    name = present.owned[key].mpd_name if key in present.owned else ""
    if key in answers.failed:
        return Leave(ref, name, "failed", answers.failed[key])
    if key not in answers.fetched:
        return None
    playlist = answers.fetched[key]
    old = present.contents.get(name, ())
    if not playlist.tracks:
        change: Change = "kept" if old else "unchanged"
        emptied = ref.announced == 0 and old
        reason = "is said to be empty; if it is, `mpc rm` it" if emptied else "no playable track came from its source"
        return Leave(ref, name, change, reason, playlist.unavailable)
    missing = (ref.announced or 0) - len(playlist.tracks) - len(playlist.unavailable)
    note = f"{missing} of {ref.announced} tracks did not come" if missing > 0 else playlist.lacking
    if not note:
        return playlist, ""
    if _loses(old, uris_of(playlist), present.identity):
        return Leave(ref, name, "kept", f"{note}; kept as it was", playlist.unavailable)
    return playlist, note


def _loses(old: Sequence[str], new: Sequence[str], identity: Callable[[str], str]) -> bool:
    return bool(Counter(map(identity, old)) - Counter(map(identity, new)))


def _gone(answers: Answers, claims: Mapping[Key, PublishedPlaylist], policy: Policy) -> set[Key]:
    """Claims that nobody wants any more, as far as can be known for sure."""
    if answers.partial or not policy.prune:
        return set()
    wanted = {key_of(ref) for ref in answers.wanted}
    healthy = {source for source, refs in answers.listed.items() if refs}
    unwanted = (key for key in claims if key[0] in healthy and key not in wanted)
    return {key for key in unwanted if not key[1].startswith(answers.untold.get(key[0], ()))}


def _names(
    answers: Answers, present: Present, publishable: Collection[Key], gone: Collection[Key], policy: Policy
) -> dict[Key, str]:
    """The name of every playlist that is published now; what stays as it is keeps its name out of reach."""
    owned = present.owned
    moving = {*publishable, *gone}
    taken = (present.names - {claim.mpd_name for claim in owned.values()}) | {
        claim.mpd_name for key, claim in owned.items() if key not in moving
    }
    wishes = []
    for ref in answers.wanted:
        key, base = key_of(ref), base_name(ref, policy.prefix)
        claim = owned.get(key)
        if claim is not None and key not in moving:
            continue
        same = claim is not None and claim.source_name == ref.name and is_form_of(claim.mpd_name, base)
        # Those that are not asked for today choose too, so that a partial sync gives the names of a full one.
        wishes.append(Wish(key, base, claim.mpd_name if claim is not None and same else None))
    return assign_names(wishes, taken)


def _publish(playlist: Playlist, name: str, claim: PublishedPlaylist | None, present: Present, note: str) -> Publish:
    if claim is None or claim.mpd_name == name or claim.mpd_name not in present.names:
        return Publish(playlist, name, None, note)
    return Publish(playlist, name, claim.mpd_name, note)


def _in_order(
    publishes: Sequence[Publish],
    gone: Collection[Key],
    claims: Mapping[Key, PublishedPlaylist],
    present: Present,
) -> Iterator[Step]:
    places = {claim.mpd_name: claim for claim in present.owned.values() if claim.mpd_name in present.names}
    given_up = {name: claim.key for name, claim in places.items() if claim.key in gone}
    # What a new playlist takes over is not removed first: clients would miss it.
    taken_over = [step for step in publishes if step.rename_from is None and step.mpd_name in given_up]
    released = tuple(given_up.pop(step.mpd_name) for step in taken_over)
    if taken_over:
        yield _hand_over(taken_over, places, released)
    removed = {key: name for name, key in given_up.items()}
    yield from (Remove(claims[key], removed.get(key)) for key in claims if key in gone and key not in released)
    held = set(present.names) - given_up.keys()
    waiting = list(publishes)
    while waiting:
        moving = {step.rename_from for step in waiting}
        ready = [s for s in waiting if s.mpd_name not in (moving if s.rename_from is None else held)]
        if not ready:
            # Only rings are left: everybody waits for a name that another of them gives up.
            yield _hand_over(waiting, places)
            yield from (Publish(step.playlist, step.mpd_name, None, step.note) for step in waiting)
            return
        yield from ready
        held = (held | {step.mpd_name for step in ready}) - {step.rename_from for step in ready}
        waiting = [step for step in waiting if step not in ready]


def _hand_over(
    publishes: Sequence[Publish], places: Mapping[str, PublishedPlaylist], released: tuple[Key, ...] = ()
) -> HandOver:
    """The playlists that have the names of `publishes` now, as theirs."""
    claims = (
        replace(places[step.mpd_name], source=ref.source, playlist_id=ref.playlist_id, source_name=ref.name)
        for step in publishes
        for ref in [step.playlist.ref]
    )
    return HandOver(tuple(claims), released)
