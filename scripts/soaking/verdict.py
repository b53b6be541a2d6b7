"""What has to be right at the end."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from support.bridge import playlists_of
from support.mpd_process import wait_until

from soaking.world import FOLDER, USERS, World

# Between two moments of rest: a pooled connection may have come on either side, a thread's stack be touched.
_MORE_DESCRIPTORS, _MORE_TASKS = 6, 4
# After some 13,000 streams Python's table of interned strings doubles, once: 2 MiB.
_MORE_KIB = 24 * 1024


@dataclass(frozen=True)
class Growth:
    """One figure of the bridge's process over all moments of rest of one life of it."""

    name: str
    figures: Sequence[int]
    allowed: int

    @property
    def wrong(self) -> bool:
        """The least of the second half is more than the most of the first: what only comes and goes does not count."""
        half = len(self.figures) // 2
        return half > 0 and min(self.figures[half:]) > max(self.figures[:half]) + self.allowed


def growth(samples: Sequence[dict[str, int]]) -> list[Growth]:
    """The first sample counts for nothing: pools and allocators have taken what they need by the second."""
    allowed = {"descriptors": _MORE_DESCRIPTORS, "tasks": _MORE_TASKS, "rss_kib": _MORE_KIB}
    return [Growth(name, [sample[name] for sample in samples[1:]], more) for name, more in allowed.items()]


def judge(world: World, samples: Sequence[dict[str, int]]) -> None:
    """Adds to `world.wrong` whatever is."""
    world.rest()
    synced = world.bridge.run("sync")
    if synced.returncode:
        world.wrong.append(f"a sync fails though all trouble is over:\n{synced.stdout}{synced.stderr}")
    held = playlists_of(world.mpd)
    for name in held.keys() | world.playlists.keys():
        if held.get(name) != world.playlists.get(name):
            world.wrong.append(f"playlist {name!r} is {held.get(name)}, not {world.playlists.get(name)}")
    if {name: held.get(name) for name in USERS} != USERS:
        world.wrong.append("a playlist of the user's was touched")
    have = {value for key, value in world.command("find", "base", FOLDER) if key == "file"}
    if have != world.songs:
        world.wrong.append(f"songs of the database: {sorted(have ^ world.songs)} are lacking, or too many")
    _plays(world)
    _gives_way(world)
    if lost := [song for song, rating in world.ratings.items() if not _is_rated(world, song, rating)]:
        world.wrong.append(f"songs that have lost their rating: {lost}")
    doctor = json.loads(world.bridge.run("doctor", "--json").stdout)
    world.wrong += [
        f"doctor: {check['name']}: {check['told']}" for check in doctor["checks"] if check["state"] == "fail"
    ]
    code, seconds = world.bridge.stop()
    if code or seconds > 3:
        world.wrong.append(f"the bridge took {seconds:.1f} s to end, with exit code {code}")
    log = world.bridge.log
    world.wrong += [f"the log has {text!r}" for text in ("Traceback", "mistake in mpdbridge") if text in log]
    world.wrong += [f"{each.name} grew: {list(each.figures)}" for each in growth(samples) if each.wrong]


def _is_rated(world: World, song: str, rating: str) -> bool:
    return ("sticker", f"rating={rating}") in world.command("sticker", "get", "song", song, "rating")


def _gives_way(world: World) -> None:
    """Every page that is put into the queue."""
    for page in world.site.pages:
        world.command("add", page)
    try:
        wait_until(lambda: all(world.uris.track_id(entry["file"][0]) for entry in world.mpd.queue()), "links to go", 30)
    except AssertionError as error:
        world.wrong.append(str(error))
    world.command("clear")


def _plays(world: World) -> None:
    """Every playlist of ours, tagged and heard."""
    for option in ("random", "repeat", "consume", "single"):
        world.command(option, "0")
    for name in world.playlists.keys() - USERS.keys():
        world.command("clear")
        world.command("load", name)
        world.command("play", "0")
        try:
            wait_until(world.tagged, f"{name!r} to be tagged", 20)
            wait_until(lambda: float(world.mpd.status().get("elapsed", 0)) > 0, f"{name!r} to be heard", 20)
        except AssertionError as error:
            world.wrong.append(str(error))
    world.command("clear")
