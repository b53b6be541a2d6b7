"""Covers are square and small, what is so already stays as it is, and no bytes do harm."""

import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from support.pictures import BLACK, BLUE, GREEN, RED, WHITE, looks, noise, opened, picture, saved

from mpdbridge.relay.picture import EDGE, NoPictureError, Picture, cover_from, kind_of

FORMS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [(544, 544), (48, 48), (800, 790)])
def test_a_square_of_sensible_size_stays_as_it_is(form, size):
    thumbnail = picture(form, size)
    assert cover_from(thumbnail) == Picture(FORMS[form], thumbnail)


@pytest.mark.parametrize("size", [(1280, 720), (853, 480), (400, 225), (600, 1200)])
@pytest.mark.parametrize("form", FORMS)
def test_of_a_wide_or_high_picture_the_middle_is_left(form, size):
    """As in the thumbnail of an album's song, where the cover stands between two blurred sides."""
    edge = min(size)
    cover = cover_from(picture(form, size, BLUE, (RED, (edge, edge))))
    assert cover.kind == "jpg"
    assert opened(cover.body).size == (min(edge, EDGE),) * 2
    assert looks(cover.body, RED)


def test_a_jpeg_may_be_larger_since_it_is_read_at_a_fraction_of_its_size(monkeypatch):
    monkeypatch.setattr("mpdbridge.relay.picture._MOST_PIXELS", 1000)
    monkeypatch.setattr("mpdbridge.relay.picture._MOST_OF_A_JPEG", 4000)
    assert cover_from(picture("JPEG", (60, 60))).kind == "jpg"
    for form, size in (("PNG", (60, 60)), ("JPEG", (70, 70))):
        with pytest.raises(NoPictureError, match="pixels"):
            cover_from(picture(form, size))


@pytest.mark.parametrize(("size", "edge"), [((480, 360), 270), ((640, 480), 360)])
def test_youtubes_black_bars_go(size, edge):
    width, height = size
    cover = cover_from(picture("JPEG", size, BLACK, (GREEN, (width, height * 3 // 4))))
    assert opened(cover.body).size == (edge, edge)
    assert looks(cover.body, GREEN)


def test_a_picture_without_bars_loses_only_its_sides():
    cover = cover_from(picture("JPEG", (480, 360), RED))
    assert opened(cover.body).size == (360, 360)
    assert looks(cover.body, RED)


def test_a_picture_that_is_dark_at_the_top_alone_is_not_cut_there():
    image = Image.new("RGB", (480, 360), RED)
    image.paste(BLACK, (0, 0, 480, 100))
    assert opened(cover_from(saved(image, "JPEG")).body).size == (360, 360)


@pytest.mark.parametrize(
    "thumbnail", [picture("PNG", (3000, 3000)), picture("JPEG", (3000, 2900)), noise("PNG", (600, 600))]
)
def test_what_is_too_large_is_scaled(thumbnail):
    cover = cover_from(thumbnail)
    assert (cover.kind, opened(cover.body).size) == ("jpg", (EDGE, EDGE))
    assert len(cover.body) < 300_000


def test_what_mpd_does_not_ask_for_becomes_what_it_does():
    cover = cover_from(picture("GIF", (200, 200)))
    assert (cover.kind, kind_of(cover.body), opened(cover.body).size) == ("jpg", "jpg", (200, 200))
    assert looks(cover.body, GREEN)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_one_sees_white_through_a_transparent_picture(mode):
    seen_through = Image.new("RGBA", (900, 900), (0, 0, 0, 0)).convert(mode)
    assert looks(cover_from(saved(seen_through, "PNG")).body, WHITE)


def test_grey_and_cmyk_can_be_read():
    for mode, colour in (("L", 255), ("CMYK", (0, 0, 0, 0)), ("1", 1)):
        thumbnail = saved(Image.new(mode, (900, 700), colour), "PNG" if mode == "1" else "JPEG")
        assert looks(cover_from(thumbnail).body, WHITE)


@pytest.mark.parametrize("size", [(30_000, 30_000), (4_000, 2_600), (1, 20_000_000)])
def test_one_that_would_fill_the_memory_is_not_unpacked(size):
    header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    with pytest.raises(NoPictureError, match=r"pixels|Bomb"):
        cover_from(bomb + picture("PNG", (8, 8))[33:])


@given(
    st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]).flatmap(
        lambda form: st.tuples(st.just(picture(form, (90, 40))), st.data())
    )
)
def test_a_cut_or_damaged_picture_is_a_cover_or_none_and_nothing_else(drawn):
    thumbnail, data = drawn
    damaged = bytearray(thumbnail[: data.draw(st.integers(0, len(thumbnail)))])
    for place in data.draw(st.lists(st.integers(0, max(0, len(damaged) - 1)), max_size=5)) if damaged else ():
        damaged[place] ^= 0x55
    with suppress(NoPictureError):
        cover = cover_from(bytes(damaged))
        assert kind_of(cover.body) == cover.kind


@given(st.binary(max_size=64))
@example(b"")
@example(b"<html>")
def test_what_is_no_picture_is_none(body):
    with pytest.raises(NoPictureError):
        cover_from(body)


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_is_told_by_its_first_bytes(form):
    assert kind_of(picture(form, (16, 16))) == FORMS[form]
    assert Picture(kind_of(picture(form)), b"").content_type == f"image/{form.lower()}"


def test_a_gif_is_none_of_the_three():
    with pytest.raises(NoPictureError):
        kind_of(picture("GIF", (16, 16)))
