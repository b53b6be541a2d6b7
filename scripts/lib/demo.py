"""The demo: what mpdbridge does, shown on a private MPD and checked while it is shown.

Run by scripts/demo. Exit code 0 when everything shown was true, 1 when something was not (said in one line), 130 after
Ctrl-C before the end.
"""

import argparse
import io
import shutil
import subprocess
import sys
import time

from mpd import MPDClient
from PIL import Image
from radio import stream_title
from rich.console import Console
from rich.text import Text
from show import Show, clock
from sound import real_output
from stage import SILENT_OUTPUT, Stage, StageError, open_stage, private_environment, wait_for

from mpdbridge.catalogue import DemoTrack, demo_playlists

_PREFIX = "YT: "


def main() -> int:
    """Plays the demo; returns the exit code."""
    parser = argparse.ArgumentParser(prog="demo")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--listen", action="store_true")
    options = parser.parse_args()
    show = Show(Console() if sys.stdout.isatty() else Console(width=100))
    try:
        with open_stage() as stage:
            perform(stage, show, listen=options.listen)
            if options.keep:
                keep(stage, show)
    except StageError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def perform(stage: Stage, show: Show, *, listen: bool) -> None:
    """The whole story. Raises StageError at the first thing that is not as it should be."""
    start = time.monotonic()
    show.title("mpdbridge", "a private MPD, music that comes with the program, nothing of yours is touched")
    start_mpd(stage, show, listen=listen)
    sync(stage, show)
    show.chapter("The bridge runs: it serves the audio to MPD and puts names on the queue")
    show.command("mpdbridge watch")
    stage.write_config()
    stage.start_bridge()
    show.check(stage.health().get("status") == "ok", f"http://localhost:{stage.port}/health says ok")
    with stage.client() as client:
        load(stage, show, client)
        see(show, client)
        play(stage, show, client)
        command(stage, show, client)
        listen_elsewhere(stage, show)
    show.console.print()
    seconds = time.monotonic() - start
    show.say(Text(f"All {show.checks} checks held, in {seconds:.0f} s.", "bold green"))


def start_mpd(stage: Stage, show: Show, *, listen: bool) -> None:
    """An MPD that plays to this machine's sound output if that is wanted and there is one, else silently."""
    output = real_output() if listen else None
    if listen and not output:
        show.say("No sound output was found (PulseAudio, PipeWire or ALSA), so it plays silently.")
    stage.start_mpd(output or SILENT_OUTPUT)


def sync(stage: Stage, show: Show) -> None:
    """The catalogue becomes stored playlists."""
    show.chapter("A sync writes the playlists into MPD")
    stage.write_config()
    show.command("mpdbridge sync")
    done = subprocess.run(
        stage.mpdbridge("sync"),
        env=private_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    show.output(done.stdout)
    if done.returncode:
        raise StageError(f"mpdbridge sync ended with {done.returncode}: {done.stderr.strip()}")
    names = mpc(stage, show, "lsplaylists")
    expected = len(demo_playlists())
    show.check(len(names.splitlines()) == expected, f"MPD has all {expected} playlists, for every client to load")


def load(stage: Stage, show: Show, client: MPDClient) -> None:
    """A playlist goes into the queue, as any client does it, and its entries get their names."""
    playlist = demo_playlists()[0]
    show.chapter("Any client loads one, and every entry has its tags")
    mpc(stage, show, "load", _PREFIX + playlist.name, echo=False)
    wanted = [track.title for track in playlist.tracks]
    wait_for(
        lambda: [song.get("title") for song in client.playlistinfo() if "duration" in song] == wanted,
        seconds=10,
        what="tags and lengths in the queue",
    )
    queue = client.playlistinfo()
    columns = ("artist", "title", "album")
    show.table(
        ("#", *(column.capitalize() for column in columns), "Time"),
        [
            (str(number), *(_text(song.get(column)) for column in columns), clock(float(song["duration"])))
            for number, song in enumerate(queue, 1)
        ],
    )
    artists = [", ".join(track.artists) for track in playlist.tracks]
    show.check([_text(song.get("artist")) for song in queue] == artists, "Artist, Title and Album are the catalogue's")
    lengths = all(
        abs(float(song["duration"]) - track.duration) < 1 for song, track in zip(queue, playlist.tracks, strict=True)
    )
    show.check(lengths and client.status()["state"] == "stop", "every length is known before anything was played")
    show.say(Text(f"What MPD has stored is {queue[0]['file']}", "dim"))


def see(show: Show, client: MPDClient) -> None:
    """MPD hands out the cover, as clients that show art ask for it."""
    show.chapter("Covers come through MPD, to every client that shows art")
    show.say("They ask with MPD's own command albumart, here for the first song.")
    picture = bytes(client.albumart(client.playlistinfo(0)[0]["file"])["binary"])
    with Image.open(io.BytesIO(picture)) as image:
        width, height = image.size
        show.check(width == height, f"MPD answers with a {image.format} of {width} x {height}, {len(picture):,} bytes")


def play(stage: Stage, show: Show, client: MPDClient) -> None:
    """Plays, seeks, and goes on to the next song; time moves and tags stay."""
    first, second = demo_playlists()[0].tracks[:2]
    show.chapter("MPD plays through the bridge")
    mpc(stage, show, "play", echo=False)
    began = follow(show, client, seconds=5, limit=20)
    show.check(
        began >= 3 and title(client) == first.title, f"the time moves, and the playing song is still {_label(first)}"
    )

    show.chapter("Seeks land at once, as in a local file")
    for target in (15, 3):
        seek(stage, show, client, target)
        moved = follow(show, client, seconds=2, limit=10)
        show.check(moved >= 1 and title(client) == first.title, f"it plays on from 0:{target:02d}, and the tags stay")

    show.chapter("The next song")
    mpc(stage, show, "next", echo=False)
    wait_for(lambda: title(client) == second.title, seconds=5, what=f"{second.title} to be the playing song")
    began = follow(show, client, seconds=4, limit=20)
    show.check(began >= 2, f"now it is {_label(second)}")


def seek(stage: Stage, show: Show, client: MPDClient, target: int) -> None:
    """Goes to a second of the playing song, and waits until it is there."""
    mpc(stage, show, "seek", f"0:{target:02d}", echo=False)
    wait_for(lambda: target <= elapsed(client) < target + 4, seconds=5, what=f"the seek to land at second {target}")


def command(stage: Stage, show: Show, client: MPDClient) -> None:
    """A message of any client commands the bridge; the answer comes the same way."""
    show.chapter("Any client can command the bridge, by a message over MPD")
    client.subscribe("mpdbridge-reply")
    mpc(stage, show, "sendmessage", "mpdbridge", "status")
    answers = wait_for(client.readmessages, seconds=10, what="an answer of the bridge")
    show.output("\n".join(answer["message"] for answer in answers))
    show.check("ok Relay" in answers[0]["message"], "the bridge answers on channel mpdbridge-reply")


def listen_elsewhere(stage: Stage, show: Show) -> None:
    """Another player gets the title in the stream itself."""
    track = demo_playlists()[-1].tracks[-1]
    url = f"http://localhost:{stage.port}/proxy/{track.track_id}"
    show.chapter("A player that knows no tags, as a radio, gets the title inside the stream")
    show.say(Text.assemble("it asks for ", (url, "cyan"), " with ", ("Icy-MetaData: 1", "cyan")))
    interval, text = stream_title(url)
    show.check(text == _label(track), f"after {interval:,} bytes of audio it reads StreamTitle='{text}'")


def follow(show: Show, client: MPDClient, *, seconds: float, limit: float) -> float:
    """Shows the playing song until it has moved on by `seconds`, or `limit` is over. Returns seconds of music moved."""
    started_at, deadline = elapsed(client), time.monotonic() + limit
    moved = 0.0
    with show.song() as line:
        while moved < seconds and time.monotonic() < deadline:
            song, status = client.currentsong(), client.status()
            label = " - ".join(filter(None, (_text(song.get("artist")), _text(song.get("title")))))
            line.show(label, float(status.get("elapsed", 0)), float(status.get("duration", 0)))
            moved = float(status.get("elapsed", 0)) - started_at
            time.sleep(0.1)
    return moved


def keep(stage: Stage, show: Show) -> None:
    """Leaves everything up until Ctrl-C, and says what can be done with it."""
    try:
        show.console.print()
        show.say(Text("It stays up until Ctrl-C. In another terminal:", "bold"))
        show.command(f"ncmpcpp --host {stage.mpd_socket}")
        show.say(
            "  1 is the queue, 5 the playlist editor; Enter plays, f and b seek, > and < change the song, q leaves"
        )
        show.command(f"mpc --host={stage.mpd_socket} load '{_PREFIX}{demo_playlists()[-1].name}'")
        show.command(f"mpc --host={stage.mpd_socket} playlist")
        show.command(f"mpv http://localhost:{stage.port}/proxy/{demo_playlists()[-1].tracks[-1].track_id}")
        show.command(f"curl http://localhost:{stage.port}/health")
        show.say(Text("Ctrl-C here stops MPD and the bridge and removes every file of theirs.", "dim"))
        while True:  # signal.pause() would miss one that comes just before it
            time.sleep(0.5)
    except KeyboardInterrupt:
        show.say("Stopped.")


def mpc(stage: Stage, show: Show, *words: str, echo: bool = True) -> str:
    """Runs mpc against the private MPD, shows the command and, with `echo`, what it printed; returns that."""
    show.command(" ".join(["mpc", *(f'"{word}"' if " " in word else word for word in words)]))
    done = subprocess.run(
        [shutil.which("mpc") or "mpc", f"--host={stage.mpd_socket}", *words],
        env=private_environment(), capture_output=True, encoding="utf-8", timeout=30, check=False,
    )  # fmt: skip
    if done.returncode:
        raise StageError(f"mpc {words[0]} failed: {done.stderr.strip()}")
    if echo:
        show.output(done.stdout)
    return done.stdout


def elapsed(client: MPDClient) -> float:
    """Seconds of the playing song that have been played; 0 when none plays."""
    return float(client.status().get("elapsed", 0))


def title(client: MPDClient) -> str:
    return _text(client.currentsong().get("title"))


def _text(value: str | list[str] | None) -> str:
    """A tag's value or values as MPD clients show them."""
    return ", ".join(value) if isinstance(value, list) else value or ""


def _label(track: DemoTrack) -> str:
    return " - ".join(filter(None, (", ".join(track.artists), track.title)))


if __name__ == "__main__":
    sys.exit(main())
