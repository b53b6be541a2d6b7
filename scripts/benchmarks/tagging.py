"""From `load` until a second client sees every entry tagged: by the bridge, and by the same commands sent raw."""

import sys
import time
from collections.abc import Callable, Iterator

from stage import Stage, open_stage

from benchmarks.measure import Report, Row, interleave, median
from benchmarks.rawmpd import RawMpd, quoted
from benchmarks.tracks import tracks
from mpdbridge.store import TrackStore
from mpdbridge.urls import ProxyUrls

_LIST = "benchmark"
_LIMIT = 60.0


def run(*, rounds: int) -> Iterator[Report]:
    """Wall seconds for 1,000 and 10,000 entries, and how many times the raw commands' that is."""
    rows = []
    for count in (1_000, 10_000):
        # Two stages: while one tags, nobody is attached to the other one's MPD.
        with open_stage() as bridged, open_stage() as bare:
            for stage in (bridged, bare):
                prepare(stage, count)
            bridged.start_bridge()
            command = [sys.executable, "-m", "benchmarks.rawtagger", str(bare.mpd_socket), str(count)]
            bare.until_ready((bare.folder / "ready").exists, bare.start("raw", command), "raw")
            variants = {"raw": _timed(bare, count), "mpdbridge": _timed(bridged, count)}
            interleave(variants, 1)
            results = interleave(variants, rounds)
        base = median(results["raw"])
        for name, walls in results.items():
            cells = (f"{median(walls) * 1000:.0f} ms", f"{median(walls) / base:.2f} x")
            rows.append(Row(f"{count:,} entries, {name}", cells))
    note = "raw: the same addtagid and rangeid lines, written to a socket by a process in `idle`; aim: within 2 x"
    yield Report("Tagging: from load to all tagged", ("", "wall", "beside raw"), tuple(rows), note)


def prepare(stage: Stage, count: int) -> None:
    """A private MPD with a stored playlist of `count` proxy URLs, whose tracks the bridge's database knows."""
    stage.start_mpd()
    stage.write_config()
    songs = tracks(count)
    urls = ProxyUrls.for_listener("localhost", stage.port)
    with TrackStore(stage.folder / "tracks.db") as store:
        store.upsert_tracks(songs)
    with RawMpd(stage.mpd_socket) as client:
        client.lists(quoted("playlistadd", _LIST, urls.of(song)) for song in songs)


def _timed(stage: Stage, count: int) -> Callable[[], float]:
    def once() -> float:
        with RawMpd(stage.mpd_socket) as loader, RawMpd(stage.mpd_socket) as witness:
            loader.command("clear")
            version = _version(witness)
            start = time.perf_counter()
            loader.command("load", _LIST)
            _wait_until_tagged(witness, version, count)
            return time.perf_counter() - start

    return once


def _wait_until_tagged(witness: RawMpd, version: str, count: int) -> None:
    """Returns when the witness has seen Title and Range on `count` entries; it reads only changes, as clients do."""
    tagged: set[bytes] = set()
    deadline = time.monotonic() + _LIMIT
    while len(tagged) < count:
        if time.monotonic() > deadline:
            raise RuntimeError(f"only {len(tagged)} of {count} entries were tagged within {_LIMIT:.0f} s")
        before, version = version, _version(witness)
        has_title = has_range = False
        for line in witness.command("plchanges", before):
            if line.startswith(b"file: "):
                has_title = has_range = False
            elif line.startswith(b"Title: "):
                has_title = True
            elif line.startswith(b"Range: "):
                has_range = True
            elif line.startswith(b"Id: ") and has_title and has_range:
                tagged.add(line)
        if len(tagged) < count:
            witness.command("idle", "playlist")


def _version(client: RawMpd) -> str:
    """The queue's version, from `status`."""
    return next(line[10:].decode().strip() for line in client.command("status") if line.startswith(b"playlist: "))
