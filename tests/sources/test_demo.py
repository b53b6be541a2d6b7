"""The demo catalogue as a source."""

import pytest

from mpdbridge.catalogue import demo_file
from mpdbridge.errors import SourceError
from mpdbridge.models import PlaylistRef
from mpdbridge.sources.demo import DemoSource


async def test_every_playlist_comes_whole_under_its_name() -> None:
    source = DemoSource()
    refs = (await source.playlists()).refs
    assert [ref.name for ref in refs] == [
        "Morgenkaffee · Gemütlich",
        "夜の散歩 / Night Walk 🌙",
        "Kleine „Stücke“ für später",
    ]
    for ref in refs:
        playlist = await source.fetch(ref)
        assert (playlist.ref, len(playlist.tracks), playlist.unavailable) == (ref, ref.announced, ())


async def test_tracks_lead_to_the_catalogue_s_files() -> None:
    source = DemoSource()
    for ref in (await source.playlists()).refs:
        for track in (await source.fetch(ref)).tracks:
            assert track.source == "demo"
            assert track.source_url is not None
            assert track.art_url is not None
            assert demo_file(track.source_url.removeprefix("demo:")).stem == track.track_id
            assert demo_file(track.art_url.removeprefix("demo:")).is_file()
            assert track.duration


async def test_tags_are_all_there() -> None:
    found = await DemoSource().lookup("demo:demo-regen-auf-blech.webm")
    assert found is not None
    (track,) = found.tracks
    assert track.label == "Ada Loom, 月とネオン, Café Größe - Rain on Tin (80% Chance) 🌧️"
    assert (track.album, track.album_artist, track.track_number, track.date) == ("Wetterkarten", "Ada Loom", 4, "2025")


@pytest.mark.parametrize("link", ["demo:demo-leuchtturm", "demo:demo-leuchtturm.webm"])
async def test_a_piece_is_found_by_id_or_file(link: str) -> None:
    found = await DemoSource().lookup(link)
    assert found is not None
    assert [track.label for track in found.tracks] == ["Wiegenlied für einen Leuchtturm"]


async def test_a_playlist_is_found_by_its_link() -> None:
    found = await DemoSource().lookup("demo:demo-kleine-stuecke")
    assert found is not None
    assert len(found.tracks) == 3


async def test_other_links_are_not_its_own() -> None:
    assert await DemoSource().lookup("https://example.org/a.mp3") is None


async def test_what_is_not_there_is_an_error() -> None:
    with pytest.raises(SourceError, match="there is no 'nothing' in the demo catalogue"):
        await DemoSource().lookup("demo:nothing")
    with pytest.raises(SourceError, match="no playlist 'gone'"):
        await DemoSource().fetch(PlaylistRef("demo", "gone", "Gone"))
