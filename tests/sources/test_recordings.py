"""Every recorded answer of the true InnerTube, through the real ytmusicapi and our own parsing of it.

The recordings stand beside the repository and are no part of it: CI has them, a lone checkout skips these tests. What
they cannot show (login, short pages, refusals) is tested against the fake InnerTube.
"""

import gzip
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from support.innertube import BROWSER_HEADERS
from ytmusicapi import YTMusic

from mpdbridge.config import YTMusicSettings
from mpdbridge.models import PlaylistRef, Rating, Track
from mpdbridge.sources.youtube_links import AlbumLink, parse_link
from mpdbridge.sources.ytmusic import YTMusicSource, parse
from mpdbridge.sources.ytmusic.session import PatientSession, open_session

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "innertube"
Replay = Callable[..., PatientSession]


@pytest.fixture
def replay() -> Replay:
    """A session to which the named recordings are answered, one after the other, then empty answers."""
    if not RECORDINGS.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{RECORDINGS} is missing: CI has to check against it")
        pytest.skip(f"no recordings of InnerTube at {RECORDINGS}: they are not part of the repository")

    def session(*names: str) -> PatientSession:
        answers = open_session()
        bodies = [gzip.decompress((RECORDINGS / f"{name}.json.gz").read_bytes()) for name in names]
        answers.mount("https://", _Recorded(bodies))
        return answers

    return session


@pytest.fixture
def recorded(replay: Replay) -> Callable[..., YTMusic]:
    """A YTMusic whose answers are recordings."""
    return lambda *names: YTMusic(auth=dict(BROWSER_HEADERS), requests_session=replay(*names))


@pytest.fixture
async def source(replay: Replay) -> AsyncIterator[Callable[..., YTMusicSource]]:
    """Our source, its answers recordings."""
    made: list[YTMusicSource] = []

    def make(*names: str) -> YTMusicSource:
        session = replay(*names)
        made.append(YTMusicSource(settings=YTMusicSettings(), session_factory=lambda: session))
        return made[-1]

    yield make
    for each in made:
        await each.aclose()


class _Recorded(BaseAdapter):
    def __init__(self, bodies: list[bytes]) -> None:
        super().__init__()
        self._bodies = bodies

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        response = requests.Response()
        response.status_code = 200
        response.encoding = "utf-8"
        response.headers["Content-Type"] = "application/json"
        home = request.method == "GET"
        response._content = b"" if home else self._bodies.pop(0) if self._bodies else b"{}"
        return response

    def close(self) -> None:
        pass


def ref(playlist_id: str = "PLx") -> PlaylistRef:
    return PlaylistRef("ytmusic", playlist_id, "")


def whole(tracks: list[Track | None]) -> list[Track]:
    """All rows are tracks that can be played."""
    found = [track for track in tracks if track is not None]
    assert len(found) == len(tracks)
    assert all(len(track.track_id) == 11 and track.title and track.duration for track in found)
    return found


def test_recorded_library(recorded: Callable[..., YTMusic]) -> None:
    music = recorded("get_library_playlists", "get_library_playlists_continuation_mock")
    refs = [parse.library_ref(row) for row in music.get_library_playlists(limit=None)]
    assert [(found.name, found.announced) for found in refs] == [
        ("Liked Music", None),
        ("Listen later", 20),
        ("Deadly Hotlist", 50),
        ("Episodes for Later", None),
    ]
    assert refs[0].playlist_id == parse.LIKED


def test_recorded_playlist(recorded: Callable[..., YTMusic]) -> None:
    music = recorded("get_playlist_20250604", "get_playlist_continuation_20250604")
    found = parse.playlist(music.get_playlist("PLx", limit=None), ref())
    assert found.ref.name == "The Beatles - Beatles 100 (Official Playlist)"
    assert found.ref.announced == 100
    assert (len(found.tracks), len(found.unavailable)) == (202, 2)
    assert all(
        label.startswith("THE TRIAL ROOM - Durga puja shopping guide🔥🔥in bengali |") for label in found.unavailable
    )
    first = found.tracks[0]
    assert (first.track_id, first.title) == ("xUNqsfFUwhY", "Here Comes The Sun (Remastered 2009)")
    assert (first.artists, first.album, first.duration) == (("The Beatles",), "Abbey Road", 186.0)
    assert first.art_url is not None
    assert first.art_url.endswith("=w544-h544-l90-rj")
    assert all(len(track.track_id) == 11 and track.title and track.artists and track.duration for track in found.tracks)


async def test_recorded_playlist_that_breaks_off(source: Callable[..., YTMusicSource]) -> None:
    """Its first page alone has more tracks than it announces, so their number does not tell that others are missing."""
    found = await source("get_playlist_20250604").fetch(ref())
    assert found.ref.announced == 100
    assert found.lacking == "its pages broke off after 102 tracks"


def test_recorded_liked_songs_announce_no_count(recorded: Callable[..., YTMusic]) -> None:
    found = parse.playlist(recorded("get_playlist_20240624").get_playlist("LM", limit=None), ref("LM"))
    assert found.ref.announced is None
    assert len(found.tracks) == 5
    assert found.tracks[0].label == "The Beatles - Drive My Car (Remastered 2009)"


def test_recorded_album(recorded: Callable[..., YTMusic]) -> None:
    answer = recorded("get_album_20240724").get_album("MPREb_x")
    found = parse.album(answer, ref("MPREb_x"))
    # Number 10 is neither shown nor greyed out: albums announce more than they have, so that number is no measure.
    assert (found.ref.name, found.ref.announced, len(found.tracks)) == ("¥$ - VULTURES 1", None, 14)
    assert found.unavailable == ("¥$, Kanye West, & Ty Dolla $ign - GOOD (DON'T DIE)",)
    assert {(track.album, track.date, track.album_artist) for track in found.tracks} == {("VULTURES 1", "2024", "¥$")}
    assert [track.track_number for track in found.tracks] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16]
    assert all(track.art_url and track.art_url.endswith("=w544-h544-l90-rj") for track in found.tracks)


def test_recorded_watch_list(recorded: Callable[..., YTMusic]) -> None:
    music = recorded("get_watch_playlist_20250630", "get_watch_playlist_continuation_20250630")
    rows = music.get_watch_playlist("lYBUbBu4W08", radio=True, limit=50)["tracks"]
    audio, video = parse.watched(rows, "lYBUbBu4W08"), parse.watched(rows, "dQw4w9WgXcQ")
    assert audio is not None
    assert (audio.label, audio.album, audio.date, audio.duration) == (
        "Rick Astley - Never Gonna Give You Up",
        "Whenever You Need Somebody",
        "1987",
        214.0,
    )
    assert video is not None
    assert (video.track_id, video.title) == ("dQw4w9WgXcQ", "Never Gonna Give You Up")
    assert Counter(parse.track(row) is None for row in rows) == {False: 50}


async def test_recorded_radio(source: Callable[..., YTMusicSource]) -> None:
    music = source("get_watch_playlist_20250630", "get_watch_playlist_continuation_20250630")
    found = whole(list(await music.related("lYBUbBu4W08", limit=90)))
    assert {"lYBUbBu4W08", "dQw4w9WgXcQ"}.isdisjoint(track.track_id for track in found), "neither version of itself"
    assert len(found) > 40
    assert len({track.track_id for track in found}) == len(found)
    assert all(track.artists for track in found)


def test_recorded_song(recorded: Callable[..., YTMusic]) -> None:
    answer = recorded("get_song_tracking_url_20240728").get_song("FZ8BxMU3BYc")
    assert (parse.playback_url(answer) or "").startswith("https://s.youtube.com/api/stats/playback?")
    found = parse.song(answer)
    assert found is not None
    assert (found.artists, found.duration) == (("Night Lovell",), 192.0)


async def test_recorded_search_for_songs(source: Callable[..., YTMusicSource]) -> None:
    music = source("search_songs_20231226", "search_songs_continuation_20231226")
    found = await music.search("beatles", "song", limit=40)
    assert len(found) == 21, "the second page holds the first one again, of which each song comes once"
    assert {one.kind for one in found} == {"song"}
    tracks = whole([one.track for one in found])
    assert (found[0].title, found[0].artist, found[0].about) == ("Now And Then", None, "The Beatles")  # no artist came
    assert all(track.artists and track.album for track in tracks[1:])
    assert tracks[-1].label == "The Beatles - Lovely Rita (Remastered 2009)"


async def test_recorded_search_for_albums(source: Callable[..., YTMusicSource]) -> None:
    found = await source("search_albums_20231226").search("limp bizkit", "album", limit=40)
    assert {one.kind for one in found} == {"album"}
    assert (found[0].artist, found[0].title, found[0].about) == (
        "Limp Bizkit",
        "Chocolate Starfish And The Hot Dog Flavored Water",
        "Album, 2000",
    )
    assert all(isinstance(parse_link(one.link), AlbumLink) and one.artist and one.about for one in found)
    assert len(found) >= 20


def test_recorded_history(recorded: Callable[..., YTMusic]) -> None:
    rows = recorded("get_history_20240713").get_history()
    tracks = [parse.track(row) for row in rows]
    assert len(tracks) == 200
    assert tracks[0] is not None
    assert tracks[0].label == "Between The Buried And Me - Backwards Marathon"
    assert {row["played"] for row in rows} >= {"Today", "Yesterday"}


def test_recorded_library_songs(recorded: Callable[..., YTMusic]) -> None:
    tracks = whole([parse.track(row) for row in recorded("get_library_songs_20240701").get_library_songs(limit=None)])
    assert len(tracks) == 25
    assert (tracks[0].label, tracks[0].album) == ("Katatonia - The Winter of Our Passing", "City Burials")


def test_recorded_library_albums(recorded: Callable[..., YTMusic]) -> None:
    rows = recorded("get_library_albums_20240701").get_library_albums(limit=None)
    assert (rows[0]["title"], rows[0]["year"]) == ("KID A MNESIA", "2021")
    assert all(isinstance(parse_link(row["browseId"]), AlbumLink) for row in rows)


def test_recorded_uploads(recorded: Callable[..., YTMusic]) -> None:
    rows = recorded("get_library_upload_songs_20240712").get_library_upload_songs(limit=None)
    tracks = whole([parse.track(row) for row in rows])
    assert len(tracks) == 23
    assert (tracks[0].label, tracks[0].album) == ("Radiohead - The Numbers", "A Moon Shaped Pool")


def test_recorded_lyrics(recorded: Callable[..., YTMusic]) -> None:
    found = recorded("get_lyrics_20231219").get_lyrics("MPLYt_x")
    assert found is not None
    assert len(found["lyrics"].splitlines()) > 50
    assert not found["hasTimestamps"]


@pytest.mark.parametrize(
    ("recording", "rating"),
    [
        ("rate_song_like_20240710", "like"),
        ("rate_song_dislike_20240710", "dislike"),
        ("rate_song_indifferent_20240710", "unlike"),
    ],
)
async def test_recorded_rating(replay: Replay, tmp_path: Path, recording: str, rating: Rating) -> None:
    headers = tmp_path / "browser.json"
    headers.write_text(json.dumps(BROWSER_HEADERS))
    headers.chmod(0o600)
    session = replay(recording)
    music = YTMusicSource(settings=YTMusicSettings(auth_file=headers), session_factory=lambda: session)
    await music.rate("kfSQkZuIx84", rating)
    await music.aclose()


def test_every_recording_is_looked_at_here() -> None:
    """None of them is there for nothing."""
    here = Path(__file__).read_text()
    names = [path.name.removesuffix(".json.gz") for path in RECORDINGS.glob("*.json.gz")]
    assert [name for name in names if f'"{name}"' not in here] == []
