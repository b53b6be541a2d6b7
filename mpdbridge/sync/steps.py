"""The second half of a sync: carries out the steps of a plan, each by itself, so that one that fails stops no other.

Killed anywhere, the next run finds its playlists again: whatever changes in MPD is noted in the TrackStore before, be
it a new name, a renaming, or a playlist that becomes another's (`ownership`).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from mpdbridge.errors import MpdBridgeError, StoreError
from mpdbridge.models import PlaylistRef
from mpdbridge.store import AsyncStore, PublishedPlaylist, TrackStore
from mpdbridge.sync.destination import Destination
from mpdbridge.sync.events import Change, PlaylistOutcome
from mpdbridge.sync.links import Linked, Links
from mpdbridge.sync.naming import Key, key_of
from mpdbridge.sync.ownership import uris_hash
from mpdbridge.sync.plan import HandOver, Leave, Publish, Remove, Step


class StepRunner:
    """Carries steps out, and keeps account of what MPD and the TrackStore hold after each.

    Args:
        destination: where playlists are written.
        links: turns tracks into entries.
        store: where claims are kept.
        target: the MPD that claims are for.
        claims: the claims of that MPD.
        contents: the URIs of its playlists, at least of those that are ours.
        identity: what makes two URIs the same track.
        dry_run: write nothing, only tell what would be done.
    """

    def __init__(
        self,
        *,
        destination: Destination,
        links: Links,
        store: AsyncStore,
        target: str,
        claims: Mapping[Key, PublishedPlaylist],
        contents: Mapping[str, Sequence[str]],
        identity: Callable[[str], str],
        dry_run: bool,
    ) -> None:
        self._destination = destination
        self._links = links
        self._store = store
        self._target = target
        self._claims = dict(claims)
        self._contents = dict(contents)
        self._identity = identity
        self._dry_run = dry_run

    @property
    def uris(self) -> set[str]:
        """What stands in our playlists, as far as carried out."""
        return set(chain.from_iterable(self._contents.values()))

    async def adopt(self, owned: Mapping[Key, PublishedPlaylist]) -> None:
        """Notes where our playlists were found, also those that no step is for.

        A claim that still tells a former name would be a second one on it as soon as another playlist gets that name.

        Raises:
            StoreError: as `run`.
        """
        found = {key: claim for key, claim in owned.items() if self._claims.get(key) != claim}
        if found and not self._dry_run:
            await self._store.run(TrackStore.adopt, self._target, found.values())
        self._claims = dict(owned)

    async def run(self, step: Step) -> PlaylistOutcome | None:
        """What became of the playlist; None when there is nothing to tell.

        Raises:
            StoreError: what is ours could not be noted, so nothing more may be written.
        """
        if isinstance(step, HandOver):
            await self._hand_over(step)
            return None
        try:
            match step:
                case Publish():
                    return await self._publish(step)
                case Remove():
                    return await self._remove(step)
                case Leave():
                    return self._left(step)
        except StoreError:
            raise
        except MpdBridgeError as error:
            return _failed(step, str(error))

    def _left(self, step: Leave) -> PlaylistOutcome:
        tracks = len(self._contents.get(step.mpd_name, ()))
        return _outcome(
            step.ref, step.mpd_name, step.change, tracks=tracks, reason=step.reason, unavailable=step.unavailable
        )

    async def _hand_over(self, step: HandOver) -> None:
        """In the TrackStore alone: MPD sees nothing of it."""
        if not self._dry_run:
            await self._store.run(TrackStore.adopt, self._target, step.claims, released=step.released)
        self._claims |= {claim.key: claim for claim in step.claims}

    async def _remove(self, step: Remove) -> PlaylistOutcome | None:
        claim, name = step.claim, step.mpd_name
        if name is not None and not self._dry_run:
            await self._destination.remove(name)
        if not self._dry_run:
            await self._store.run(TrackStore.release, self._target, claim.source, claim.playlist_id)
        if name is None:
            return None
        ref = PlaylistRef(claim.source, claim.playlist_id, claim.source_name)
        return _outcome(ref, name, "removed", removed=len(self._contents.pop(name, ())))

    async def _publish(self, step: Publish) -> PlaylistOutcome:
        linked = await self._links.entries(step.playlist)
        if not linked.entries:
            return _failed(step, f"none of its tracks has a stream; {linked.linkless[0]}")
        ref, present_name = step.playlist.ref, step.rename_from or step.mpd_name
        old = self._contents.get(present_name)
        change = await self._write(ref, present_name, linked)
        uris = self._contents[present_name]
        left_out = len(linked.entries) - len(uris)
        if step.rename_from is not None:
            await self._rename(ref, step.rename_from, step.mpd_name)
            change = "renamed" if change == "unchanged" else change
        linkless = f"{len(linked.linkless)} without a direct link: {linked.linkless[0]}" if linked.linkless else ""
        outcome = _outcome(
            ref,
            step.mpd_name,
            change,
            tracks=len(uris),
            reason="; ".join(filter(None, (step.note, linkless, _cut(left_out)))),
            unavailable=step.playlist.unavailable,
        )
        before, after = Counter(map(self._identity, old or ())), Counter(map(self._identity, uris))
        return replace(
            outcome,
            added=(after - before).total(),
            removed=(before - after).total(),
            renamed_from=step.rename_from,
            left_out=left_out,
        )

    async def _write(self, ref: PlaylistRef, name: str, linked: Linked) -> Change:
        """Makes our playlist `name` hold `linked`, as far as it does not yet, and as much of it as MPD takes."""
        claim = self._claims.get(key_of(ref))
        # One of that name that another playlist should have given up, and could not, is not ours to overwrite.
        old = self._contents.get(name) if claim is not None and claim.mpd_name == name else None
        every = [entry.uri for entry in linked.entries]
        uris = every[: self._destination.longest]
        change: Change = "created" if old is None else "unchanged" if list(old) == uris else "edited"
        if not self._dry_run:
            await self._claim(ref, name)
            if change != "unchanged":
                change = await self._destination.publish(name, linked.entries, new=old is None)
                uris = every[: self._destination.longest]  # it may have shown only now
            await self._mark(ref, uris_hash(uris))
        self._contents[name] = uris
        return change

    async def _rename(self, ref: PlaylistRef, old: str, new: str) -> None:
        self._contents[new] = uris = self._contents.pop(old)
        if not self._dry_run:
            await self._store.run(TrackStore.begin_rename, self._target, ref, new)
            known = self._claims[key_of(ref)]
            self._claims[key_of(ref)] = replace(known, mpd_name=new, former_name=old)
            await self._destination.rename(old, new)
            await self._mark(ref, uris_hash(uris))

    async def _claim(self, ref: PlaylistRef, name: str) -> None:
        known = self._claims.get(key_of(ref))
        if known is not None and (known.mpd_name, known.source_name) == (name, ref.name):
            return
        await self._store.run(TrackStore.claim, self._target, ref, name)
        self._claims[key_of(ref)] = PublishedPlaylist(ref.source, ref.playlist_id, ref.name, name)

    async def _mark(self, ref: PlaylistRef, fingerprint: str) -> None:
        """Notes what stands in MPD; an unchanged playlist costs no write to the TrackStore either."""
        known = self._claims[key_of(ref)]
        if known.published_at is None or known.uris_hash != fingerprint or known.former_name is not None:
            await self._store.run(TrackStore.mark_published, self._target, ref, fingerprint)
            self._claims[key_of(ref)] = replace(known, uris_hash=fingerprint, former_name=None)


def _cut(left_out: int) -> str:
    return f"the last {left_out} do not fit, see the warning" if left_out else ""


def _failed(step: Publish | Remove | Leave, reason: str) -> PlaylistOutcome:
    match step:
        case Publish():
            ref, name = step.playlist.ref, step.mpd_name
        case Leave():
            ref, name = step.ref, step.mpd_name
        case Remove():
            claim = step.claim
            ref, name = PlaylistRef(claim.source, claim.playlist_id, claim.source_name), claim.mpd_name
    return _outcome(ref, name, "failed", reason=reason)


def _outcome(
    ref: PlaylistRef,
    mpd_name: str,
    change: Change,
    *,
    tracks: int = 0,
    removed: int = 0,
    reason: str = "",
    unavailable: tuple[str, ...] = (),
) -> PlaylistOutcome:
    return PlaylistOutcome(
        source=ref.source,
        playlist_id=ref.playlist_id,
        name=ref.name,
        mpd_name=mpd_name,
        change=change,
        tracks=tracks,
        removed=removed,
        unavailable=unavailable,
        reason=reason,
    )
