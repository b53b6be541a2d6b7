"""A small synthesiser: notes as lists of samples, a stereo mixer, a room to put them in.

Everything is plain floating point on `array`, seeded, and so the same on every run. Notes are rendered once
per pitch and length and then mixed as often as the score asks for them: that is what makes plain Python fast enough.
"""

from __future__ import annotations  # array[float] is for the reader: before 3.12 it cannot be evaluated

import math
import random
from array import array
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

RATE = 48_000  # what Opus decodes to; AAC is resampled by ffmpeg
TAU = 2 * math.pi


@dataclass(frozen=True)
class Tone:
    """An additive instrument.

    Attributes:
        partials: (frequency ratio, level, seconds to fall to 1/e or 0 for a sustained partial).
        attack: seconds to full level.
        release: seconds the note rings on after its written length.
        vibrato: depth as a fraction of the frequency, at 5.2 Hz, coming in slowly.
    """

    partials: tuple[tuple[float, float, float], ...]
    attack: float = 0.004
    release: float = 0.12
    vibrato: float = 0.0

    def render(self, frequency: float, seconds: float) -> array[float]:
        count = int((seconds + self.release) * RATE)
        out = array("d", bytes(8 * count))
        phase = self._phase(frequency, count)
        for ratio, level, decay in self.partials:
            if frequency * ratio > 15_000:  # would alias, or be lost in the encoder
                continue
            fall = math.exp(-1 / (decay * RATE)) if decay else 1.0
            amplitude, sin = level, math.sin
            for i, p in enumerate(phase):
                out[i] += amplitude * sin(ratio * p)
                amplitude *= fall
        return _shaped(out, self.attack, self.release)

    def _phase(self, frequency: float, count: int) -> list[float]:
        step = TAU * frequency / RATE
        if not self.vibrato:
            return [step * i for i in range(count)]
        wobble = TAU * 5.2 / RATE
        # The integral of a sine is a cosine: phase, not frequency, is what has to wobble without jumps.
        depth = self.vibrato * step / wobble
        return [step * i - depth * min(1.0, i / (0.5 * RATE)) * math.cos(wobble * i) for i in range(count)]


@dataclass(frozen=True)
class String:
    """A plucked string (Karplus and Strong): a burst of noise in a loop as long as one period, losing its edge."""

    damping: float = 0.996
    brightness: float = 0.5
    release: float = 0.25

    def render(self, frequency: float, seconds: float) -> array[float]:
        period = max(2, round(RATE / frequency))
        noise = random.Random(period)
        loop, soft = [], 0.0
        for _ in range(period):
            soft += self.brightness * (noise.uniform(-1, 1) - soft)
            loop.append(soft)
        mean = sum(loop) / period  # a constant part would only be a click
        loop = [2.2 * (x - mean) for x in loop]
        out = array("d", loop)
        count = int((seconds + self.release) * RATE)
        # High strings go round the loop more often in a second: what each round takes must be less.
        damping, previous = self.damping ** min(1.0, math.sqrt(110 / frequency)), loop[-1]
        while len(out) < count:
            for i, x in enumerate(loop):
                loop[i] = damping * 0.5 * (x + previous)
                previous = x
            out.extend(loop)
        return _shaped(out[:count], 0.001, self.release)


def _shaped(samples: array[float], attack: float, release: float) -> array[float]:
    """`samples` with a raised-cosine start and end: no clicks."""
    head, tail = max(1, int(attack * RATE)), max(1, int(release * RATE))
    head, tail = min(head, len(samples)), min(tail, len(samples))
    for i in range(head):
        samples[i] *= 0.5 - 0.5 * math.cos(math.pi * i / head)
    for i in range(1, tail + 1):
        samples[-i] *= 0.5 - 0.5 * math.cos(math.pi * (i - 1) / tail)
    return samples


INSTRUMENTS: dict[str, Tone | String] = {
    "epiano": Tone(((1, 0.7, 1.1), (2, 0.22, 0.5), (3, 0.08, 0.3), (14.02, 0.05, 0.05)), release=0.2),
    "piano": Tone(
        (
            (1, 0.6, 1.2),
            (2.001, 0.35, 0.8),
            (3.004, 0.2, 0.5),
            (4.01, 0.12, 0.35),
            (5.02, 0.07, 0.25),
            (6.03, 0.04, 0.2),
        ),
        release=0.25,
    ),
    "vibes": Tone(((1, 0.8, 1.4), (4, 0.16, 0.35), (10.1, 0.04, 0.06)), release=0.5),
    "kalimba": Tone(((1, 0.8, 0.55), (2.76, 0.08, 0.1), (5.4, 0.1, 0.04)), release=0.3),
    "marimba": Tone(((1, 0.9, 0.32), (3.93, 0.2, 0.09), (9.2, 0.06, 0.03)), release=0.2),
    "musicbox": Tone(((1, 0.6, 0.9), (2, 0.1, 0.5), (5.8, 0.12, 0.15), (9.1, 0.04, 0.05)), release=0.7),
    "flute": Tone(((1, 0.75, 0), (2, 0.16, 0), (3, 0.05, 0)), attack=0.05, release=0.12, vibrato=0.006),
    "whistle": Tone(((1, 0.8, 0), (2, 0.05, 0)), attack=0.04, release=0.1, vibrato=0.009),
    "strings": Tone(
        (
            (0.9985, 0.3, 0),
            (1.0015, 0.3, 0),
            (2.003, 0.16, 0),
            (1.997, 0.16, 0),
            (3, 0.12, 0),
            (4.004, 0.07, 0),
            (5, 0.04, 0),
        ),
        attack=0.22,
        release=0.5,
        vibrato=0.003,
    ),
    "choir": Tone(
        ((0.997, 0.4, 0), (1.003, 0.4, 0), (2, 0.2, 0), (3.01, 0.04, 0)), attack=0.5, release=0.9, vibrato=0.004
    ),
    "warm": Tone(((0.996, 0.35, 0), (1.004, 0.35, 0), (2.002, 0.14, 0), (3.006, 0.07, 0)), attack=0.12, release=0.4),
    "square": Tone(tuple((n, 0.55 / n, 0.7) for n in (1, 3, 5, 7, 9)), attack=0.002, release=0.03),
    "saw": Tone(
        tuple((n * d, 0.3 / n, 0) for n in range(1, 9) for d in (0.997, 1.003)),
        attack=0.02,
        release=0.12,
        vibrato=0.004,
    ),
    "synthbass": Tone(tuple((n, 0.6 / n, 0.5 / n) for n in range(1, 8)), attack=0.003, release=0.05),
    "upright": Tone(((1, 0.9, 0.6), (2, 0.4, 0.3), (3, 0.16, 0.15), (4, 0.06, 0.08)), attack=0.006, release=0.09),
    "sub": Tone(((1, 0.9, 0), (2, 0.15, 0.4)), attack=0.02, release=0.12),
    "harpsichord": String(damping=0.9965, brightness=0.6, release=0.08),
    "guitar": String(damping=0.996, brightness=0.42),
    "oud": String(damping=0.994, brightness=0.6),
}


def _noise(seconds: float, decay: float, *, bright: float, seed: int) -> array[float]:
    """Falling noise; `bright` near 1 leaves only the highs (a cymbal), near 0 the whole of it (a drum skin)."""
    source, out = random.Random(seed), array("d")
    low, level, fall = 0.0, 1.0, math.exp(-1 / (decay * RATE))
    for _ in range(int(seconds * RATE)):
        x = source.uniform(-1, 1)
        low += 0.25 * (x - low)
        out.append(level * (x - bright * low - (1 - bright) * 0.7 * (x - low)))
        level *= fall
    return out


def _sweep(start: float, end: float, seconds: float, decay: float) -> array[float]:
    """A sine that falls from `start` to `end` Hz: the body of a drum."""
    out, phase = array("d"), 0.0
    for i in range(int(seconds * RATE)):
        t = i / RATE
        phase += TAU * (end + (start - end) * math.exp(-t / 0.025)) / RATE
        out.append(math.exp(-t / decay) * math.sin(phase))
    return out


def _layered(*layers: tuple[float, array[float]]) -> array[float]:
    out = array("d", bytes(8 * max(len(samples) for _, samples in layers)))
    for level, samples in layers:
        for i, x in enumerate(samples):
            out[i] += level * x
    return out


DRUMS: dict[str, Callable[[], array[float]]] = {
    "kick": lambda: _shaped(_sweep(130, 46, 0.35, 0.11), 0.002, 0.05),
    "snare": lambda: _layered((0.45, _sweep(240, 170, 0.2, 0.05)), (0.5, _noise(0.22, 0.055, bright=0.6, seed=2))),
    "brush": lambda: _shaped(_noise(0.25, 0.09, bright=0.8, seed=3), 0.03, 0.08),
    "rim": lambda: _layered((0.5, _sweep(1900, 1700, 0.05, 0.008)), (0.3, _noise(0.04, 0.006, bright=0.5, seed=4))),
    "hat": lambda: _shaped(_noise(0.09, 0.018, bright=1.0, seed=5), 0.001, 0.02),
    "open": lambda: _shaped(_noise(0.35, 0.1, bright=1.0, seed=6), 0.001, 0.1),
    "shaker": lambda: _shaped(_noise(0.1, 0.05, bright=1.0, seed=7), 0.03, 0.04),
    "dum": lambda: _layered((0.9, _sweep(150, 82, 0.4, 0.13)), (0.1, _noise(0.05, 0.01, bright=0.4, seed=8))),
    "tek": lambda: _layered((0.35, _sweep(620, 480, 0.12, 0.03)), (0.4, _noise(0.1, 0.018, bright=0.7, seed=9))),
    "clap": lambda: _layered(
        (0.5, _noise(0.2, 0.05, bright=0.75, seed=10)),
        (0.4, array("d", bytes(8 * 600)) + _noise(0.15, 0.05, bright=0.75, seed=11)),
    ),
}


@cache
def sound(instrument: str, midi: float, seconds: float) -> array[float]:
    """The samples of one note or drum stroke, at full level, mono."""
    if instrument in DRUMS:
        return DRUMS[instrument]()
    return INSTRUMENTS[instrument].render(440 * 2 ** ((midi - 69) / 12), seconds)


class Mixer:
    """Two channels and a mono send to the room; `master` makes the finished stereo samples of it."""

    def __init__(self, seconds: float) -> None:
        self._frames = int(seconds * RATE)
        self._left, self._right, self._send = (array("d", bytes(8 * self._frames)) for _ in range(3))

    def add(self, samples: array[float], *, at: float, level: float, pan: float, room: float) -> None:
        """Lay `samples` over what is there. `at` in seconds, `pan` from -1 (left) to 1, `room` 0 dry to 1."""
        start = max(0, int(at * RATE))
        end = min(start + len(samples), self._frames)
        angle = (pan + 1) * math.pi / 4  # constant power
        for channel, gain in (
            (self._left, level * math.cos(angle)),
            (self._right, level * math.sin(angle)),
            (self._send, level * room),
        ):
            if gain:
                channel[start:end] = array(
                    "d", [x + gain * y for x, y in zip(channel[start:end], samples, strict=False)]
                )

    def master(self, *, reverb: float, loudness: float) -> array[int]:
        """Interleaved 16-bit samples, at `loudness` RMS (of full scale 1) as far as soft peaks allow."""
        wet_left = _room(self._send, (1557, 1617, 1491, 1422), (225, 556), reverb)
        wet_right = _room(self._send, (1580, 1640, 1514, 1445), (248, 579), reverb)
        left = [x + y for x, y in zip(self._left, wet_left, strict=True)]
        right = [x + y for x, y in zip(self._right, wet_right, strict=True)]
        power = math.fsum(x * x for x in left) + math.fsum(x * x for x in right)
        gain = loudness / math.sqrt(power / (2 * self._frames))
        out, tanh = array("h"), math.tanh
        fade = int(0.4 * RATE)
        for i, (x, y) in enumerate(zip(left, right, strict=True)):
            end = min(1.0, (self._frames - i) / fade)
            out.append(int(24_500 * end * tanh(gain * x)))
            out.append(int(24_500 * end * tanh(gain * y)))
        return out


def _room(dry: array[float], combs: tuple[int, ...], passes: tuple[int, ...], feedback: float) -> array[float]:
    """Schroeder's reverberator: parallel combs for the tail, all-passes in series to thicken it.

    Each loop is worked off in blocks as long as its delay, which is what lets plain Python do it in no time.
    """
    wet = array("d", bytes(8 * len(dry)))
    for delay in combs:
        line = array("d", bytes(8 * delay))
        for start in range(0, len(dry), delay):
            block = dry[start : start + delay]
            line = array("d", [x + feedback * y for x, y in zip(block, line, strict=False)])
            wet[start : start + delay] = array(
                "d", [w + 0.16 * y for w, y in zip(wet[start : start + delay], line, strict=True)]
            )
    for delay in passes:
        line = array("d", bytes(8 * delay))
        for start in range(0, len(wet), delay):
            block = wet[start : start + delay]
            inner = array("d", [x + 0.5 * y for x, y in zip(block, line, strict=False)])
            wet[start : start + delay] = array("d", [y - 0.5 * x for x, y in zip(inner, line, strict=False)])
            line = inner
    return wet
