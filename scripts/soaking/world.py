"""Everything that takes part: a private MPD, the bridge as a process, the site; and what was seen of them."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from support.bridge import playlists_of, save
from support.bridge_process import BridgeProcess
from support.mpd_client import Ack, Pairs
from support.mpd_process import MpdProcess, wait_until

from mpdbridge.urls import TrackUris
from soaking.site import Site

FOLDER = "YouTube Music"
USERS = {"Mine": ["http://localhost/one", "http://localhost/two"], "YT: Mine, too": ["http://localhost/three"]}
"""Playlists that are none of our business."""


@dataclass
class World:
    """What the actions act upon.

    Attributes:
        playlists: what MPD has to hold at the end, URIs by name.
        ratings: stickers that have to be there at the end, by song of the database.
        counts: how often everything was done.
        answers: seconds that MPD took for each command.
        wrong: what ought not to have been, in words.
    """

    mpd: MpdProcess
    bridge: BridgeProcess
    site: Site
    draw: random.Random
    playlists: dict[str, list[str]] = field(default_factory=dict)
    ratings: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    answers: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def uris(self) -> TrackUris:
        """How MPD knows a track of ours."""
        return TrackUris(f"http://localhost:{self.bridge.port}", (), (FOLDER,))

    @property
    def songs(self) -> set[str]:
        """Those of MPD's database that there have to be; none unless it is soaked in library mode."""
        return {uri for uris in self.playlists.values() for uri in uris if uri.startswith(f"{FOLDER}/")}

    def command(self, *args: str) -> Pairs:
        """MPD's answer; what it refuses is as good as nothing, but it has to answer."""
        began = time.monotonic()
        try:
            return self.mpd.command(*args)
        except Ack:
            return []
        except OSError as error:
            self.wrong.append(f"MPD did not answer {args[0]}: {error}")
            return []
        finally:
            self.answers.append(time.monotonic() - began)

    def start_bridge(self) -> None:
        self.bridge.__enter__()

    def tagged(self) -> bool:
        """Whether every entry of ours in the queue has its title."""
        ours = [entry for entry in self.mpd.queue() if f":{self.bridge.port}/proxy/" in entry["file"][0]]
        return all("Title" in entry for entry in ours)

    def synced(self) -> bool:
        """Whether the last sync brought everything."""
        last = self.health()["sync"]["last"]
        return isinstance(last, dict) and not last["failed"]

    def health(self) -> dict[str, dict[str, int]]:
        """What the running bridge says of itself."""
        found = self.bridge.health()
        if found is None:
            raise AssertionError("the relay does not answer")
        return found

    def rest(self) -> dict[str, int]:
        """All trouble ends, the music stops, and the bridge has nothing to do. Returns what its process holds then."""
        self.site.upstream.default = type(self.site.upstream.default)()
        self.command("stop")
        wait_until(lambda: self.health()["streams"]["active"] == 0, "all streams to end", 40)
        wait_until(lambda: self.health()["mpd"]["tagger"] == "attached", "the tagger to be there", 40)
        wait_until(self.tagged, "every entry to be tagged", 20)
        return self.health()["process"]


def in_library_mode(seed: int) -> bool:
    """Every second seed."""
    return seed % 2 == 1


@contextmanager
def opened(home: Path, seed: int) -> Iterator[World]:
    """A world in good order: everything runs, everything is synced."""
    with ExitStack() as stack:
        mpd = MpdProcess(home=home / "mpd", state=True)
        stack.callback(mpd.close)
        mpd.start()
        for name, uris in USERS.items():
            save(mpd, name, uris)
        site = stack.enter_context(Site())
        bridge = BridgeProcess(
            home / "bridge",
            mpd,
            options=(),
            sources={"web": {"playlists": [{"name": "Signed", "urls": site.links}]}},
            sync={"interval_minutes": 0.1},
            resolver={"max_per_hour": 100_000, "timeout_seconds": 10},
            proxy={"max_streams": 5},
            watch={"links": "all"},
            library={"enabled": in_library_mode(seed)},
        )
        world = World(mpd, bridge, site, random.Random(seed))
        stack.callback(lambda: bridge.__exit__(None, None, None))
        world.start_bridge()
        wait_until(world.synced, "the first sync", 60)
        world.playlists = playlists_of(mpd)
        yield world
