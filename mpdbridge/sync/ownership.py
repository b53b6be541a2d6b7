"""Which of MPD's stored playlists are ours. Pure: what the TrackStore remembers and what MPD holds in, a verdict out.

A playlist is never ours because of its name alone. The TrackStore's claim is made before a playlist is written and
marked as published afterwards; a user may have deleted ours since, and made one of the same name. Before a playlist is
renamed, the claim tells both names, and after a run that was killed or cut off it is where its tracks are found.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mpdbridge.store import PublishedPlaylist
from mpdbridge.sync.naming import Key

Contents = Mapping[str, Sequence[str]]
"""URIs by name, of the playlists that were read."""


def uris_hash(uris: Sequence[str]) -> str:
    """A fingerprint of a playlist's URIs in their order."""
    return hashlib.sha256("\n".join(uris).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What there is to judge by.

    Attributes:
        claims: what the TrackStore remembers for this MPD.
        elsewhere: claims for other addresses: the same MPD may be reached by socket today and by TCP tomorrow.
        contents: what MPD holds, at least of every name that is claimed here or elsewhere.
        is_our_url: whether a URI plays through our relay.
    """

    claims: Mapping[Key, PublishedPlaylist]
    elsewhere: Iterable[PublishedPlaylist]
    contents: Contents
    is_our_url: Callable[[str], bool]


def owned(evidence: Evidence, offered: Iterable[Key]) -> dict[Key, PublishedPlaylist]:
    """The claims that hold, including those whose playlist is gone from MPD, and those that were adopted.

    Args:
        evidence: what there is to judge by.
        offered: the playlists of the sources.
    """
    wanted = set(offered)
    here = _places(evidence.claims.values(), evidence)
    elsewhere = _places((claim for claim in evidence.elsewhere if claim.key in wanted), evidence)
    ours = [*(one for one in here if _holds(one, evidence)), *(one for one in elsewhere if _untouched(one, evidence))]
    return _one_each(ours, evidence)


def _places(claims: Iterable[PublishedPlaylist], evidence: Evidence) -> Iterator[PublishedPlaylist]:
    """`claims` wherever their playlists may be, if a run was killed, refused or cut off while it renamed them."""
    for claim in claims:
        if claim.former_name is not None and claim.former_name in evidence.contents:
            yield replace(claim, mpd_name=claim.former_name, former_name=None)
        yield replace(claim, former_name=None)


def _one_each(places: Sequence[PublishedPlaylist], evidence: Evidence) -> dict[Key, PublishedPlaylist]:
    """One place for each playlist, one playlist at each: the one whose tracks are there, or else that was published.

    Where all else is equal the first of `places` counts.
    """

    def likelihood(place: PublishedPlaylist) -> tuple[bool, bool, bool]:
        content = evidence.contents.get(place.mpd_name)
        has_tracks = content is not None and uris_hash(content) == place.uris_hash
        return has_tracks, content is not None, place.published_at is not None

    found: dict[Key, PublishedPlaylist] = {}
    taken: set[str] = set()
    for place in sorted(places, key=likelihood, reverse=True):
        if place.key not in found and place.mpd_name not in taken:
            found[place.key] = place
            taken |= {place.mpd_name} & evidence.contents.keys()
    return found


def _holds(claim: PublishedPlaylist, evidence: Evidence) -> bool:
    content = evidence.contents.get(claim.mpd_name)
    if not content:
        return True  # nothing in it that could be somebody else's
    if claim.published_at is None:
        # Killed between claim and publication, or somebody else was quicker with this name.
        return all(map(evidence.is_our_url, content))
    # Users may add to ours; they lose it only when nothing of ours is left in it.
    return any(map(evidence.is_our_url, content)) or uris_hash(content) == claim.uris_hash


def _untouched(claim: PublishedPlaylist, evidence: Evidence) -> bool:
    """Whether it is as we made it, perhaps when this MPD had another address."""
    content = evidence.contents.get(claim.mpd_name, ())
    return bool(content) and (all(map(evidence.is_our_url, content)) or uris_hash(content) == claim.uris_hash)
