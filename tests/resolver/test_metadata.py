"""From yt-dlp's info dictionaries to tracks, streams and listings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.errors import YouTubeStreamError
from mpdbridge.models import Stream, Track
from mpdbridge.resolver import protocol
from mpdbridge.resolver.metadata import Extracted, Listing, extracted, listing, track_of
from mpdbridge.urls import TRACK_ID

GOOGLE = (
    "https://rr1.googlevideo.example/videoplayback?expire=1800020000&ip=192.0.2.1&itag=251"
    "&mime=audio%2Fwebm&clen=3437753&dur=187.401&sig=abc"
)
SONG = {
    "_type": "video",
    "id": "oLtmHdXKIYE",
    "extractor": "youtube",
    "extractor_key": "Youtube",
    "webpage_url": "https://www.youtube.com/watch?v=oLtmHdXKIYE",
    "title": "Tommy Guerrero - Thin Brown Layer (Official Audio)",
    "track": "Thin Brown Layer",
    "artists": ["Tommy Guerrero", "Gadget"],
    "album": "Soul Food Taqueria",
    "album_artists": ["Tommy Guerrero"],
    "track_number": 3,
    "release_year": 2003,
    "release_date": "20030415",
    "upload_date": "20141106",
    "duration": 188,
    "thumbnail": "https://i.example/max.jpg",
    "uploader": "Tommy Guerrero - Topic",
    "url": GOOGLE,
    "protocol": "https",
    "ext": "webm",
    "acodec": "opus",
    "vcodec": "none",
    "format_id": "251",
    "http_headers": {"User-Agent": "Mozilla/5.0"},
    "available_at": 1800000004,
}


def test_a_youtube_song_is_read_completely():
    found = extracted(SONG, now=1_800_000_000.0)
    assert found.track == Track(
        "oLtmHdXKIYE",
        "Thin Brown Layer",
        ("Tommy Guerrero", "Gadget"),
        album="Soul Food Taqueria",
        album_artist="Tommy Guerrero",
        track_number=3,
        date="2003-04-15",
        duration=188.0,
        art_url="https://i.example/max.jpg",
        source="web",
        source_url="https://www.youtube.com/watch?v=oLtmHdXKIYE",
    )
    assert found.stream == Stream(
        GOOGLE,
        resolved_at=1_800_000_000.0,
        expires_at=1_800_020_000.0,
        content_type="audio/webm",
        content_length=3_437_753,
        duration=187.401,
        format_id="251",
        headers={"User-Agent": "Mozilla/5.0"},
        available_at=1_800_000_004.0,
    )


def test_cookies_for_the_file_are_sent_with_the_headers():
    assert extracted(SONG, now=0, cookie="a=b").stream.headers == {"User-Agent": "Mozilla/5.0", "Cookie": "a=b"}


def test_a_file_behind_a_link_that_redirects_is_the_same_track_wherever_that_leads_today():
    link = "https://pod.example/1.mp3"
    days = [{"original_url": link, "webpage_url": f"https://cdn.example/1.mp3?sig={day}", "id": "1"} for day in "ab"]
    today, tomorrow = (track_of({"extractor_key": "Generic", **day}) for day in days)
    assert today == tomorrow
    assert today.source_url == link


@pytest.mark.parametrize(
    ("told", "artists"),
    [
        ({"artists": ["A", "B"], "artist": "A, B"}, ("A", "B")),
        ({"artist": "A & B"}, ("A & B",)),
        ({"creators": ["C"]}, ("C",)),
        ({"uploader": "Tommy Guerrero - Topic"}, ("Tommy Guerrero",)),
        ({"channel": "Someone", "artists": []}, ("Someone",)),
        ({"artist": "  "}, ()),
        ({}, ()),
    ],
)
def test_artists_come_from_the_best_key_there_is(told, artists):
    assert track_of({"id": "x", "webpage_url": "https://a.example/x", "title": "T", **told}).artists == artists


@pytest.mark.parametrize(
    ("told", "date"),
    [
        ({"release_date": "20030415", "release_year": 2003}, "2003-04-15"),
        ({"release_year": 2003}, "2003"),
        ({"upload_date": "20141106"}, None),
        ({"release_date": "odd"}, None),
    ],
)
def test_only_a_release_makes_a_date(told, date):
    assert track_of({"webpage_url": "https://a.example/x", **told}).date == date


def test_the_best_picture_is_the_last_thumbnail():
    info = {"webpage_url": "https://a.example/x", "thumbnails": [{"url": "small"}, {"url": "large"}, {"id": "none"}]}
    assert track_of(info).art_url == "large"


def test_ids_are_youtubes_own_or_stable_for_the_sites_id_or_for_the_address():
    flat = {
        "_type": "url",
        "ie_key": "Youtube",
        "id": "oLtmHdXKIYE",
        "url": "https://www.youtube.com/watch?v=oLtmHdXKIYE",
    }
    assert track_of(flat).track_id == track_of(SONG).track_id == "oLtmHdXKIYE"
    one = {"ie_key": "Soundcloud", "id": "42", "url": "https://api.soundcloud.example/42"}
    two = {"extractor_key": "Soundcloud", "id": "42", "webpage_url": "https://soundcloud.example/a/b"}
    assert track_of(one).track_id == track_of(two).track_id
    assert track_of(one).track_id != track_of({**one, "id": "43"}).track_id
    file = {"extractor": "generic", "id": "song", "url": "https://a.example/song.mp3"}
    elsewhere = {"extractor": "generic", "id": "song", "url": "https://b.example/song.mp3"}
    assert track_of(file).track_id != track_of(elsewhere).track_id
    smuggled = {**file, "url": "https://a.example/song.mp3#__youtubedl_smuggle=%7B%7D"}
    assert track_of(smuggled).track_id == track_of(file).track_id
    for info in (flat, one, file):
        assert TRACK_ID.fullmatch(track_of(info).track_id)


def test_a_file_without_a_title_is_named_by_its_address():
    assert track_of({"url": "https://a.example/m/Caf%C3%A9%20Noir.mp3?x=1"}).title == "Café Noir.mp3"


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"is_live": True}, "live stream"),
        ({"live_status": "is_upcoming"}, "live stream"),
        ({"protocol": "m3u8_native"}, "only as HLS"),
        ({"protocol": "http_dash_segments"}, "only as DASH"),
        ({"protocol": "rtmp"}, "only as rtmp"),
        ({"protocol": "m3u8_native", "formats": [{"protocol": "m3u8_native"}]}, "only as HLS"),
        ({"acodec": "none"}, "without sound"),
    ],
)
def test_what_cannot_be_fetched_as_one_file_over_http_is_refused_for_good(told, reason):
    with pytest.raises(YouTubeStreamError, match=reason) as caught:
        extracted({**SONG, **told}, now=0)
    assert caught.value.permanent
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    ("told", "content_type"),
    [
        ({"ext": "webm"}, "audio/webm"),
        ({"ext": "m4a"}, "audio/mp4"),
        ({"ext": "mp4", "vcodec": "avc1"}, "audio/mp4"),
        ({"ext": "mp3"}, "audio/mpeg"),
        ({"ext": "opus"}, "audio/ogg"),
        ({"ext": "flac"}, "audio/flac"),
        ({"ext": "unknown_video"}, "audio/webm"),  # googlevideo's mime=
        ({"ext": "unknown_video", "url": "https://a.example/x"}, None),
    ],
)
def test_the_content_type_follows_the_container(told, content_type):
    assert extracted({**SONG, **told}, now=0).stream.content_type == content_type


def test_a_playlist_lists_what_can_be_played_and_tells_the_rest():
    one = {"ie_key": "Youtube", "id": "AAAAAAAAAAA", "url": "https://y/1", "title": "One"}
    found = listing(
        {
            "_type": "playlist",
            "id": "PL1",
            "title": "Mix",
            "webpage_url": "https://www.youtube.com/playlist?list=PL1",
            "entries": [
                one | {"channel": "X - Topic"},
                {"ie_key": "Youtube", "id": "BBBBBBBBBBB", "url": "https://y/2", "title": "[Private video]"},
                None,
                {"ie_key": "Youtube", "url": "https://y/3", "title": "Radio", "live_status": "is_live"},
                {"ie_key": "YoutubeTab", "id": "PL2", "url": "https://y/4", "title": "Other list"},
                one,
            ],
        }
    )
    assert (found.title, found.playlist_id) == ("Mix", "PL1")
    assert [track.track_id for track in found.entries] == ["AAAAAAAAAAA", "AAAAAAAAAAA"], "twice is twice"
    assert found.entries[0] == Track("AAAAAAAAAAA", "One", ("X",), source="web", source_url="https://y/1")
    assert [label.rpartition("(")[2] for label in found.unavailable] == [
        "private)",
        "it is a live stream, which has no end to play to)",
        "a list of its own: give its link)",
    ]


def test_a_single_piece_is_a_list_of_one_without_an_id():
    assert listing(SONG) == Listing("Thin Brown Layer", None, (track_of(SONG),))
    live = listing({**SONG, "is_live": True})
    assert live.entries == ()
    assert "live stream" in live.unavailable[0]


@pytest.mark.parametrize(
    "told",
    [
        {"unsuited": True},
        {"protocol": "m3u8_native", "formats": [{"protocol": "m3u8_native"}, {"protocol": "https", "acodec": "opus"}]},
        {
            "protocol": "https",
            "acodec": "none",
            "formats": [{"protocol": "https", "acodec": "none"}, {"acodec": "opus"}],
        },
        {"protocol": "mhtml", "formats": [{"protocol": "mhtml"}]},  # storyboards: yt-dlp is too old
        {"url": None, "protocol": "https+https", "formats": [{"protocol": "https"}]},  # sound and picture apart
        {"url": "file:///etc/passwd", "protocol": None},
        {"url": "ftp://a.example/x", "protocol": None},
    ],
)
def test_what_a_setting_or_a_newer_yt_dlp_could_mend_is_not_for_good(told):
    with pytest.raises(YouTubeStreamError, match=r"resolver\.format") as caught:
        extracted({**SONG, **told}, now=0)
    assert not caught.value.permanent


TEXT = st.text()
ODD = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT, st.lists(TEXT), st.dictionaries(TEXT, TEXT))
KEYS = st.sampled_from([*sorted(SONG.keys() - {"http_headers"}), "creator", "channel", "ie_key", "artist"])


@given(st.dictionaries(KEYS, ODD))
def test_whatever_a_site_says_the_values_are_of_the_right_kind(told):
    track = track_of({**SONG, **told})
    assert TRACK_ID.fullmatch(track.track_id)
    assert isinstance(track.title, str)
    assert track.duration is None or 0 < track.duration < 1e12
    assert track.track_number is None or 0 < track.track_number < 1e12


@given(st.text(st.characters(codec=None)), st.floats(0, 4e9), st.dictionaries(st.text(), st.text()))
def test_values_pass_between_the_processes_unchanged(text, number, headers):
    track = Track("oLtmHdXKIYE", text, (text, "b"), duration=number, source="web")
    found = Extracted(Stream("https://a", number, headers=headers), track)
    assert protocol.to_extracted(protocol.message(protocol.line(protocol.value_of(found)))) == found
    listed = Listing(text, None, (track, track), (text,))
    assert protocol.to_listing(protocol.message(protocol.line(protocol.value_of(listed)))) == listed


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"3"])
def test_what_is_no_message_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"not a message|Expecting"):
        protocol.message(text)
