"""Covers as MPD's `albumart` asks for them: png, then jpg, then webp, next to the track."""

import pytest
from support.relay_bench import ID, TRACK

from mpdbridge.catalogue import demo_file, demo_playlists
from mpdbridge.models import Track
from mpdbridge.store import TrackStore

DEMO = [track for playlist in demo_playlists() for track in playlist.tracks]


@pytest.fixture
async def relay(bench):
    demo = [
        Track(each.track_id, each.title, each.artists, source="demo", source_url=f"demo:{each.file}") for each in DEMO
    ]
    await bench.store.run(TrackStore.upsert_tracks, [TRACK, *demo])
    return await bench.start(max_streams=1)


@pytest.mark.parametrize("track", [DEMO[0], DEMO[-1]], ids=lambda track: track.track_id)
async def test_a_demo_track_has_its_picture_under_one_name(bench, relay, track) -> None:
    picture = demo_file(track.cover)
    found = {kind: await bench.get(relay, f"/proxy/{track.track_id}/cover.{kind}") for kind in ("png", "jpg", "webp")}
    for kind, (status, headers, body) in found.items():
        if picture.suffix == f".{kind}":
            assert (status, body) == (200, picture.read_bytes())
            assert headers["Content-Length"] == str(len(body))
            assert headers["Content-Type"] == {"png": "image/png", "jpg": "image/jpeg"}[kind]
        else:
            assert (status, body) == (404, b"no such cover\n")


async def test_every_demo_track_has_a_picture(bench, relay) -> None:
    for track in DEMO:
        kind = track.cover.rpartition(".")[2]
        status, headers, body = await bench.get(relay, f"/proxy/{track.track_id}/cover.{kind}", "HEAD")
        assert (status, body) == (200, b"")
        assert int(headers["Content-Length"]) > 0


@pytest.mark.parametrize(("track_id", "status"), [(ID, 404), ("unknown-but-well-formed", 404), ("bad", 400)])
async def test_nobody_else_has_one(bench, relay, track_id, status) -> None:
    assert (await bench.get(relay, f"/proxy/{track_id}/cover.png"))[0] == status
    assert bench.worker.asked == 0
