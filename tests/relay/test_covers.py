"""Covers as MPD's `albumart` asks for them: png, then jpg, then webp, next to the track."""

import asyncio
import time
from dataclasses import replace

import pytest
from structlog.testing import capture_logs
from support.pictures import BLUE, RED, looks, opened, picture
from support.relay_bench import ID, QUICK, TRACK
from support.upstream import Answer
from support.waiting import eventually

from mpdbridge.catalogue import demo_file, demo_playlists
from mpdbridge.models import Track
from mpdbridge.relay.covers import CODEC, CoverCache, Covers, users_covers
from mpdbridge.relay.picture import cover_from
from mpdbridge.relay.thumbnails import ThumbnailClient
from mpdbridge.store import TrackStore

DEMO = [track for playlist in demo_playlists() for track in playlist.tracks]
KINDS = {"png": ("PNG", "image/png"), "jpg": ("JPEG", "image/jpeg"), "webp": ("WEBP", "image/webp")}
JPEG = picture("JPEG")


@pytest.fixture
async def relay(bench):
    demo = [
        Track(each.track_id, each.title, each.artists, source="demo", source_url=f"demo:{each.file}") for each in DEMO
    ]
    await bench.store.run(TrackStore.upsert_tracks, [TRACK, *demo])
    return await bench.start(max_streams=1)


async def with_art(bench, body=JPEG, content_type="image/jpeg", *, track=TRACK, url=None) -> Track:
    """Makes `track` known, with a thumbnail that the fake upstream serves."""
    made = replace(track, art_url=url or bench.upstream.add("art", body, content_type))
    await bench.store.run(TrackStore.upsert_tracks, [made])
    return made


async def ask(bench, relay, track_id=ID) -> dict[str, bytes]:
    """What `albumart` gets to see: the pictures under each name, until there is one."""
    for kind in KINDS:
        status, headers, body = await bench.get(relay, f"/proxy/{track_id}/cover.{kind}")
        assert headers["Content-Length"] == str(len(body))
        if status == 200:
            return {kind: body}
        assert (status, body) == (404, b"no such cover\n")
    return {}


@pytest.mark.parametrize("track", [DEMO[0], DEMO[-1]], ids=lambda track: track.track_id)
async def test_a_demo_track_has_its_picture_under_one_name(bench, relay, track) -> None:
    file = demo_file(track.cover)
    found = {kind: await bench.get(relay, f"/proxy/{track.track_id}/cover.{kind}") for kind in KINDS}
    for kind, (status, headers, body) in found.items():
        if file.suffix == f".{kind}":
            assert (status, body) == (200, file.read_bytes())
            assert headers["Content-Length"] == str(len(body))
            assert headers["Content-Type"] == KINDS[kind][1]
        else:
            assert (status, body) == (404, b"no such cover\n")


async def test_every_demo_track_has_a_picture(bench, relay) -> None:
    for track in DEMO:
        kind = track.cover.rpartition(".")[2]
        status, headers, body = await bench.get(relay, f"/proxy/{track.track_id}/cover.{kind}", "HEAD")
        assert (status, body) == (200, b"")
        assert int(headers["Content-Length"]) > 0


@pytest.mark.parametrize(
    ("track_id", "status"),
    [(ID, 404), ("unknown-but-well-formed", 404), ("bad", 400), ("demo-no-longer-there", 404)],
)
async def test_nobody_else_has_one(bench, relay, track_id, status) -> None:
    await bench.store.run(TrackStore.upsert_tracks, [Track("demo-no-longer-there", "Gone", source="demo")])
    assert (await bench.get(relay, f"/proxy/{track_id}/cover.png"))[0] == status
    assert bench.worker.asked == 0


@pytest.mark.parametrize("kind", KINDS)
async def test_a_thumbnail_is_served_as_it_came_under_the_name_of_what_it_is(bench, relay, kind) -> None:
    form, content_type = KINDS[kind]
    thumbnail = picture(form)
    await with_art(bench, thumbnail, "image/anything")
    assert await ask(bench, relay) == {kind: thumbnail}
    status, headers, body = await bench.get(relay, f"/proxy/{ID}/cover.{kind}", "HEAD")
    assert (status, headers["Content-Type"], headers["Content-Length"]) == (200, content_type, str(len(thumbnail)))
    assert body == b""
    assert len(bench.upstream.requests) == 1, "asked for under four names, fetched once"


async def test_a_videos_picture_becomes_a_square(bench, relay) -> None:
    await with_art(bench, picture("WEBP", (1280, 720), BLUE, (RED, (720, 720))), "image/webp")
    cover = (await ask(bench, relay))["jpg"]
    assert opened(cover).size == (544, 544)
    assert looks(cover, RED)


async def test_it_can_be_had_in_pieces_and_need_not_be_had_twice(bench, relay) -> None:
    await with_art(bench)
    path = f"/proxy/{ID}/cover.jpg"
    _, headers, whole = await bench.get(relay, path)
    assert headers["Accept-Ranges"] == "bytes"
    status, part_headers, part = await bench.get(relay, path, Range="bytes=100-")
    assert (status, part) == (206, whole[100:])
    assert part_headers["Content-Range"] == f"bytes 100-{len(whole) - 1}/{len(whole)}"
    assert part_headers["Content-Length"] == str(len(part))
    assert (await bench.get(relay, path, Range="bytes=100-", If_Range='"other"'))[::2] == (200, whole)
    assert (await bench.get(relay, path, Range=f"bytes={len(whole)}-"))[0] == 416
    assert (await bench.get(relay, path, If_None_Match=f'"other", W/{headers["ETag"]}'))[::2] == (304, b"")
    assert (await bench.get(relay, path, If_None_Match="*"))[0] == 304
    assert (await bench.get(relay, path, If_None_Match='"other"'))[0] == 200


async def test_all_who_ask_at_once_share_one_fetch_and_so_do_the_tracks_of_an_album(bench, relay) -> None:
    track = await with_art(bench)
    await bench.store.run(TrackStore.upsert_tracks, [replace(track, track_id="another-track")])
    bench.upstream.default = Answer(delay=0.1)
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(bench.get(relay, f"/proxy/{each}/cover.jpg")) for each in (ID, "another-track") * 5]
    assert {task.result()[::2] for task in asked} == {(200, JPEG)}
    assert len(bench.upstream.requests) == 1


async def test_one_picture_at_a_time_is_unpacked(bench, relay, monkeypatch) -> None:
    """A transparent one may take 250 MB meanwhile."""
    under_way = []

    def unpack(thumbnail):
        under_way.append(thumbnail)
        time.sleep(0.05)
        assert under_way == [thumbnail]
        return cover_from(under_way.pop())

    monkeypatch.setattr("mpdbridge.relay.covers.cover_from", unpack)
    for number in range(4):
        url = bench.upstream.add(f"art{number}", JPEG, "image/jpeg")
        await with_art(bench, track=replace(TRACK, track_id=f"a-track-{number:04}"), url=url)
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(bench.get(relay, f"/proxy/a-track-{number:04}/cover.jpg")) for number in range(4)]
    assert [task.result()[0] for task in asked] == [200] * 4


async def test_a_slow_picture_server_holds_nobody_and_the_picture_is_there_the_next_time(bench) -> None:
    relay = await bench.start({"patience": replace(QUICK, cover=0.2)})
    await with_art(bench)
    bench.upstream.default = Answer(delay=0.6)
    started = time.monotonic()
    assert await ask(bench, relay) == {}
    assert time.monotonic() - started < 0.5, "all three names together"
    await eventually(lambda: bench.upstream.requests[0].sent == len(JPEG), "the picture to come")
    bench.upstream.default = Answer(status=500)
    async with asyncio.timeout(10):
        while not (kept := await ask(bench, relay)):  # it has come, but may not have been looked at yet
            pass
    assert kept == {"jpg": JPEG}
    assert len(bench.upstream.requests) == 1


async def test_a_client_that_goes_does_not_stop_the_fetch(bench, relay) -> None:
    await with_art(bench)
    bench.upstream.default = Answer(delay=0.3)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await bench.get(relay, f"/proxy/{ID}/cover.png")
    assert await ask(bench, relay) == {"jpg": JPEG}
    assert len(bench.upstream.requests) == 1


FAULTS = {
    "absent": Answer(status=404),
    "broken": Answer(status=500),
    "cut": Answer(stop_after=100),
    "reset": Answer(reset_after=100),
    "loop": Answer(redirect="/audio/art?expire=9999999999&sig=1&sparams=expire%2Cip"),
    "elsewhere": Answer(redirect="file:///etc/passwd"),
    "a page": Answer(headers={"Content-Type": "text/html"}),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_what_cannot_be_had_is_not_there_at_once_and_not_asked_for_again(bench, relay, fault) -> None:
    await with_art(bench)
    bench.upstream.default = fault
    with capture_logs() as logs:
        assert await ask(bench, relay) == {}
    requests = len(bench.upstream.requests)
    assert [line["track"] for line in logs if line["event"] == "no cover"] == [ID]
    bench.upstream.default = Answer()
    assert await ask(bench, relay) == {}
    assert len(bench.upstream.requests) == requests


@pytest.mark.parametrize("body", [b"", b"<html>no picture</html>", JPEG[:300], JPEG + bytes(8 << 20)])
async def test_what_is_no_picture_or_too_much_of_one_is_no_cover(bench, relay, body) -> None:
    await with_art(bench, body)
    assert await ask(bench, relay) == {}
    assert len(bench.upstream.requests) == 1


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/a.png", "//x/a.png", "http://[::1", "http://", "x"]
)
async def test_only_links_are_followed(bench, relay, url) -> None:
    await with_art(bench, url=url)
    assert await ask(bench, relay) == {}
    assert bench.upstream.requests == []


async def test_a_redirect_is_followed(bench, relay) -> None:
    await with_art(bench)
    bench.upstream.script.append(Answer(redirect=bench.upstream.url("art")))
    assert await ask(bench, relay) == {"jpg": JPEG}


@pytest.mark.parametrize(("status", "seconds"), [(404, 3600), (403, 3600), (503, 60), (429, 60)])
async def test_a_failure_is_forgotten_after_a_while(bench, status, seconds) -> None:
    now = 1000.0
    track = await with_art(bench)
    bench.upstream.script.append(Answer(status=status))
    async with ThumbnailClient() as client, asyncio.TaskGroup() as group:
        covers = Covers(client=client, patience=5.0, clock=lambda: now)
        running = group.create_task(covers.run())
        assert await covers.of(track) is None
        now += seconds - 1
        assert await covers.of(track) is None
        now += 2
        assert (await covers.of(track)).body == JPEG
        running.cancel()


async def test_covers_are_no_streams(bench, relay) -> None:
    await with_art(bench)
    bench.upstream.default = Answer(delay=0.2)
    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(ask(bench, relay))
    streams = (await (await bench.session.get(f"http://127.0.0.1:{relay.port}/health")).json())["streams"]
    assert (streams["active"], streams["served"]) == (0, 0)


async def test_what_will_be_played_next_has_its_cover_already(bench, relay) -> None:
    await with_art(bench)
    await relay.prefetch(["unknown-but-well-formed", DEMO[0].track_id, ID])
    bench.upstream.default = Answer(status=500)
    assert await ask(bench, relay) == {"jpg": JPEG}


async def test_covers_on_disk_outlive_the_relay_and_are_counted(bench, tmp_path) -> None:
    await with_art(bench)
    for _ in range(2):
        async with CoverCache(codec=CODEC, folder=tmp_path / "covers", limit=100_000) as cache:
            relay = await bench.start({"covers": cache})
            assert await ask(bench, relay) == {"jpg": JPEG}
            health = await (await bench.session.get(f"http://127.0.0.1:{relay.port}/health")).json()
            assert health["covers"] == {"count": 1, "bytes": len(JPEG) + 4}
    assert len(bench.upstream.requests) == 1


async def test_a_damaged_file_is_fetched_anew(bench, tmp_path) -> None:
    track = await with_art(bench)
    async with CoverCache(codec=CODEC, folder=tmp_path / "covers", limit=100_000) as cache:
        assert await ask(bench, await bench.start({"covers": cache})) == {"jpg": JPEG}
    [file] = (tmp_path / "covers").iterdir()
    for damaged in (b"", file.read_bytes()[:-100], bytes(1000), b"\xfe" + file.read_bytes()[1:]):
        file.write_bytes(damaged)
        async with CoverCache(codec=CODEC, folder=tmp_path / "covers", limit=100_000) as cache:
            assert await ask(bench, await bench.start({"covers": cache}), track.track_id) == {"jpg": JPEG}
    assert len(bench.upstream.requests) == 5


async def test_a_full_disk_costs_the_next_fetch_only(bench, tmp_path, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    await with_art(bench)
    async with CoverCache(codec=CODEC, folder=tmp_path / "covers", limit=100_000) as cache:
        relay = await bench.start({"covers": cache})
        monkeypatch.setattr("tempfile.mkstemp", full)
        with capture_logs() as logs:
            assert await ask(bench, relay) == {"jpg": JPEG}
            assert await cache.count()
    assert [line["of"] for line in logs if line["event"] == "nothing is kept"] == ["covers"]


async def test_no_megabytes_mean_no_cache(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "mpdbridge/covers").mkdir(parents=True)
    (tmp_path / "mpdbridge/covers/old.cover").write_bytes(b"x")
    async with users_covers(megabytes=0) as covers:
        assert covers is None
    assert not list((tmp_path / "mpdbridge/covers").iterdir())
    async with users_covers(megabytes=1) as covers:
        assert (await covers.count()).count == 0
