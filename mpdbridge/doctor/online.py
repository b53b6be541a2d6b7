"""What is found out only by asking: one track is looked up and begun as `watch` would do it, and the time compared."""

import asyncio
import email.utils
import http.client
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from mpdbridge.config import Settings
from mpdbridge.doctor import clock, tools
from mpdbridge.doctor.checks import Check, fail, ok, warn
from mpdbridge.errors import MpdBridgeError, YouTubeStreamError
from mpdbridge.models import Stream, Track
from mpdbridge.resolver import Extracted, ExtractorWorker, addresses
from mpdbridge.store import TrackStore

KNOWN = Track("dQw4w9WgXcQ", "Never Gonna Give You Up", ("Rick Astley",))
"""Asked for when the TrackStore knows nothing better: as well known, and as unlikely to go, as any."""

_PATIENCE = 10.0  # seconds for one answer
_NAME = "Resolving"


@dataclass(frozen=True, slots=True)
class Answered:
    """The head of an HTTP answer.

    Attributes:
        date: its Date header, epoch seconds; None without one.
    """

    status: int
    date: float | None


async def probe(settings: Settings) -> list[Check]:
    """Two checks: one track resolved and its first bytes fetched; and the clock."""
    track = await asyncio.to_thread(_some_track, settings) or KNOWN
    checks: list[Check] = []
    answered: Answered | None = None
    began = time.monotonic()
    try:
        found = await _resolved(settings, track)
    except YouTubeStreamError as error:
        checks.append(fail(_NAME, f"{track.label}: {error}", f"the network, or an old yt-dlp: {tools.RENEW}"))
    else:
        took = time.monotonic() - began
        answered = await _head(found.stream.url, {**found.stream.headers, "Range": "bytes=0-1023"}, "GET")
        checks.append(resolved(track, found.stream, took, answered))
    asked = urlsplit(addresses(track)[0])
    if answered is None or answered.date is None:
        answered = await _head(f"{asked.scheme}://{asked.netloc}/", {}, "HEAD")
    if answered is None or answered.date is None:
        checks.append(
            warn("Clock", f"cannot be compared: {asked.hostname} does not tell the time", "check the network")
        )
    else:
        checks.append(clock.against_server(time.time(), answered.date, asked.hostname or ""))
    return checks


def resolved(track: Track, stream: Stream, took: float, answered: Answered | None) -> Check:
    """What came of one resolution that took `took` seconds; `answered` is upstream's answer for the first bytes."""
    told = f"{track.label}: {', '.join(filter(None, _quality(stream)))}, in {took:.1f} s"
    host = urlsplit(stream.url).hostname
    if answered is None:
        return fail(_NAME, f"{told}, but {host} does not answer", "check the network")
    if answered.status >= 400:
        return fail(_NAME, f"{told}, but {host} answers {answered.status}", f"mostly an old yt-dlp: {tools.RENEW}")
    return ok(_NAME, told)


def _quality(stream: Stream) -> list[str]:
    rate = ""
    if stream.content_length and stream.duration:
        rate = f"{stream.content_length * 8 / stream.duration / 1000:.0f} kbit/s"
    length = f"{stream.duration:.0f} s long" if stream.duration else ""
    return [f"format {stream.format_id}" if stream.format_id else "", stream.content_type or "", rate, length]


async def _resolved(settings: Settings, track: Track) -> Extracted:
    """Raises YouTubeStreamError."""
    async with ExtractorWorker(settings=settings.resolver, login=settings.streams_login) as worker:
        *others, last = addresses(track)
        for url in others:
            try:
                return await worker.extract(url)
            except YouTubeStreamError as error:
                if not error.permanent:
                    raise
        return await worker.extract(last)


def _some_track(settings: Settings) -> Track | None:
    """A track of the user's that probably plays."""
    path = settings.proxy.track_mapping_db
    if not path.exists():
        return None
    try:
        with TrackStore(path) as store:
            track = store.likely_track()
    except MpdBridgeError:  # the check of the store tells it
        return None
    return track if track is not None and addresses(track) else None


async def _head(url: str, headers: Mapping[str, str], method: str) -> Answered | None:
    """The head of the answer to one request; None when there is none."""
    try:
        return await asyncio.to_thread(_ask, url, headers, method)
    except (OSError, http.client.HTTPException):
        return None


def _ask(url: str, headers: Mapping[str, str], method: str) -> Answered:
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    with closing(make(parts.hostname or "", parts.port, timeout=_PATIENCE)) as connection:
        connection.request(method, f"{parts.path or '/'}?{parts.query}".rstrip("?"), headers=dict(headers))
        answer = connection.getresponse()
        try:
            date = email.utils.parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
        except ValueError:
            date = None
        return Answered(answer.status, date)
