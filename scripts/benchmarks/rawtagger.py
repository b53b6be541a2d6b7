"""The limit for a tagger: waits in `idle` and writes prepared lines to a socket. Run by scripts/bench."""

import sys
from pathlib import Path

from benchmarks.rawmpd import RawMpd, quoted
from benchmarks.tracks import tracks
from mpdbridge.models import Track
from mpdbridge.mpd.lengths import end_for
from mpdbridge.mpd.tag_diff import desired_tags

_ID = "@"


def main(socket_path: Path, count: int) -> None:
    """Tags the first `count` entries whenever the queue has become that long; for ever."""
    # `addtagid "@" "Artist" "…"`: only the song id is not known before.
    prepared = [[line.split(f'"{_ID}"'.encode()) for line in _lines(track)] for track in tracks(count)]
    with RawMpd(socket_path) as client:
        (socket_path.parent / "ready").touch()
        while True:
            client.command("idle", "playlist")
            ids = [line[4:-1] for line in client.command("plchangesposid", "0") if line.startswith(b"Id: ")]
            if len(ids) == count and _is_untagged(client, ids[-1].decode()):
                client.lists(song_id.join(line) for song_id, lines in zip(ids, prepared, strict=True) for line in lines)


def _is_untagged(client: RawMpd, song_id: str) -> bool:
    try:
        return not any(line.startswith(b"Title: ") for line in client.command("playlistid", song_id))
    except RuntimeError:  # the queue was cleared meanwhile; the next event tells what is in it
        return False


def _lines(track: Track) -> list[bytes]:
    tags = [quoted("addtagid", _ID, tag, value) for tag, values in desired_tags(track).items() for value in values]
    return [*tags, quoted("rangeid", _ID, f"0:{end_for(track.duration or 0.0):.2f}")]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
