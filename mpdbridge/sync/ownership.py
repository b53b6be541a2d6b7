"""Which of MPD's stored playlists are ours. Pure: what the TrackStore remembers and what MPD holds in, a verdict out.

A playlist is never ours because of its name alone. The TrackStore's claim is made before a playlist is written and
marked as published afterwards; a user may have deleted ours since, and made one of the same name.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from mpdbridge.store import PublishedPlaylist
from mpdbridge.sync.naming import Key, is_form_of

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
        elsewhere: claims for other addresses, by name in MPD: the same MPD may be reached by socket today and by TCP
            tomorrow.
        contents: what MPD holds, at least of every name that is claimed here or elsewhere.
        is_our_url: whether a URI plays through our relay.
    """

    claims: Mapping[Key, PublishedPlaylist]
    elsewhere: Mapping[str, Sequence[PublishedPlaylist]]
    contents: Contents
    is_our_url: Callable[[str], bool]


def owned(evidence: Evidence, bases: Mapping[Key, str]) -> dict[Key, PublishedPlaylist]:
    """The claims that hold, including those whose playlist is gone from MPD, and those found again or adopted.

    Args:
        evidence: what there is to judge by.
        bases: the name each playlist of the sources would like to have.
    """
    holding = {key: claim for key, claim in evidence.claims.items() if _holds(claim, evidence)}
    free = evidence.contents.keys() - {claim.mpd_name for claim in holding.values()}
    for key, base in bases.items():
        claim = holding.get(key)
        if claim is not None and claim.mpd_name in evidence.contents:
            continue
        found = _renamed(claim, base, free, evidence) or _adopted(key, free, evidence)
        if found is not None:
            holding[key] = found
            free -= {found.mpd_name}
    return holding


def _holds(claim: PublishedPlaylist, evidence: Evidence) -> bool:
    content = evidence.contents.get(claim.mpd_name)
    if not content:
        return True  # nothing in it that could be somebody else's
    if claim.published_at is None:
        # Killed between claim and publication, or somebody else was quicker with this name.
        return all(map(evidence.is_our_url, content))
    # Users may add to ours; they lose it only when nothing of ours is left in it.
    return any(map(evidence.is_our_url, content)) or uris_hash(content) == claim.uris_hash


def _renamed(
    claim: PublishedPlaylist | None, base: str, free: set[str], evidence: Evidence
) -> PublishedPlaylist | None:
    """The playlist that a killed run renamed in MPD before it could say so in the TrackStore."""
    if claim is None or claim.published_at is None:
        return None
    names = (name for name in sorted(free) if is_form_of(name, base) and evidence.contents[name])
    same = (name for name in names if uris_hash(evidence.contents[name]) == claim.uris_hash)
    return next((replace(claim, mpd_name=name) for name in same), None)


def _adopted(key: Key, free: set[str], evidence: Evidence) -> PublishedPlaylist | None:
    """The playlist that we made when this MPD had another address."""
    for name in sorted(free & evidence.elsewhere.keys()):
        for claim in evidence.elsewhere[name]:
            content = evidence.contents[name]
            untouched = all(map(evidence.is_our_url, content)) or uris_hash(content) == claim.uris_hash
            if (claim.source, claim.playlist_id) == key and content and untouched:
                return claim
    return None
