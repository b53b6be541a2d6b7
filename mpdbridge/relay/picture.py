"""What a cover is made of: a thumbnail as it came, or cut and scaled until it is one. Pure; takes some CPU time.

A cover is square, since that is what clients have room for, and small: MPD hands pictures out in pieces of 8 KiB unless
the client asks for more, and fetches the picture anew for each of them.
"""

import io
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL.Image import Image

Kind = Literal["png", "jpg", "webp"]
"""As MPD's `albumart` spells them."""

EDGE = 544  # pixels; what YouTube Music itself asks for
_LARGEST = 800  # pixels; a square up to this
_HEAVIEST = 256 * 1024  # and of so many bytes is passed on as it is
_MOST_PIXELS = 10_000_000  # some 250 MB for a transparent WebP while it is scaled, 80 for others
_MOST_OF_A_JPEG = 25_000_000  # which is read at a fraction of its size
_UNEVEN = 1.05  # still taken for a square
_DARK = 40  # of 255; black bars, after JPEG has been over them
_CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
_KINDS: dict[str, Kind] = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
_READABLE = (*_KINDS, "GIF")


class NoPictureError(ValueError):
    """These bytes are no picture that can be shown."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file, and what it really is."""

    kind: Kind
    body: bytes

    @property
    def content_type(self) -> str:
        return _CONTENT_TYPES[self.kind]

    @property
    def etag(self) -> str:
        """A quoted entity tag of the bytes."""
        return f'"{zlib.crc32(self.body):08x}-{len(self.body):x}"'


def kind_of(body: bytes) -> Kind:
    """What a picture is by its first bytes.

    Raises:
        NoPictureError: none of the three that MPD asks for.
    """
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if body.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "webp"
    raise NoPictureError("it is no picture")


def cover_from(thumbnail: bytes) -> Picture:
    """The cover that a site's thumbnail makes: the same bytes when it is a square of sensible size.

    Raises:
        NoPictureError: it cannot be read, or is too large to be.
    """
    try:
        return _cover(thumbnail)
    except NoPictureError:
        raise
    except Exception as error:  # a decoder of foreign bytes may raise anything
        raise NoPictureError(f"it cannot be read ({type(error).__name__})") from error


def _cover(thumbnail: bytes) -> Picture:
    # Imported by name, or the first WebP picture would have Pillow load all of its fifty formats.
    from PIL import Image, WebPImagePlugin  # noqa: F401

    with Image.open(io.BytesIO(thumbnail), formats=_READABLE) as image:
        width, height = image.size
        if width * height > (_MOST_OF_A_JPEG if image.format == "JPEG" else _MOST_PIXELS):
            raise NoPictureError(f"it has {width} x {height} pixels")
        kind = _KINDS.get(image.format or "")
        sensible = max(image.size) <= min(_LARGEST, _UNEVEN * min(image.size)) and len(thumbnail) <= _HEAVIEST
        return Picture(kind, thumbnail) if kind is not None and sensible else Picture("jpg", _square(image))


def _square(image: "Image") -> bytes:
    """The middle of `image` as a square JPEG file of at most EDGE pixels."""
    from PIL import Image, ImageOps

    image.draft("RGB", (2 * EDGE, 2 * EDGE))  # JPEG can be read at a fraction of its size
    picture = _without_bars(_opaque(image))
    edge = min(EDGE, *picture.size)
    cover = ImageOps.fit(picture, (edge, edge), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    cover.save(written, "JPEG", quality=88, optimize=True)
    return written.getvalue()


def _opaque(image: "Image") -> "Image":
    """`image` in RGB, on white where one looks through it."""
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")


def _without_bars(picture: "Image") -> "Image":
    """`picture` without the black bars of YouTube's smaller thumbnails: a wide picture in a 4:3 one."""
    width, height = picture.size
    bar = height // 8
    if bar < 4 or abs(3 * width - 4 * height) > 4:
        return picture
    # Two lines less than the bar: JPEG smears the picture's edge into it.
    bars = ((0, 0, width, bar - 2), (0, height - bar + 2, width, height))
    if any(_brightest(picture.crop(each)) > _DARK for each in bars):
        return picture
    return picture.crop((0, bar, width, height - bar))


def _brightest(picture: "Image") -> float:
    _, brightest = picture.convert("L").getextrema()
    return float(brightest) if isinstance(brightest, int | float) else 255.0
