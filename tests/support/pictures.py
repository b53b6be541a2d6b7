"""Thumbnails of all kinds, drawn on the spot."""

import io
import random

from PIL import Image, ImageDraw

RED, GREEN, BLUE, BLACK, WHITE = (200, 30, 30), (30, 160, 30), (30, 30, 200), (0, 0, 0), (255, 255, 255)
Colour = tuple[int, int, int]


def picture(
    form: str = "JPEG",
    size: tuple[int, int] = (544, 544),
    colour: Colour = GREEN,
    middle: tuple[Colour, tuple[int, int]] | None = None,
) -> bytes:
    """A picture of one colour; `middle`: with a box of another colour and this size in the middle of it."""
    image = Image.new("RGB", size, colour)
    if middle is not None:
        inner, (width, height) = middle
        left, top = (size[0] - width) // 2, (size[1] - height) // 2
        ImageDraw.Draw(image).rectangle((left, top, left + width - 1, top + height - 1), inner)
    return saved(image, form)


def noise(form: str, size: tuple[int, int]) -> bytes:
    """A picture that cannot be compressed."""
    return saved(Image.frombytes("RGB", size, random.Random(1).randbytes(3 * size[0] * size[1])), form)


def saved(image: Image.Image, form: str) -> bytes:
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def opened(body: bytes) -> Image.Image:
    return Image.open(io.BytesIO(body))


def looks(body: bytes, colour: Colour) -> bool:
    """Whether a picture has this colour in its middle and near its edges, but for what JPEG does to it."""
    image = opened(body).convert("RGB")
    width, height = image.size
    spots = [(x, y) for x in (6, width // 2, width - 7) for y in (6, height // 2, height - 7)]
    return all(
        abs(seen - wanted) < 12 for spot in spots for seen, wanted in zip(image.getpixel(spot), colour, strict=True)
    )
