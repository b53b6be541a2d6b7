"""Proxy URLs: what MPD is given to play, and how we know our own again."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.models import Track
from mpdbridge.urls import (
    TRACK_ID,
    ProxyUrls,
    TrackUris,
    expiry_of,
    readable_tail,
    sheet_name,
    song_uri,
    stable_track_id,
)

track_ids = st.from_regex(TRACK_ID, fullmatch=True)
anything = st.text(st.characters(codec=None), max_size=400)
tracks = st.builds(Track, track_id=track_ids, title=anything, artists=st.lists(anything, max_size=3).map(tuple))

# MPD 0.23 and 0.24 list these among the suffixes of their decoders; a URL that ends so is silent.
DECODER_SUFFIXES = ("mp3", "mp2", "flac", "ogg", "opus", "wav", "m4a", "mod", "xm", "s3m", "mid", "aac", "webm", "mpc")


@given(tracks)
def test_a_tail_holds_nothing_that_mpd_or_a_url_parser_trips_over(track):
    tail = readable_tail(track)
    assert tail
    assert not re.search(r"[\x00-\x20\x7f/?#%\\]", tail)
    assert len(tail.encode("utf-8")) <= 1000


@given(track_ids, anything, st.sampled_from(DECODER_SUFFIXES), st.booleans())
def test_a_tail_never_ends_like_a_file_name(track_id, title, suffix, upper):
    name = f"{title}.{suffix.upper() if upper else suffix}"
    assert not readable_tail(Track(track_id, name)).lower().endswith(f".{suffix}")


def test_a_tail_reads_as_artist_and_title():
    track = Track("oLtmHdXKIYE", "Thin Brown Layer", ("Tommy Guerrero",))
    assert readable_tail(track) == "Tommy\u00a0Guerrero\u00a0-\u00a0Thin\u00a0Brown\u00a0Layer"
    assert ProxyUrls("http://localhost:8080").of(track).startswith("http://localhost:8080/proxy/oLtmHdXKIYE/Tommy")


@given(tracks)
def test_our_own_urls_are_known_again(track):
    urls = ProxyUrls.for_listener("localhost", 8080)
    assert urls.track_id(urls.of(track)) == track.track_id


@pytest.mark.parametrize("base", ["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"])
def test_every_way_to_a_local_relay_is_known(base):
    urls = ProxyUrls.for_listener("localhost", 8080, advertise="http://10.0.0.2:8080/")
    assert urls.base == "http://10.0.0.2:8080"
    assert urls.track_id(f"{base}/proxy/oLtmHdXKIYE") == "oLtmHdXKIYE"


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:8081/proxy/oLtmHdXKIYE/x",
        "http://localhost:8080/proxy/short/x",
        "http://localhost:8080/other/oLtmHdXKIYE",
        "http://localhost:8080.evil.example/proxy/oLtmHdXKIYE",
        "music/oLtmHdXKIYE.mp3",
        "",
    ],
)
def test_foreign_uris_are_not_ours(uri):
    assert ProxyUrls.for_listener("localhost", 8080).track_id(uri) is None


def test_a_relay_on_all_addresses_is_advertised_as_localhost():
    assert ProxyUrls.for_listener("0.0.0.0", 9000).base == "http://localhost:9000"
    assert ProxyUrls.for_listener("192.168.1.2", 9000) == ProxyUrls("http://192.168.1.2:9000")
    assert ProxyUrls.for_listener("fd00::2", 9000).base == "http://[fd00::2]:9000"


@given(st.text())
def test_stable_ids_are_stable_and_legal(key):
    assert stable_track_id(key) == stable_track_id(key)
    assert TRACK_ID.fullmatch(stable_track_id(key))
    assert len(stable_track_id(key)) == 22


@pytest.mark.parametrize(
    ("url", "expires"),
    [
        ("https://rr1.googlevideo.com/videoplayback?expire=1790000000&ip=1.2.3.4", 1790000000.0),
        ("https://rr1.googlevideo.com/videoplayback/expire/1790000000/ip/1.2.3.4", 1790000000.0),
        ("https://example.org/a.mp3?expire=soon", None),
        ("https://example.org/a.mp3", None),
    ],
)
def test_expiry_is_read_from_the_url(url, expires):
    assert expiry_of(url) == expires


def test_songs_of_mpds_database_are_known_as_ours_in_our_folders_alone():
    uris = TrackUris("http://localhost:8080", (), ("YouTube Music", "Old"))
    song = song_uri("YouTube Music", "A/B/" + sheet_name("T [x] track", "oLtmHdXKIYE"))
    assert song == "YouTube Music/A/B/T [x] track [oLtmHdXKIYE].cue/track0001"
    assert uris.track_id(song) == uris.track_id(song.replace("YouTube Music", "Old")) == "oLtmHdXKIYE"
    assert uris.track_id("http://localhost:8080/proxy/oLtmHdXKIYE/x") == "oLtmHdXKIYE"
    for foreign in (
        "Music/" + song,
        song.replace("YouTube", "youtube"),
        song.replace("0001", "0002"),
        song.removesuffix("/track0001"),
        song + "/x",
        song.replace("oLtmHdXKIYE", "short"),
        "YouTube Music/A/oLtmHdXKIYE.cue/track0001",
        f"http://h/{song}",
        "",
    ):
        assert uris.track_id(foreign) is None


@given(tracks)
def test_the_plain_url_is_known_again_and_stays_when_tags_change(track):
    urls = ProxyUrls.for_listener("localhost", 8080)
    assert urls.track_id(urls.plain(track.track_id)) == track.track_id
    assert urls.of(track).startswith(urls.plain(track.track_id) + "/")
