"""The limit for a tagger: waits in `idle` and writes prepared addtagid lines to a socket. Run by scripts/bench."""

import sys
from pathlib import Path

from benchmarks.rawmpd import RawMpd, quoted
from benchmarks.tracks import tracks
from mpdbridge.mpd.tag_diff import desired_tags

_ID = "@"


def main(socket_path: Path, count: int) -> None:
    """Tags the first `count` entries whenever the queue has become that long; for ever."""
    # `addtagid @ Artist "…"`: only the song id is not known before.
    prepared = [
        [line.partition(f'"{_ID}"'.encode())[2] for line in _lines(desired_tags(track))] for track in tracks(count)
    ]
    with RawMpd(socket_path) as client:
        (socket_path.parent / "ready").touch()
        while True:
            client.command("idle", "playlist")
            ids = [line[4:-1] for line in client.command("plchangesposid", "0") if line.startswith(b"Id: ")]
            if len(ids) == count and _is_untagged(client, ids[-1].decode()):
                client.lists(
                    b"addtagid " + song_id + line
                    for song_id, lines in zip(ids, prepared, strict=True)
                    for line in lines
                )


def _is_untagged(client: RawMpd, song_id: str) -> bool:
    try:
        return not any(line.startswith(b"Title: ") for line in client.command("playlistid", song_id))
    except RuntimeError:  # the queue was cleared meanwhile; the next event tells what is in it
        return False


def _lines(tags: dict[str, list[str]]) -> list[bytes]:
    return [quoted("addtagid", _ID, tag, value) for tag, values in tags.items() for value in values]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
