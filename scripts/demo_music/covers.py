"""Cover pictures: functions from a place to a colour, smoothed by supersampling, written as PNG by hand."""

import math
import struct
import zlib
from collections.abc import Callable

SIZE = 300
_SAMPLES = 2  # per side and pixel: enough to take the stairs out of the edges

Colour = tuple[int, int, int]
Picture = Callable[[float, float], Colour]


def _hex(text: str) -> Colour:
    return int(text[:2], 16), int(text[2:4], 16), int(text[4:], 16)


def _bands(value: float, *colours: str, steps: int = 9) -> Colour:
    """A banded gradient: few colours look made by hand, and compress well."""
    place = min(max(value, 0.0), 0.9999)
    place = math.floor(place * steps) / max(1, steps - 1) * (len(colours) - 1)
    low = min(int(place), len(colours) - 2)
    part = place - low
    start, end = _hex(colours[low]), _hex(colours[low + 1])
    return tuple(round(a + (b - a) * part) for a, b in zip(start, end, strict=True))


def _disc(x: float, y: float, at: tuple[float, float], radius: float) -> bool:
    return math.hypot(x - at[0], y - at[1]) < radius


def _sunrise(x: float, y: float) -> Colour:
    """Morning: rings around a sun, hills in front."""
    for number, (base, height, length, colour) in enumerate(
        ((0.86, 0.05, 7.0, "2b3a55"), (0.74, 0.06, 5.0, "47597c"), (0.64, 0.05, 4.0, "7c7f9e"))
    ):
        if y > base + height * math.sin(length * x + 1.7 * number):
            return _hex(colour)
    return _bands(math.hypot(x - 0.62, y - 0.55) / 0.75, "fff3c9", "ffd166", "f79d65", "e56b6f", "b56576")


def _neon(x: float, y: float) -> Colour:
    """Night: a moon over lit windows, and their reflection in the sea."""
    if y > 0.68:
        y = 1.36 - y + 0.012 * math.sin(90 * y)
        dim = 0.5
    else:
        dim = 1.0
    colour = _bands(y / 0.68, "0d0b2b", "1f1147", "57177a", steps=8)
    if _disc(x, y, (0.7, 0.2), 0.1) and not _disc(x, y, (0.74, 0.17), 0.085):
        colour = _hex("fdf0d5")
    column = int(x * 11)
    if y > 0.62 - 0.33 * abs(math.sin(column * 2.3 + 1)):
        lit = (int(x * 66) % 6 in (2, 4)) and int(y * 60) % 3 == 1 and (int(x * 66) * 7 + int(y * 60) * 13) % 5 < 3
        colour = _hex(("ff2e93", "00e5ff", "ffd166")[column % 3]) if lit else _hex("120a2e")
    return tuple(int(c * dim) for c in colour)


def _star_tiles(x: float, y: float) -> Colour:
    """An eight-pointed star in every tile, two squares laid over each other."""
    u, v = abs(x * 4 % 1 - 0.5), abs(y * 4 % 1 - 0.5)
    square, diamond = max(u, v), (u + v) / math.sqrt(2)
    if min(square, diamond) < 0.16:
        return _hex("f4d58d")
    if min(square, diamond) < 0.34:
        return _hex("0b7a75") if (int(x * 4) + int(y * 4)) % 2 else _hex("19535f")
    if min(square, diamond) < 0.38:
        return _hex("f0c987")
    return _hex("7b2d26") if max(u, v) < 0.47 else _hex("d7c9aa")


def _weather(x: float, y: float) -> Colour:
    """A weather map: isobars of a few highs and lows."""
    field = sum(
        level * math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 0.06)
        for cx, cy, level in (
            (0.25, 0.3, 1.0),
            (0.75, 0.25, -0.8),
            (0.55, 0.75, 1.1),
            (0.1, 0.85, -0.7),
            (0.95, 0.8, -0.6),
        )
    )
    if abs(field * 7 % 1 - 0.5) > 0.455:
        return _hex("fbfaf5")
    return _bands((field + 0.9) / 2, "31487a", "5b8fb9", "b6d7de", "f5e6c8", "e8a87c", "c8553d", steps=12)


def _retro_sun(x: float, y: float) -> Colour:
    """A striped sun over a grid that runs to the horizon."""
    if y > 0.62:
        depth = 0.09 / (y - 0.6)
        across = (x - 0.5) * depth * 22
        on_line = abs(across - round(across)) < 0.06 or abs(depth * 6 - round(depth * 6)) < 0.07
        return _hex("ff3cac") if on_line else _hex("1a0b36")
    stripes = y < 0.42 or (y * 30) % 1 > (y - 0.36) * 2.6
    if _disc(x, y, (0.5, 0.42), 0.27) and stripes:
        return _bands((y - 0.15) / 0.5, "ffe66d", "ff8c42", "ff3c6f")
    return _bands(y / 0.62, "12062b", "3c1361", "7a1e76")


def _lighthouse(x: float, y: float) -> Colour:
    """A lighthouse, its beam, the waves."""
    if y > 0.8 + 0.012 * math.sin(40 * x) and y > 0.8:
        return _bands((y - 0.8) / 0.2, "2a6f97", "01497c", steps=4)
    width = 0.045 + 0.05 * (y - 0.35)
    if 0.35 < y < 0.84 and abs(x - 0.36) < width:
        return _hex("f8f4e3") if int((y - 0.35) * 12) % 2 else _hex("d1495b")
    if 0.27 < y <= 0.35 and abs(x - 0.36) < 0.034:
        return _hex("ffe8a3")
    if 0.21 < y <= 0.27 and abs(x - 0.36) < (y - 0.2) * 0.75:
        return _hex("26324a")
    if x > 0.394 and abs(y - 0.31) < 0.015 + 0.22 * (x - 0.39):
        return _bands((x - 0.39) / 0.7, "ffe8a3", "8d99ae", "30415d")
    return _bands(y / 0.8, "10182b", "1d2d44", "3e5c76")


def _picnic(x: float, y: float) -> Colour:
    """A table cloth in big pixels with a heart on it."""
    column, row = int(x * 20), int(y * 20)
    heart = ("..xx.xx..", ".xxxxxxx.", ".xxxxxxx.", "..xxxxx..", "...xxx...", "....x....")
    h, v = column - 5, row - 7
    if 0 <= h < 9 and 0 <= v < 6 and heart[v][h] == "x":
        return _hex("3a0ca3") if (h, v) != (2, 1) else _hex("ffffff")
    stripes = (column // 2 % 2) + (row // 2 % 2)
    return _hex(("fff8f0", "ff9b9b", "ef476f")[stripes])


def _ice(x: float, y: float) -> Colour:
    """Mountains behind mountains in cold light."""
    for base, height, step, colour in (
        (0.80, 0.16, 3.1, "14213d"),
        (0.62, 0.22, 2.3, "33507a"),
        (0.48, 0.26, 1.7, "6d92b8"),
        (0.36, 0.18, 2.9, "a9c6dc"),
    ):
        ridge = base - height * (abs((x * step + base * 7) % 2 - 1) - 0.5) - 0.03 * abs((x * step * 5) % 2 - 1)
        if y > ridge:
            return _hex("f7fbff") if y < ridge + 0.05 - 0.02 * math.sin(60 * x) and height > 0.2 else _hex(colour)
    return _bands(y / 0.5, "c9e4f6", "eaf4fb", "fff1e0", steps=7)


def _siesta(x: float, y: float) -> Colour:
    """Quarter circles, turned this way and that."""
    column, row = int(x * 5), int(y * 5)
    u, v = x * 5 % 1, y * 5 % 1
    turn = (column * 3 + row * 5 + column * row) % 4
    u, v = (1 - u if turn & 1 else u), (1 - v if turn & 2 else v)
    palette = ("e9c46a", "f4a261", "e76f51", "264653", "2a9d8f", "f1e3c6")
    pick = column * 2 + row * 3 + column * row
    ring = math.hypot(u, v)
    return _hex(palette[(pick + (0 if ring < 0.42 else 1 if ring < 0.95 else 3)) % 6])


COVERS: dict[str, Picture] = {
    "morgenlicht.png": _sunrise,
    "neon.png": _neon,
    "waha.png": _star_tiles,
    "wetter.png": _weather,
    "netzteil.jpg": _retro_sun,
    "leuchtturm.png": _lighthouse,
    "picnic.png": _picnic,
    "isbirta.png": _ice,
    "siesta.jpg": _siesta,
}


def _pixel(picture: Picture, column: int, row: int) -> bytes:
    """The mean of the samples in one pixel, with sums quantised to 32 levels so that PNG finds repetition."""
    total = [0, 0, 0]
    for i in range(_SAMPLES * _SAMPLES):
        dx, dy = (i % _SAMPLES + 0.5) / _SAMPLES, (i // _SAMPLES + 0.5) / _SAMPLES
        for channel, value in enumerate(picture((column + dx) / SIZE, (row + dy) / SIZE)):
            total[channel] += value
    return bytes(min(255, value // (_SAMPLES * _SAMPLES)) for value in total)


def draw(name: str) -> bytes:
    """The picture as PNG: 8-bit RGB, unfiltered rows (flat areas compress best so)."""
    picture = COVERS[name]
    rows = b"".join(b"\0" + b"".join(_pixel(picture, x, y) for x in range(SIZE)) for y in range(SIZE))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
