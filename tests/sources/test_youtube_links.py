"""What links and ids stand for, those of other sites and of no use included."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.sources.youtube_links import (
    AlbumLink,
    ArtistLink,
    HandleLink,
    PlaylistLink,
    VideoLink,
    list_beside,
    parse_link,
)

VIDEO = VideoLink("oLtmHdXKIYE")
LIST = PlaylistLink("PLQwVIlKxHM6qv-o99iX9R85og7IzF9YS_")
ALBUM_LIST = PlaylistLink("OLAK5uy_nMr9h2VlS-2PULNz3M3XVXQj_P3C2bqaY")
ARTIST = ArtistLink("UCvCk2zFqkCYzpnSgWfx0qOg")
ALBUM = AlbumLink("MPREb_4pL8gzRtw1p")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("oLtmHdXKIYE", VIDEO),
        ("@thesundays", HandleLink("@thesundays")),
        ("https://music.youtube.com/@thesundays?si=x", HandleLink("@thesundays")),
        ("https://music.youtube.com/@%E5%A4%9C%E9%81%8A%E3%81%B3", HandleLink("@夜遊び")),
        ("  oLtmHdXKIYE\n", VIDEO),
        ("https://music.youtube.com/watch?v=oLtmHdXKIYE", VIDEO),
        ("https://music.youtube.com/watch?v=oLtmHdXKIYE&list=RDAMVMoLtmHdXKIYE", VIDEO),
        ("https://www.youtube.com/watch?list=PLQwVIlKxHM6qv-o99iX9R85og7IzF9YS_&v=oLtmHdXKIYE&t=12s", VIDEO),
        ("http://m.youtube.com/watch?v=oLtmHdXKIYE#t=1", VIDEO),
        ("HTTPS://YouTube.com/watch?v=oLtmHdXKIYE", VIDEO),
        ("youtube.com/watch?v=oLtmHdXKIYE", VIDEO),
        ("https://youtu.be/oLtmHdXKIYE?si=abc", VIDEO),
        ("youtu.be/oLtmHdXKIYE", VIDEO),
        ("https://www.youtube.com/shorts/oLtmHdXKIYE", VIDEO),
        ("https://www.youtube.com/live/oLtmHdXKIYE?feature=share", VIDEO),
        ("https://www.youtube-nocookie.com/embed/oLtmHdXKIYE", VIDEO),
        ("PLQwVIlKxHM6qv-o99iX9R85og7IzF9YS_", LIST),
        ("VLPLQwVIlKxHM6qv-o99iX9R85og7IzF9YS_", LIST),
        ("https://music.youtube.com/playlist?list=PLQwVIlKxHM6qv-o99iX9R85og7IzF9YS_&si=x", LIST),
        ("https://www.youtube.com/playlist?list=PLQwVIlKxHM6qv-o99iX9R85og7IzF9YS_", LIST),
        ("https://music.youtube.com/browse/VLPLQwVIlKxHM6qv-o99iX9R85og7IzF9YS_", LIST),
        ("https://www.youtube.com/embed/videoseries?list=PLQwVIlKxHM6qv-o99iX9R85og7IzF9YS_", LIST),
        ("https://music.youtube.com/watch?list=PLQwVIlKxHM6qv-o99iX9R85og7IzF9YS_", LIST),
        ("OLAK5uy_nMr9h2VlS-2PULNz3M3XVXQj_P3C2bqaY", ALBUM_LIST),
        ("https://music.youtube.com/playlist?list=OLAK5uy_nMr9h2VlS-2PULNz3M3XVXQj_P3C2bqaY", ALBUM_LIST),
        ("RDCLAK5uy_lRzD6ZcGWU_ef3r4y7ifNYLiGmCCX_jIk", PlaylistLink("RDCLAK5uy_lRzD6ZcGWU_ef3r4y7ifNYLiGmCCX_jIk")),
        ("LM", PlaylistLink("LM")),
        ("https://music.youtube.com/playlist?list=LM", PlaylistLink("LM")),
        ("MPREb_4pL8gzRtw1p", ALBUM),
        ("https://music.youtube.com/browse/MPREb_4pL8gzRtw1p", ALBUM),
        ("UCvCk2zFqkCYzpnSgWfx0qOg", ARTIST),
        ("https://music.youtube.com/channel/UCvCk2zFqkCYzpnSgWfx0qOg?si=x", ARTIST),
        ("https://music.youtube.com/browse/MPLAUCvCk2zFqkCYzpnSgWfx0qOg", ARTIST),
    ],
)
def test_youtube_s(text: str, meant: object) -> None:
    assert parse_link(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("https://www.youtube.com/watch?v=oLtmHdXKIYE&list=PLQwVIlKxHM6qv-o99iX9R85og7IzF9YS_&index=3", LIST),
        ("https://youtu.be/oLtmHdXKIYE?list=PLQwVIlKxHM6qv-o99iX9R85og7IzF9YS_", LIST),
        ("https://music.youtube.com/watch?v=oLtmHdXKIYE&list=RDAMVMoLtmHdXKIYE", None),
        ("https://music.youtube.com/watch?v=oLtmHdXKIYE", None),
        ("oLtmHdXKIYE", None),
    ],
)
def test_a_video_in_a_list_names_that_too(text: str, meant: object) -> None:
    assert isinstance(parse_link(text), VideoLink)
    assert list_beside(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "two words of eleven",
        "https://example.org/watch?v=oLtmHdXKIYE",
        "https://youtube.com.example.org/watch?v=oLtmHdXKIYE",
        "https://example.org/?u=https://youtu.be/oLtmHdXKIYE",
        "https://user@example.org:443/youtu.be/oLtmHdXKIYE",
        "ftp://youtu.be/oLtmHdXKIYE",
        "https://youtu.be/",
        "https://youtu.be/short",
        "https://www.youtube.com/",
        "https://www.youtube.com/watch?v=",
        "https://www.youtube.com/watch?v=oLtmHdXKIYEtoolong",
        "https://music.youtube.com/playlist?list=RDAMVMoLtmHdXKIYE",
        "https://www.youtube.com/channel/UCvCk2zFqkCYzpnSgWfx0qOg",
        "https://music.youtube.com/channel/UCshort",
        "https://music.youtube.com/search?q=oLtmHdXKIYE",
        "https://[youtu.be/oLtmHdXKIYE",
        "file:///etc/passwd",
        "oLtmHdXKIY/",
    ],
)
def test_nobody_s_or_another_s(text: str) -> None:
    assert parse_link(text) is None


@given(st.text())
def test_any_text_is_either_or_and_never_an_error(text: str) -> None:
    assert parse_link(text) is None or len(text) >= 2
