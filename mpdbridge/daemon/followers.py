"""What listens to MPD beside the tagger: for commands, and for what is done to its queue as far as that is wanted."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from mpdbridge.daemon.control import control_channel
from mpdbridge.daemon.parts import Parts
from mpdbridge.mpd.autoplay import Autoplay
from mpdbridge.mpd.history import Historian
from mpdbridge.mpd.links import LinkReplacer
from mpdbridge.sources.queue_links import QueueLinks
from mpdbridge.sync.library import library_songs


class Follower(Protocol):
    """Follows MPD while `run()` runs; `facts` is what /health tells of it."""

    @property
    def facts(self) -> Mapping[str, object]: ...
    async def run(self) -> None: ...


def followers_of(parts: Parts) -> dict[str, Follower]:
    """Those that are wanted, by the names that /health has for them."""
    followers: dict[str, Follower] = {"control": control_channel(parts)}
    if parts.settings.proxy.enabled:  # a relay elsewhere would not know the tracks
        followers.update(_for_the_queue(parts))
    return followers


def _for_the_queue(parts: Parts) -> Iterator[tuple[str, Follower]]:
    wanted, music = parts.settings.watch, parts.sources.music
    address, store, urls = parts.address, parts.store, parts.settings.uris
    timeout = parts.settings.mpd.timeout_seconds
    songs = library_songs(parts.settings, store=store)
    if wanted.links != "none":
        links = QueueLinks(sources=parts.sources, sites=wanted.links, urls=urls)
        replacer = LinkReplacer(
            address=address,
            store=store,
            urls=urls,
            links=links,
            tracks_changed=parts.tagger.store_changed,
            songs=songs,
            durations=wanted.durations,
            timeout=timeout,
        )
        parts.tagger.tell_others(replacer.queue_changed)
        yield "links", replacer
    if wanted.autoplay == "radio":
        below = wanted.autoplay_below
        yield (
            "autoplay",
            Autoplay(
                address=address,
                store=store,
                urls=urls,
                related=music.related,
                below=below,
                songs=songs,
                timeout=timeout,
            ),
        )
    if wanted.history:
        yield (
            "history",
            Historian(
                address=address,
                store=store,
                urls=urls,
                tell_played=music.tell_played,
                recently_played=music.recently_played,
                timeout=timeout,
            ),
        )
