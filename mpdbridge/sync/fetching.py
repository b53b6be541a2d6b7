"""The first half of a sync: asks the sources. What fails, a source or one playlist, does not stop the others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from mpdbridge.errors import MpdBridgeError
from mpdbridge.models import Playlist, PlaylistRef
from mpdbridge.sources import Offer, Source
from mpdbridge.sync.events import Listener, PlaylistFetched, SourceFailed, SourceListed
from mpdbridge.sync.naming import Key, key_of
from mpdbridge.sync.plan import Answers

Chooser = Callable[[PlaylistRef], bool]


async def ask_sources(
    sources: Sequence[Source], *, wanted: Chooser, selected: Chooser | None, listener: Listener
) -> tuple[Answers, tuple[SourceFailed, ...]]:
    """What the sources say, and which of them did not say all.

    Args:
        sources: asked one after another, gently.
        wanted: whether the configuration wants a playlist.
        selected: whether the command line asks for a playlist; None for all.
        listener: gets SourceListed, SourceFailed and PlaylistFetched.
    """
    listed: dict[str, Sequence[PlaylistRef]] = {}
    untold: dict[str, tuple[str, ...]] = {}
    failures: list[SourceFailed] = []
    chosen: list[tuple[Source, PlaylistRef]] = []
    every: dict[Key, PlaylistRef] = {}
    for source in sources:
        offer, failure = await _ask(source)
        if failure is not None:
            failures.append(failure)
            listener(failure)
        if offer is None:
            continue
        if not offer.lacking:
            listed[source.name] = offer.refs
        untold[source.name] = offer.untold
        mine: dict[Key, PlaylistRef] = {}
        for ref in filter(wanted, offer.refs):
            mine.setdefault(key_of(ref), ref)
        asked = [(source, ref) for ref in mine.values() if selected is None or selected(ref)]
        listener(SourceListed(source.name, len(offer.refs), len(asked)))
        every |= mine
        chosen += asked
    fetched, failed = await _fetch(chosen, listener)
    every |= {key: playlist.ref for key, playlist in fetched.items()}  # the answer may know the name better
    answers = Answers(
        listed=listed,
        wanted=tuple(every.values()),
        fetched=fetched,
        failed=failed,
        partial=selected is not None,
        untold=untold,
    )
    return answers, tuple(failures)


async def _ask(source: Source) -> tuple[Offer | None, SourceFailed | None]:
    """What the source offers, if it answers, and what of it failed."""
    try:
        offer = await source.playlists()
    except MpdBridgeError as error:
        return None, SourceFailed(source.name, str(error))
    if not offer.lacking:
        return offer, None
    return offer, SourceFailed(source.name, offer.lacking, listed=len(offer.refs), login_is_dead=offer.login_is_dead)


async def _fetch(
    chosen: Sequence[tuple[Source, PlaylistRef]], listener: Listener
) -> tuple[Mapping[Key, Playlist], Mapping[Key, str]]:
    fetched: dict[Key, Playlist] = {}
    failed: dict[Key, str] = {}
    for done, (source, ref) in enumerate(chosen, 1):
        try:
            playlist = await source.fetch(ref)
        except MpdBridgeError as error:
            failed[key_of(ref)] = str(error)
            continue
        fetched[key_of(ref)] = playlist = _for(ref, playlist)
        listener(
            PlaylistFetched(
                ref.source, ref.name, len(playlist.tracks), len(playlist.unavailable), done=done, total=len(chosen)
            )
        )
    return fetched, failed


def _for(ref: PlaylistRef, playlist: Playlist) -> Playlist:
    """`playlist` as the answer for `ref`: the name and number it tells itself go before those of the list."""
    found = playlist.ref
    announced = ref.announced if found.announced is None else found.announced
    return replace(playlist, ref=replace(ref, name=found.name or ref.name, announced=announced))
