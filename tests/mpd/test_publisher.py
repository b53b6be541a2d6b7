"""What a publisher makes of a real MPD's stored playlists: what was asked for, with no more writes than needed."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mpd_process import MpdProcess

from mpdbridge.errors import MpdRefusedError, MpdUnavailableError
from mpdbridge.models import Track
from mpdbridge.mpd.address import MpdAddress
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.names import legal_name
from mpdbridge.mpd.publisher import PlaylistPublisher
from mpdbridge.urls import ProxyUrls

URLS = ProxyUrls("http://localhost:8080")


def uris(count: int, start: int = 0) -> list[str]:
    return [URLS.of(Track(f"{number:011d}", f"Title {number}", ("Ärtist",))) for number in range(start, start + count)]


def publisher_on(mpd: MpdProcess) -> MpdConnection:
    return MpdConnection(MpdAddress(socket=str(mpd.socket)))


async def test_a_new_playlist_is_created_and_nothing_is_left_behind(
    mpd: MpdProcess, publisher: PlaylistPublisher
) -> None:
    done = await publisher.publish("YT: Ä", uris(300))
    assert (done.change, done.commands) == ("created", 301)
    assert mpd.values("listplaylist", "YT: Ä") == uris(300)
    assert await publisher.names() == {"YT: Ä"}
    assert [file.name for file in mpd.playlist_directory.iterdir()] == ["YT: Ä.m3u"]


async def test_an_unchanged_playlist_costs_no_write_and_wakes_no_client(
    mpd: MpdProcess, publisher: PlaylistPublisher
) -> None:
    await publisher.publish("x", uris(300))
    before = (mpd.playlist_directory / "x.m3u").stat()
    with mpd.watch("stored_playlist") as watcher:
        done = await publisher.publish("x", uris(300))
        assert watcher.changed() == set()
    after = (mpd.playlist_directory / "x.m3u").stat()
    assert (done.change, done.commands) == ("unchanged", 0)
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


async def test_a_small_change_is_an_edit_in_place(mpd: MpdProcess, publisher: PlaylistPublisher) -> None:
    old = uris(300)
    await publisher.publish("x", old)
    logged = len(mpd.log)
    appended = [*old, *uris(5, 500)]
    done = await publisher.publish("x", appended)
    assert (done.change, done.commands) == ("edited", 5)
    new = [*uris(1, 900), *appended[:100], *appended[103:]]
    done = await publisher.publish("x", new)
    assert (done.change, done.commands) == ("edited", 4)
    assert mpd.values("listplaylist", "x") == new
    assert ".mpdbridge" not in mpd.log[logged:]


async def test_an_edit_that_meets_somebody_elses_is_made_good(
    mpd: MpdProcess, publisher: PlaylistPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publisher.publish("x", uris(20))
    read = publisher.read

    async def read_before_them(name: str) -> list[str]:
        held = await read(name)
        await asyncio.to_thread(mpd.command, "playlistadd", name, "http://x/theirs")
        return held

    monkeypatch.setattr(publisher, "read", read_before_them)
    assert (await publisher.publish("x", uris(21))).change == "replaced"
    assert mpd.values("listplaylist", "x") == uris(21)


async def test_what_is_appended_is_never_more_than_the_disk_has_shown_room_for(
    mpd: MpdProcess, publisher: PlaylistPublisher
) -> None:
    """MPD appends to the file as it stands, so a full disk would leave half of them, and half a line."""
    await publisher.publish("x", uris(5))
    with (mpd.playlist_directory / "x.m3u").open() as old:
        assert (await publisher.publish("x", uris(10))).change == "edited"
        assert len(old.readlines()) == 5, "appended to the file that was there"
    assert (await publisher.publish("x", uris(21))).change == "replaced"
    assert mpd.values("listplaylist", "x") == uris(21)


async def test_a_big_change_is_built_aside_and_swapped_in(mpd: MpdProcess, publisher: PlaylistPublisher) -> None:
    await publisher.publish("x", uris(300))
    done = await publisher.publish("x", uris(300)[::-1])
    assert (done.change, done.commands) == ("replaced", 303)
    assert mpd.values("listplaylist", "x") == uris(300)[::-1]
    assert await publisher.names() == {"x"}


async def test_playlists_may_be_empty(mpd: MpdProcess, publisher: PlaylistPublisher) -> None:
    assert (await publisher.publish("x", [])).change == "created"
    assert mpd.values("listplaylist", "x") == []
    assert (await publisher.publish("x", [])).change == "unchanged"
    assert (await publisher.publish("x", uris(2))).change == "replaced"
    assert (await publisher.publish("x", [])).change == "edited"
    assert mpd.values("listplaylist", "x") == []


NAMES = (
    st.text(max_size=12) | st.sampled_from(["a\nclear\n", "/", "..", '"', "\\", "';", "\u202eשלום", "🎧" * 99])
).map(legal_name)
TITLES = st.text(max_size=8) | st.sampled_from(
    ["", "a\nclear\n", "\r", '"', "\\", "/../x", "';", "x.mp3", "🎧", "#", "%41"]
)
TRACKS = st.builds(
    lambda number, title: URLS.of(Track(f"{number:011d}", title)), st.integers(0, 3), TITLES
)  # few ids: doubles


@given(name=NAMES, old=st.lists(TRACKS, max_size=12), new=st.lists(TRACKS, max_size=12))
async def test_mpd_holds_exactly_what_was_published_and_other_playlists_stay(
    mpd: MpdProcess, name: str, old: list[str], new: list[str]
) -> None:
    for leftover in mpd.playlist_directory.iterdir():  # of an example that failed
        leftover.unlink()
    theirs = mpd.playlist_directory / "zzz their own.m3u"
    content = b"#EXTM3U\n#EXTINF:3,a\nhttp://x/y\n\n# comment\r\nhttp://x/z"
    theirs.write_bytes(content)
    async with publisher_on(mpd) as connection:
        publisher = PlaylistPublisher(connection=connection)
        for uri_list in (old, new):
            await publisher.publish(name, uri_list)
            assert mpd.values("listplaylist", name) == uri_list
        assert await publisher.names() == {name, "zzz their own"}
        assert (await publisher.publish(name, new)).commands == 0
        await publisher.remove(name)
        assert theirs.read_bytes() == content


async def test_a_list_beyond_every_limit_of_one_command_list_is_whole(
    mpd: MpdProcess, publisher: PlaylistPublisher
) -> None:
    many = [uri + "x" * 300 for uri in uris(12_000)]
    assert (await publisher.publish("x", many)).change == "created"
    assert mpd.values("listplaylist", "x") == many
    assert (await publisher.publish("x", many)).change == "unchanged"
    assert (await publisher.publish("x", [*many, "http://x/y"])).commands == 1


async def test_what_mpd_could_never_list_again_is_refused_before_it_is_written(
    mpd: MpdProcess, publisher: PlaylistPublisher
) -> None:
    with pytest.raises(MpdRefusedError, match="more than MPD can list"):
        await publisher.publish("x", ["http://x/" + "y" * 4000] * 2100)
    assert await publisher.names() == set()


@pytest.mark.parametrize("length", [5, 10, 30])
async def test_what_mpd_does_not_load_is_left_out_and_told(start_mpd: Callable[..., MpdProcess], length: int) -> None:
    """MPD takes any number of appended entries, loads max_playlist_length of them, and cuts off in positional edits."""
    mpd = start_mpd(max_playlist_length=10)
    async with publisher_on(mpd) as connection:
        publisher = PlaylistPublisher(connection=connection)
        old, known = uris(length), None
        for new in (old, old[1:], [*uris(1, 50), *old], [*uris(2, 60), *old[:2], *old[3:]], old, [*old, *uris(3, 70)]):
            await publisher.publish("x", new)
            assert mpd.values("listplaylist", "x") == new[:10]
            known = 10 if len(new) > 10 else known
            assert publisher.longest == known
            mpd.command("load", "x")
            mpd.command("clear")
        assert await publisher.names() == {"x"}


@pytest.mark.parametrize("more", [1, 2, 5])
async def test_a_playlist_that_grows_beyond_what_mpd_loads_is_cut_there(
    start_mpd: Callable[..., MpdProcess], more: int
) -> None:
    mpd = start_mpd(max_playlist_length=10)
    for before in (8, 9, 10):
        async with publisher_on(mpd) as connection:
            publisher = PlaylistPublisher(connection=connection)
            await publisher.publish("x", uris(before))
            await publisher.publish("x", uris(before + more))
            assert mpd.values("listplaylist", "x") == uris(before + more)[:10]
            assert publisher.longest == (10 if before + more > 10 else None)


async def test_a_doubt_is_settled_aside(start_mpd: Callable[..., MpdProcess]) -> None:
    mpd = start_mpd(max_playlist_length=20)
    async with publisher_on(mpd) as connection:
        publisher = PlaylistPublisher(connection=connection)
        publisher.doubted = 10
        await publisher.publish("x", uris(9))
        assert (await publisher.publish("x", uris(10))).change == "edited"
        assert publisher.doubted == 10
        assert (await publisher.publish("x", uris(12))).change == "replaced"
        assert (publisher.longest, publisher.doubted) == (None, None)
        publisher.doubted = 10
        assert (await publisher.publish("x", uris(25))).change == "replaced"
        assert (publisher.longest, mpd.values("listplaylist", "x")) == (20, uris(25)[:20])


async def test_mpd_s_default_maximum_is_what_it_is_taken_for(mpd: MpdProcess, publisher: PlaylistPublisher) -> None:
    many = [f"http://x/{number}" for number in range(16_400)]
    await publisher.publish("x", many)
    assert publisher.longest == 16_384
    assert (await publisher.publish("x", many[1:])).change == "replaced", "an edit in place would be too long half-way"
    assert mpd.values("listplaylist", "x") == many[1:16_385]


@pytest.mark.parametrize("uri", ["nonsense:x", "http://x/a\nclear\n"])
async def test_a_last_entry_that_is_refused_is_not_taken_for_one_too_many(
    mpd: MpdProcess, publisher: PlaylistPublisher, uri: str
) -> None:
    with pytest.raises(MpdRefusedError):
        await publisher.publish("x", [*uris(3), uri])
    assert publisher.longest is None
    assert await publisher.names() == set()


async def test_a_uri_that_mpd_changes_is_told_and_leaves_the_old_playlist(
    mpd: MpdProcess, publisher: PlaylistPublisher
) -> None:
    await publisher.publish("x", uris(3))
    with pytest.raises(MpdRefusedError, match=r"'http://a/\./b' became 'http://a/b'"):
        await publisher.publish("y", ["http://a/./b"])
    assert await publisher.names() == {"x"}


@pytest.mark.parametrize("uri", ["nonsense:x", "no/such/file.mp3"])
async def test_a_uri_that_mpd_refuses_leaves_the_old_playlist(
    mpd: MpdProcess, publisher: PlaylistPublisher, uri: str
) -> None:
    await publisher.publish("x", uris(100))
    with pytest.raises(MpdRefusedError, match="playlistadd"):
        await publisher.publish("x", [*uris(100)[::-1], uri])
    assert mpd.values("listplaylist", "x") == uris(100)
    assert await publisher.names() == {"x"}


async def test_switched_off_stored_playlists_and_missing_permission_are_refusals_with_the_fix(
    start_mpd: Callable[..., MpdProcess],
) -> None:
    async with publisher_on(start_mpd(stored_playlists=False)) as connection:
        with pytest.raises(MpdRefusedError, match=r"set playlist_directory in mpd\.conf"):
            await PlaylistPublisher(connection=connection).publish("x", uris(3))
    mpd = start_mpd(password="secret", default_permissions="read")
    mpd.command("playlistadd", "x", "http://x/y")
    async with publisher_on(mpd) as connection:
        with pytest.raises(MpdRefusedError, match=r"set mpd\.password"):
            await PlaylistPublisher(connection=connection).publish("x", uris(3))
    assert mpd.values("listplaylist", "x") == ["http://x/y"]
    async with publisher_on(start_mpd(password="secret", default_permissions="")) as connection:
        with pytest.raises(MpdRefusedError, match=r"listplaylist.*set mpd\.password"):
            await PlaylistPublisher(connection=connection).publish("x", uris(3))


async def test_rename_and_remove(mpd: MpdProcess, publisher: PlaylistPublisher) -> None:
    await publisher.publish("a", uris(2))
    await publisher.publish("b", uris(3))
    await publisher.rename("a", "c")
    assert await publisher.read("c") == uris(2)
    with pytest.raises(MpdRefusedError) as caught:
        await publisher.rename("b", "c")
    assert caught.value.code == 56
    await publisher.remove("b")
    await publisher.remove("b")
    assert await publisher.names() == {"c"}


async def test_a_publisher_outlives_a_restart_of_mpd(mpd: MpdProcess, publisher: PlaylistPublisher) -> None:
    await publisher.publish("x", uris(3))
    mpd.kill()
    with pytest.raises(MpdUnavailableError):
        await publisher.publish("x", uris(4))
    mpd.start()
    assert (await publisher.publish("x", uris(4))).change == "edited"


async def test_a_uri_with_a_line_break_is_refused_before_anything_is_sent(
    mpd: MpdProcess, publisher: PlaylistPublisher
) -> None:
    mpd.command("add", "http://x/y")
    with pytest.raises(MpdRefusedError, match="line break"):
        await publisher.publish("x", ["http://x/y", "http://x/a\nclear\n"])
    assert mpd.status()["playlistlength"] == "1"
    assert await publisher.names() == set()
