"""What `status` tells: one line for each part. Facts in, text out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mpdbridge.config import SourcesSettings
from mpdbridge.doctor.facts import LITTLE_ROOM, DiskFacts, Facts, MpdFacts, RelayFacts, StoreFacts
from mpdbridge.text import counted

_LOG = "see the log of watch"
_LACKING = {
    "links": ("Links", "links in the queue stay as they are"),
    "history": ("History", "YouTube Music is not told of all plays"),
    "autoplay": ("Radio", "nothing is appended to the queue"),
}
_STATES = {"play": "playing", "pause": "paused", "stop": "stopped"}


@dataclass(frozen=True, slots=True)
class Line:
    """One part: its name, what there is to tell, and whether it is as it should be."""

    part: str
    told: str
    well: bool


def _well(part: str, told: str) -> Line:
    return Line(part, told, well=True)


def _lacking(part: str, told: str) -> Line:
    return Line(part, told, well=False)


def lines(facts: Facts, config: Path | None, *, now: float) -> Iterator[Line]:
    """The overview, line by line; `now` in epoch seconds. Of the configuration file only if it is asked for."""
    yield _relay(facts.relay)
    health = facts.relay.health
    yield from _bridge(health, facts.mpd.address, now)
    yield _mpd(facts.mpd)
    yield _tracks(facts.store)
    yield _last_sync(facts.store.last_sync, _mapping(health.get("sync")).get("error"), now)
    yield _disk(facts.store, facts.disk)
    if facts.sources.ytmusic.enabled:
        yield Line("Login", facts.login.told, well=not facts.login.problem)
    yield _sources(facts.sources, library=facts.login.exists)
    if config is not None:
        yield _well("Config", str(config) if config.exists() else f"the defaults; there is no {config}")


def _bridge(health: Mapping[str, object], address: str, now: float) -> Iterator[Line]:
    """What a running bridge tells of itself; `address` is the MPD that the configuration means."""
    if tags := _tags(_mapping(health.get("mpd")), address):
        yield tags
    if control := _mapping(health.get("control")):
        yield _control(control)
    if streams := _streams(_mapping(health.get("resolver")), now):
        yield streams
    for track, reason in _mapping(health.get("refused")).items():
        yield _lacking("Refused", f"{track}: {reason}; it is not gone, and is tried again in some minutes")
    for link, reason in _mapping(_mapping(health.get("links")).get("failed")).items():
        yield _lacking("Link", f"{link} stays as it is in the queue: {str(reason).removeprefix(f'{link}: ')}")
    for name, (part, lacking) in _LACKING.items():
        follower = _mapping(health.get(name))
        if why := follower.get("reason") if follower.get("state") == "refused" else follower.get("problem"):
            yield _lacking(part, f"{lacking}: {why}")
    if heads := _cached("Heads", _mapping(health.get("heads")), "track", ", to start at once"):
        yield heads
    if covers := _cached("Covers", _mapping(health.get("covers")), "picture"):
        yield covers


def _relay(relay: RelayFacts) -> Line:
    if relay.problem:
        return _lacking("Relay", f"{relay.url}: {relay.problem}")
    streams = _mapping(relay.health.get("streams"))
    told = [
        relay.url,
        f"up {_span(_number(relay.health.get('uptime_seconds')))}",
        f"{streams.get('active', 0)} of {streams.get('max', '?')} streams",
        f"{streams.get('served', 0)} served",
    ]
    return _well("Relay", ", ".join(told))


def _tags(followed: Mapping[str, object], address: str) -> Line | None:
    """Whether the running bridge tags the queue of the MPD at `address` (empty: unknown); None without a bridge."""
    tagger, other = followed.get("tagger"), followed.get("address", address)
    if not tagger:
        return None
    if address and other != address:
        return _lacking("Tags", f"watch follows MPD at {other}: set mpd.host, so that all commands mean the same MPD")
    if tagger != "attached":
        return _lacking("Tags", f"{tagger}: {followed.get('reason') or _LOG}")
    return _well("Tags", "every entry in the queue gets its artist and title")


def _streams(resolver: Mapping[str, object], now: float) -> Line | None:
    """How the sites treat the running bridge."""
    if not resolver:
        return None
    until = _number(resolver.get("backing_off_until"))
    rate = f"{resolver.get('resolved_last_hour', 0)} looked up in the last hour"
    error = f"; last trouble: {resolver['last_error']}" if resolver.get("last_error") else ""
    wait = f"a site wants to be left alone for {_span(until - now)}; " if until > now else ""
    return Line("Streams", f"{wait}{rate}{error}", well=not wait)


def _cached(part: str, kept: Mapping[str, object], unit: str, purpose: str = "") -> Line | None:
    """What the relay keeps on disk for tracks; None when that is not wanted."""
    if not kept:
        return None
    count, size = int(_number(kept.get("count"))), _number(kept.get("bytes"))
    told = f"{counted(count, unit)} with {size / 2**20:.1f} MiB on disk{purpose}"
    return _well(part, told if count else "none yet: they come as tracks from the net are played")


def _control(channel: Mapping[str, object]) -> Line:
    """Whether the running bridge hears the messages of MPD's clients."""
    if channel.get("state") != "attached":
        return _lacking("Control", f"no client can command it: {channel.get('reason') or _LOG}")
    return _well("Control", "any client of MPD can command it: `mpc sendmessage mpdbridge help`")


def _mpd(mpd: MpdFacts) -> Line:
    if mpd.problem:
        return _lacking("MPD", mpd.problem)
    playing = _STATES.get(mpd.status["state"], mpd.status["state"])
    told = [mpd.address, f"protocol {mpd.protocol}", f"{playing}: {_song(mpd.song)}" if mpd.song else playing]
    if error := mpd.status.get("error"):
        told.append(f"its last error: {error}")
    return _well("MPD", ", ".join(told))


def _song(song: Mapping[str, str]) -> str:
    """`Artist - Title`, or what there is."""
    return " - ".join(filter(None, (song.get("Artist"), song.get("Title")))) or song.get("Name") or song["file"]


def _tracks(store: StoreFacts) -> Line:
    if store.problem:
        return _lacking("Tracks", store.problem)
    if not store.tracks:
        return _lacking("Tracks", "none yet: run `mpdbridge sync`")
    dead = f", {store.dead} not playable" if store.dead else ""
    return _well("Tracks", f"{store.tracks} in {counted(store.playlists, 'playlist') or 'no playlist'}{dead}")


def _last_sync(note: Mapping[str, object], error: object, now: float) -> Line:
    """The last sync of everything that came to its end, whoever did it, and why the running bridge's did not."""
    if not note:
        return _lacking("Sync", f"no full one yet: {error or 'run `mpdbridge sync`'}")
    playlists = note.get("playlists")
    number = len(playlists) if isinstance(playlists, list) else 0
    told = f"{_span(now - _number(note.get('at')))} ago, {counted(number, 'playlist') or 'no playlists'}"
    if note.get("failed"):
        return _lacking("Sync", f"{told}; {_source_trouble(note) or _playlist_trouble(playlists)}")
    if error:
        return _lacking("Sync", f"{told}; watch failed to sync: {error}")
    return _well("Sync", told)


def _source_trouble(note: Mapping[str, object]) -> str:
    """What the first source said that failed in the last sync; empty when it was something else."""
    failed = note.get("sources_failed")
    trouble = _mapping(failed[0]) if isinstance(failed, list) and failed else {}
    reason = "its login was dead" if trouble.get("login_is_dead") else trouble.get("reason")
    return f"{trouble.get('source')}: {reason}" if trouble else ""


def _playlist_trouble(playlists: object) -> str:
    """Which playlist failed in the last sync, and why: the first, and the number of the others."""
    noted = map(_mapping, playlists if isinstance(playlists, list) else [])
    failed = [one for one in noted if one.get("change") == "failed"]
    if not failed:
        return "something failed: run `mpdbridge sync` to see what"
    first, others = failed[0], len(failed) - 1
    name = first.get("mpd_name") or first.get("name") or first.get("playlist_id")
    return f"{name}: {first.get('reason')}{f' (and {others} more failed)' if others else ''}"


def _disk(store: StoreFacts, disk: DiskFacts) -> Line:
    told = f"{_size(store.bytes)} of tracks, {_size(disk.cache)} of heads and covers, {_size(disk.free)} free"
    return Line("Disk", told, well=disk.free > LITTLE_ROOM)


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.1f} MiB"


def _sources(sources: SourcesSettings, *, library: bool) -> Line:
    told = []
    if sources.ytmusic.enabled:
        login = "with your library" if library else "without login"
        told.append(f"YouTube Music {login}, {counted(len(sources.ytmusic.playlists), 'link') or 'no links'}")
    if sources.web.playlists:
        told.append(f"web, {counted(len(sources.web.playlists), 'playlist')}")
    if sources.demo.enabled:
        told.append("demo")
    if not told:
        return _lacking("Sources", "none: put your playlists under `sources:` in the configuration")
    idle = sources.ytmusic.enabled and not library and not sources.ytmusic.playlists
    return Line("Sources", "; ".join(told), well=not idle)


def _span(seconds: float) -> str:
    """`40 s`, `12 min`, `3 h 5 min`, `4 days`."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} days"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{rest} s"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
