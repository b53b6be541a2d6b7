"""Which of MPD's stored playlists are ours. Pure: what the TrackStore remembers and what MPD holds in, a verdict out.

A playlist is never ours because of its name alone. The TrackStore's claim is made before a playlist is written and
marked as published afterwards; a user may have deleted ours since, and made one of the same name. Before a playlist is
renamed, the claim tells both names, and after a run that was killed it is where it is found.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
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
        elsewhere: claims for other addresses, by name in MPD: the same MPD may be reached by socket today and by TCP
            tomorrow.
        contents: what MPD holds, at least of every name that is claimed here or elsewhere.
        is_our_url: whether a URI plays through our relay.
    """

    claims: Mapping[Key, PublishedPlaylist]
    elsewhere: Mapping[str, Sequence[PublishedPlaylist]]
    contents: Contents
    is_our_url: Callable[[str], bool]


def owned(evidence: Evidence, offered: Iterable[Key]) -> dict[Key, PublishedPlaylist]:
    """The claims that hold, including those whose playlist is gone from MPD, and those that were adopted.

    Args:
        evidence: what there is to judge by.
        offered: the playlists of the sources.
    """
    located = [_located(claim, evidence) for claim in evidence.claims.values()]
    holding = {claim.key: claim for claim in _one_each([one for one in located if _holds(one, evidence)], evidence)}
    free = evidence.contents.keys() - {claim.mpd_name for claim in holding.values()}
    for key in offered:
        claim = holding.get(key)
        if claim is not None and claim.mpd_name in evidence.contents:
            continue
        adopted = _adopted(key, free, evidence)
        if adopted is not None:
            holding[key] = adopted
            free -= {adopted.mpd_name}
    return holding


def _located(claim: PublishedPlaylist, evidence: Evidence) -> PublishedPlaylist:
    """The claim where its playlist is, if a run was killed, or refused, while that was renamed."""
    if claim.former_name is None:
        return claim
    former = replace(claim, mpd_name=claim.former_name, former_name=None)
    stayed = former.mpd_name in evidence.contents and _holds(former, evidence)
    return former if stayed else replace(claim, former_name=None)


def _one_each(claims: Sequence[PublishedPlaylist], evidence: Evidence) -> list[PublishedPlaylist]:
    """`claims` without second ones on one playlist: whose tracks are in it has it, or else who published it."""

    def likelihood(claim: PublishedPlaylist) -> tuple[bool, bool]:
        return uris_hash(evidence.contents.get(claim.mpd_name, ())) == claim.uris_hash, claim.published_at is not None

    likeliest = {claim.mpd_name: claim for claim in sorted(claims, key=likelihood)}
    return [one for one in claims if one.mpd_name not in evidence.contents or one is likeliest[one.mpd_name]]


def _holds(claim: PublishedPlaylist, evidence: Evidence) -> bool:
    content = evidence.contents.get(claim.mpd_name)
    if not content:
        return True  # nothing in it that could be somebody else's
    if claim.published_at is None:
        # Killed between claim and publication, or somebody else was quicker with this name.
        return all(map(evidence.is_our_url, content))
    # Users may add to ours; they lose it only when nothing of ours is left in it.
    return any(map(evidence.is_our_url, content)) or uris_hash(content) == claim.uris_hash


def _adopted(key: Key, free: set[str], evidence: Evidence) -> PublishedPlaylist | None:
    """The playlist that we made when this MPD had another address."""
    for name in sorted(free & evidence.elsewhere.keys()):
        for claim in evidence.elsewhere[name]:
            content = evidence.contents[name]
            untouched = all(map(evidence.is_our_url, content)) or uris_hash(content) == claim.uris_hash
            if claim.key == key and content and untouched:
                return replace(claim, mpd_name=name, former_name=None)
    return None
