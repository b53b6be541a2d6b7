"""The demo music, by container, and what MPD makes of a song."""

from pathlib import Path

from support.mpd_process import MpdProcess, wait_until

from mpdbridge.catalogue import demo_playlists

PIECES = {track.file.rpartition(".")[2]: track for playlist in demo_playlists() for track in playlist.tracks}


def play_to_the_end(mpd: MpdProcess, uri: str, recording: Path) -> bytes:
    """What the recorder output wrote while MPD played `uri` alone."""
    mpd.command("clear")
    mpd.command("add", uri)
    mpd.command("play")
    wait_until(lambda: mpd.status()["state"] == "stop", "the song to end", 60)
    assert "error" not in mpd.status()
    return recording.read_bytes()
