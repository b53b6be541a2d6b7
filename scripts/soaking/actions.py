"""What may happen: clients at MPD, clients at the relay, troubles of the site, restarts and kills."""

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

from soaking.site import PEACE, TROUBLES
from soaking.world import World

Action = Callable[[World], object]


def _load(world: World) -> None:
    if world.draw.random() < 0.5:
        world.command("clear")
    world.command("load", world.draw.choice(sorted(world.playlists)))


def _seek(world: World) -> None:
    world.command("seekcur", str(world.draw.randrange(25)))


def _play(world: World) -> None:
    if length := len(world.mpd.queue()):
        world.command("play", str(world.draw.randrange(length)))
    else:
        _load(world)


def _edit(world: World) -> None:
    """Entries move, go, and lose their tags."""
    queue = world.mpd.queue()
    if not queue:
        return
    song_id = world.draw.choice(queue)["Id"][0]
    first, second = (str(world.draw.randrange(len(queue))) for _ in range(2))
    commands = [
        ("move", first, second),
        ("delete", first),
        ("shuffle",),
        ("cleartagid", song_id),
        ("swap", first, second),
    ]
    world.command(*world.draw.choice(commands))


def _mode(world: World) -> None:
    world.command(world.draw.choice(["random", "repeat", "consume"]), world.draw.choice("01"))


def _broken_client(world: World) -> None:
    """Asks the relay for something, has a little of it, and is gone."""
    found = [world.uris.track_id(entry["file"][0]) for entry in world.mpd.queue()]
    tracks = [track_id for track_id in found if track_id is not None]
    path = f"/proxy/{world.draw.choice(tracks)}" if tracks else "/health"
    header = world.draw.choice(["", "Icy-MetaData: 1\r\n", "Range: bytes=70000-\r\n"])
    with suppress(OSError), socket.create_connection(("127.0.0.1", world.bridge.port), 5) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n".encode())
        client.recv(world.draw.choice([1, 1000, 50_000]))


def _trouble(world: World) -> None:
    name = world.draw.choice(sorted(TROUBLES))
    world.counts[f"trouble: {name}"] += 1
    world.site.upstream.default = TROUBLES[name]


def _peace(world: World) -> None:
    world.site.upstream.default = PEACE


def _trouble_ends(world: World) -> None:
    world.site.upstream.default = type(world.site.upstream.default)()


def _sync(world: World) -> None:
    """By hand, beside the running one; it may fail while the site does."""
    world.bridge.run("sync")


def _add(world: World) -> None:
    world.bridge.run("add", world.draw.choice(world.site.links), "--next")


def _paste(world: World) -> None:
    """A client puts a link to a page into the queue, and perhaps starts it."""
    answer = dict(world.command("addid", world.draw.choice(world.site.pages)))
    if "Id" in answer and world.draw.random() < 0.5:
        world.command("playid", answer["Id"])


def _message(world: World) -> None:
    """Nobody need hear the answer."""
    texts = ["status", "sync", f"add {world.draw.choice(world.site.links)}", "nonsense"]
    world.command("sendmessage", "mpdbridge", world.draw.choice(texts))


def _rate(world: World) -> None:
    """Only songs of the database take stickers."""
    if world.songs:
        song, rating = world.draw.choice(sorted(world.songs)), str(world.draw.randrange(11))
        world.ratings[song] = rating
        world.command("sticker", "set", "song", song, "rating", rating)


def _restart_mpd(world: World) -> None:
    world.mpd.restart()


def _kill_mpd(world: World) -> None:
    world.mpd.kill()
    world.mpd.start()


def _kill_bridge(world: World) -> None:
    world.bridge.kill()
    world.start_bridge()


def _stop_bridge(world: World) -> None:
    code, seconds = world.bridge.stop()
    if code or seconds > 3:
        world.wrong.append(f"the bridge took {seconds:.1f} s to end, with exit code {code}")
    world.start_bridge()


GENTLE: Mapping[str, tuple[int, Action]] = {
    "load": (6, _load),
    "play": (10, _play),
    "next": (8, lambda world: world.command("next")),
    "previous": (3, lambda world: world.command("previous")),
    "seek": (10, _seek),
    "pause": (4, lambda world: world.command("pause")),
    "stop": (2, lambda world: world.command("stop")),
    "edit the queue": (6, _edit),
    "change modes": (2, _mode),
    "client that breaks off": (8, _broken_client),
    "trouble begins": (4, _trouble),
    "trouble ends": (4, _trouble_ends),
    "URLs are revoked": (2, lambda world: world.site.revoke()),
    "mpdbridge sync": (1, _sync),
    "mpdbridge add": (1, _add),
    "link is pasted": (4, _paste),
    "message": (3, _message),
    "song is rated": (2, _rate),
    "MPD restarts": (1, _restart_mpd),
}
"""Everything that one bridge has to live through; the number is how often, in proportion."""

VIOLENT: Mapping[str, tuple[int, Action]] = GENTLE | {
    "MPD is killed": (2, _kill_mpd),
    "the bridge is killed": (4, _kill_bridge),
    "the bridge is stopped": (2, _stop_bridge),
    "the site wants peace": (1, _peace),
}


def act(world: World, actions: Mapping[str, tuple[int, Action]]) -> None:
    """One of them, by chance."""
    (name,) = world.draw.choices(list(actions), [weight for weight, _ in actions.values()])
    world.counts[name] += 1
    actions[name][1](world)
