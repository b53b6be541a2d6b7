"""What the relay answers: audio, covers, health. Nothing here ever waits for MPD, which may be waiting for us."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict

from aiohttp import hdrs, web

from mpdbridge import __version__
from mpdbridge.byterange import ByteRange, Unsatisfiable, content_range, if_range_holds, parse_range
from mpdbridge.config import ProxySettings
from mpdbridge.errors import MpdBridgeError
from mpdbridge.icy import IcyEncoder
from mpdbridge.logs import get_logger
from mpdbridge.models import Track
from mpdbridge.relay.audio import Audio, AudioOpener
from mpdbridge.relay.covers import CoverCache, Covers
from mpdbridge.relay.heads import HeadCache
from mpdbridge.relay.health import process_facts
from mpdbridge.relay.limits import StreamSlots
from mpdbridge.relay.patience import Patience
from mpdbridge.relay.picture import Picture
from mpdbridge.relay.plan import (
    IcyMode,
    Interleaved,
    NotSatisfiable,
    Plan,
    RequestFacts,
    headers,
    opening,
    plan_response,
    restart,
    status,
)
from mpdbridge.relay.refusals import MalformedIdError
from mpdbridge.relay.refused import RefusedTracks
from mpdbridge.relay.sending import send_audio
from mpdbridge.resolver import StreamResolver
from mpdbridge.store import AsyncStore, TrackStore
from mpdbridge.urls import TRACK_ID

log = get_logger(__name__)


class AudioHandler:
    """`GET|HEAD /proxy/{track_id}`, with or without a readable tail.

    Nothing is sent before the first byte of audio is there: until then every failure has a status of its own.
    """

    def __init__(
        self,
        *,
        resolver: StreamResolver,
        opener: AudioOpener,
        slots: StreamSlots,
        settings: ProxySettings,
        tagged: Callable[[str], bool],
        patience: Patience,
    ) -> None:
        self._resolver = resolver
        self._opener = opener
        self._slots = slots
        self._icy: IcyMode = settings.icy
        self._metaint = settings.icy_metaint
        self._tagged = tagged
        self._patience = patience

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The audio; raises MpdBridgeError or TimeoutError only while nothing was sent."""
        asked = request_facts(request, self._tagged)
        async with AsyncExitStack() as held:
            if request.method == hdrs.METH_GET:
                await held.enter_async_context(self._slots.take())
            async with asyncio.timeout(self._patience.first_byte):
                known = await self._resolver.look_up(track_id_of(request))
                wanted = opening(asked, self._icy)
                audio = await held.enter_async_context(self._opener.open(known, wanted))
                plan = plan_response(asked, audio.facts, self._icy)
                other = restart(plan, audio.facts, wanted) if request.method == hdrs.METH_GET else None
                if other is not None:
                    await audio.start(other)
            return await self._send(request, known.track, plan, audio)

    async def _send(self, request: web.Request, track: Track, plan: Plan, audio: Audio) -> web.StreamResponse:
        head = headers(plan, audio.facts, name=track.label, metaint=self._metaint)
        if isinstance(plan, NotSatisfiable):
            return web.Response(status=416, headers=head, text=f"the track has {plan.length} bytes\n")
        response = web.StreamResponse(status=status(plan), headers=head)

        def started() -> None:
            log.info("stream started", track=track.track_id, plan=type(plan).__name__.lower(), client=request.remote)

        encoder = IcyEncoder(metaint=self._metaint, title=track.label) if isinstance(plan, Interleaved) else None
        try:
            await response.prepare(request)
            if request.method != hdrs.METH_GET:
                return response
            await send_audio(request, response, audio, encoder, patience=self._patience, started=started)
        except MpdBridgeError as error:
            log.warning("stream cut short", track=track.track_id, cause=str(error))
            # Closed without the end that HTTP promises, so that the client knows it has not got everything.
            if request.transport is not None:
                request.transport.close()
        except ConnectionResetError:
            log.debug("the client went", track=track.track_id)
        return response


class CoverHandler:
    """`GET|HEAD /proxy/{track_id}/cover.{png|jpg|webp}`, as MPD's `albumart` asks for them, one after the other.

    A client that gets the picture in pieces has MPD come for each of them, with a Range from the second one on.
    """

    def __init__(self, *, resolver: StreamResolver, covers: Covers) -> None:
        self._resolver = resolver
        self._covers = covers

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The picture with its Content-Length, which MPD requires; 404 at once when there is none of this type."""
        track = (await self._resolver.look_up(track_id_of(request))).track
        picture = await self._covers.of(track)
        if picture is None or picture.kind != request.match_info["kind"]:
            return web.Response(status=404, text="no such cover\n")
        return _picture_response(request, picture)


class HealthHandler:
    """`GET /health`: that we live, and what the other rooms have to tell."""

    def __init__(
        self,
        *,
        store: AsyncStore,
        slots: StreamSlots,
        refused: RefusedTracks,
        heads: HeadCache | None,
        covers: CoverCache | None,
        health: Callable[[], Mapping[str, object]] | None,
    ) -> None:
        self._store = store
        self._refused = refused
        self._heads = heads
        self._covers = covers
        self._slots = slots
        self._health = health
        self._started = time.monotonic()

    async def answer(self, _request: web.Request) -> web.StreamResponse:
        counts = await self._store.run(TrackStore.counts)
        facts: dict[str, object] = {
            "status": "ok",
            "version": __version__,
            "pid": os.getpid(),
            "uptime_seconds": round(time.monotonic() - self._started, 1),
            "streams": {"active": self._slots.active, "max": self._slots.most, "served": self._slots.served},
            "process": await process_facts(),
            "tracks": counts.tracks,
            "refused": self._refused.reasons,
            "heads": self._heads and asdict(await self._heads.count()),
            "covers": self._covers and asdict(await self._covers.count()),
        }
        return web.json_response({**facts, **(self._health() if self._health else {})})


def request_facts(request: web.Request, tagged: Callable[[str], bool]) -> RequestFacts:
    """What of `request` matters for the plan."""
    address = (request.remote or "").removeprefix("::ffff:")  # IPv4 on a socket for both
    return RequestFacts(
        method=request.method,
        range=request.headers.get(hdrs.RANGE),
        if_range=request.headers.get(hdrs.IF_RANGE),
        icy=request.headers.get("Icy-MetaData", "").strip() == "1",
        user_agent=request.headers.get(hdrs.USER_AGENT, ""),
        tagged=tagged(address),
    )


def _picture_response(request: web.Request, picture: Picture) -> web.Response:
    """All of `picture`, or the range that is asked for, or that the client has it already (RFC 9110 13.2.2, 14.2)."""
    told = {hdrs.ETAG: picture.etag, hdrs.ACCEPT_RANGES: "bytes", hdrs.CACHE_CONTROL: "private, max-age=86400"}
    known = request.headers.get(hdrs.IF_NONE_MATCH, "")
    if known.strip() == "*" or picture.etag in (tag.strip().removeprefix("W/") for tag in known.split(",")):
        return web.Response(status=304, headers=told)
    length = len(picture.body)
    counts = if_range_holds(request.headers.get(hdrs.IF_RANGE), picture.etag)
    match parse_range(request.headers.get(hdrs.RANGE) if counts else None, length):
        case Unsatisfiable():
            return web.Response(status=416, headers={**told, hdrs.CONTENT_RANGE: content_range(None, length)})
        case ByteRange() as part:
            told[hdrs.CONTENT_RANGE] = content_range(part, length)
            status, body = 206, picture.body[part.first : part.last + 1]
        case None:
            status, body = 200, picture.body
    return web.Response(status=status, headers=told, content_type=picture.content_type, body=body)


def track_id_of(request: web.Request) -> str:
    """The track id in the request's path. Raises MalformedIdError."""
    track_id = request.match_info["track_id"]
    if TRACK_ID.fullmatch(track_id) is None:
        raise MalformedIdError("a track id is 11 to 64 letters, digits, - and _")
    return track_id
