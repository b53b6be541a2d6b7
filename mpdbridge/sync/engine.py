"""SyncEngine: fetch, plan, store, publish. It emits events and prints nothing; no audio URL is resolved."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from mpdbridge.concurrency import Clock
from mpdbridge.config import SyncSettings
from mpdbridge.models import Playlist, PlaylistRef
from mpdbridge.sources import Source
from mpdbridge.store import AsyncStore, PublishedPlaylist, TrackStore
from mpdbridge.sync.destination import Destination
from mpdbridge.sync.events import (
    Listener,
    PlaylistFailed,
    PlaylistOutcome,
    PlaylistPublished,
    SourceFailed,
    SyncFinished,
    SyncReport,
    SyncStarted,
    Warned,
    ignore,
)
from mpdbridge.sync.fetching import ask_sources
from mpdbridge.sync.library import LibraryStep
from mpdbridge.sync.limit import note_limit, recall_limit
from mpdbridge.sync.links import Links
from mpdbridge.sync.naming import Key, base_name, key_of
from mpdbridge.sync.plan import Answers, Policy, Present, Publish, Step, make_plan
from mpdbridge.sync.present import look
from mpdbridge.sync.selection import matches, wanted
from mpdbridge.sync.steps import StepRunner
from mpdbridge.urls import ProxyUrls


class SyncEngine:
    """One MPD and the sources that feed it.

    Args:
        sources: asked in this order.
        store: tracks and claims.
        destination: MPD itself, or its playlist directory.
        links: what the playlists' entries are.
        library: library mode, when it is on or has to be cleared away; tells what the entries are instead of `links`.
        urls: tells which entries of a playlist are ours.
        settings: prefix, pruning, filters.
        target: name of the MPD, under which claims are kept; the same for both destinations.
        warnings: what the user should know about this way of syncing.
        listener: gets every event.
        clock: for the report's seconds.
    """

    def __init__(
        self,
        *,
        sources: Sequence[Source],
        store: AsyncStore,
        destination: Destination,
        links: Links,
        library: LibraryStep | None = None,
        urls: ProxyUrls,
        settings: SyncSettings,
        target: str,
        warnings: Sequence[str] = (),
        listener: Listener = ignore,
        clock: Clock = time.monotonic,
    ) -> None:
        self._sources = sources
        self._store = store
        self._destination = destination
        self._links = links
        self._library = library
        self._urls = urls
        self._settings = settings
        self._target = target
        self._warnings = tuple(warnings)
        self._listener = listener
        self._clock = clock

    async def run(self, *, only: Sequence[str] = (), dry_run: bool = False) -> SyncReport:
        """Makes MPD hold what the sources say.

        Args:
            only: names, ids or names in MPD, shell patterns; nothing else is touched or removed. Empty: all.
            dry_run: write nothing, neither to MPD nor to the TrackStore.

        Raises:
            MpdUnavailableError, MpdRefusedError: MPD does not tell what it has.
            StoreError: the TrackStore cannot be used.
        """
        started = self._clock()
        self._announce(dry_run=dry_run)
        if not dry_run:
            await self._destination.clear_leftovers()
        limit = await recall_limit(self._destination, store=self._store, target=self._target)
        claims = await self._store.run(TrackStore.published, self._target)
        answers, failures = await ask_sources(
            self._sources,
            wanted=lambda ref: self._wanted(ref, claims),
            selected=(lambda ref: matches(ref, only, also=self._known_as(ref, claims))) if only else None,
            listener=self._listener,
        )
        plan, present = await self._plan(answers, claims)
        changed = 0 if dry_run else await self._remember(answers)
        links = await self._links_for(plan, dry_run=dry_run)
        runner = self._runner(links, claims, present, dry_run=dry_run)
        await runner.adopt(present.owned)
        outcomes = await self._carry_out(plan, runner)
        await note_limit(self._destination, store=self._store, target=self._target, recalled=limit)
        if self._library is not None and not dry_run:
            await self._library.tidy(runner.uris)
        report = SyncReport(
            target=self._target,
            via=self._destination.via,
            playlists=(*_sorted(outcomes, answers), *self._unknown(only, answers, claims, failures)),
            sources_failed=failures,
            warnings=(*self._warnings, *self._problems(), *_too_long(outcomes, self._destination.longest)),
            songs=None if self._library is None else self._library.song_count,
            tracks_changed=changed,
            seconds=self._clock() - started,
            dry_run=dry_run,
        )
        self._listener(SyncFinished(report))
        return report

    def _announce(self, *, dry_run: bool) -> None:
        names = tuple(source.name for source in self._sources)
        self._listener(SyncStarted(self._target, self._destination.via, names, dry_run))
        for warning in self._warnings:
            self._listener(Warned(warning))

    def _wanted(self, ref: PlaylistRef, claims: Mapping[Key, PublishedPlaylist]) -> bool:
        """What the configuration says; a link that cannot be fetched has no name, and is known by its last one.

        If it never told one, it is not for the filters to hide that it fails.
        """
        filters, claim = self._settings.playlists, claims.get(key_of(ref))
        known = ref if ref.name or claim is None else replace(ref, name=claim.source_name)
        return wanted(known, filters.include if known.name else (), filters.exclude)

    def _known_as(self, ref: PlaylistRef, claims: Mapping[Key, PublishedPlaylist]) -> str:
        claim = claims.get(key_of(ref))
        return base_name(ref, self._settings.playlist_prefix) if claim is None else claim.mpd_name

    async def _plan(self, answers: Answers, claims: dict[Key, PublishedPlaylist]) -> tuple[list[Step], Present]:
        present = await look(
            destination=self._destination,
            store=self._store,
            target=self._target,
            urls=self._urls,
            claims=claims,
            offered=map(key_of, answers.wanted),
        )
        policy = Policy(self._settings.playlist_prefix, self._settings.prune)
        return make_plan(answers, claims, present, self._uris, policy), present

    def _uris(self, playlist: Playlist) -> list[str]:
        return [self._urls.of(track) for track in playlist.tracks]

    async def _remember(self, answers: Answers) -> int:
        """Every track is in the TrackStore before MPD can ask the relay for it."""
        tracks = list(chain.from_iterable(playlist.tracks for playlist in answers.fetched.values()))
        return await self._store.run(TrackStore.upsert_tracks, tracks)

    async def _links_for(self, plan: Sequence[Step], *, dry_run: bool) -> Links:
        if self._library is None:
            return self._links
        playlists = (step.playlist for step in plan if isinstance(step, Publish))
        links = await self._library.links(chain.from_iterable(one.tracks for one in playlists), dry_run=dry_run)
        for problem in self._problems():
            self._listener(Warned(problem))
        return links

    def _problems(self) -> Sequence[str]:
        return self._library.problems if self._library is not None else ()

    def _runner(
        self, links: Links, claims: Mapping[Key, PublishedPlaylist], present: Present, *, dry_run: bool
    ) -> StepRunner:
        return StepRunner(
            destination=self._destination,
            links=links,
            store=self._store,
            target=self._target,
            claims=claims,
            contents=present.contents,
            identity=present.identity,
            dry_run=dry_run,
        )

    async def _carry_out(self, plan: Sequence[Step], runner: StepRunner) -> list[PlaylistOutcome]:
        outcomes = []
        for done, step in enumerate(plan, 1):
            outcome = await runner.run(step)
            if outcome is None:
                continue
            event = PlaylistFailed if outcome.change == "failed" else PlaylistPublished
            self._listener(event(outcome, done=done, total=len(plan)))
            outcomes.append(outcome)
        return outcomes

    def _unknown(
        self,
        only: Sequence[str],
        answers: Answers,
        claims: Mapping[Key, PublishedPlaylist],
        failures: Sequence[SourceFailed],
    ) -> list[PlaylistOutcome]:
        """What was asked for and is nowhere."""
        who = "no source that answers in full" if failures else "no source"
        reason = f"{who} has a playlist of this name or id, or sync.playlists excludes it"
        return [
            PlaylistOutcome("", "", name, "", "failed", reason=reason)
            for name in only
            if not any(matches(ref, [name], also=self._known_as(ref, claims)) for ref in answers.wanted)
        ]


def _sorted(outcomes: Sequence[PlaylistOutcome], answers: Answers) -> list[PlaylistOutcome]:
    """In the order of the sources' lists; removed ones last."""
    order = {key_of(ref): number for number, ref in enumerate(answers.wanted)}
    return sorted(outcomes, key=lambda one: order.get((one.source, one.playlist_id), len(order)))


def _too_long(outcomes: Sequence[PlaylistOutcome], longest: int | None) -> Iterator[str]:
    names = ", ".join(outcome.mpd_name for outcome in outcomes if outcome.left_out)
    if names:
        what = f"MPD loads no more than {longest} entries of a playlist, so the rest is left out of {names}"
        yield f"{what}: raise max_playlist_length in mpd.conf and restart MPD"
