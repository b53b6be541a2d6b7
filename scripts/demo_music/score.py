"""From written music to sound: the notation of `pieces.toml`, chords, and the players of an accompaniment.

Notation of a line: `c5:1.5` is a pitch and its beats, the beats last until others are given, `r` rests, `|` is only
for the eye. Chords: one bar each, `Dm7/G13` shares a bar. Drums: one letter per step, sixteen or twelve to the bar:
`x` stroke, `o` soft stroke, `.` nothing.
"""

from __future__ import annotations  # array[float] is for the reader: before 3.12 it cannot be evaluated

import random
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo_music.synth import Mixer, sound

if TYPE_CHECKING:
    from array import array

_PITCHES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_ACCIDENTALS = {"": 0, "#": 1, "b": -1}
_CHORDS = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "5": (0, 7, 12),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "add9": (0, 4, 7, 14),
    "m9": (0, 3, 10, 14),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "maj9": (0, 4, 11, 14),
    "7": (0, 4, 7, 10),
    "9": (0, 4, 10, 14),
    "13": (0, 4, 10, 21),
    "7b9": (0, 4, 10, 13),
    "m6": (0, 3, 7, 9),
    "6": (0, 4, 7, 9),
    "m7b5": (0, 3, 6, 10),
}


@dataclass(frozen=True)
class Part:
    """One player.

    Attributes:
        kind: "line" (text is a melody), "drum" (text is steps), or how chords are played: "hold", "arpeggio", "bossa",
            "offbeat", "strum", "bass", "walk", "pulse", "waltz".
        instrument: a key of `synth.INSTRUMENTS` or `synth.DRUMS`.
        octave: shifts chords; 4 puts the root of C at middle C.
    """

    kind: str
    instrument: str
    text: str = ""
    level: float = 0.5
    pan: float = 0.0
    room: float = 0.2
    octave: int = 4


@dataclass(frozen=True)
class Piece:
    """A piece of music with its tags; `name` is its file name without suffix and its track id."""

    name: str
    suffix: str
    title: str
    cover: str
    bpm: float
    chords: str
    parts: tuple[Part, ...]
    artists: tuple[str, ...] = ()
    album: str | None = None
    track: int | None = None
    date: str | None = None
    beats: int = 4
    reverb: float = 0.82
    loudness: float = 0.16
    swing: float = 0.0
    tail: float = 1.6

    @property
    def bars(self) -> list[list[tuple[int, tuple[int, ...]]]]:
        """The chords of each bar as (root pitch class, intervals)."""
        return [[_chord(name) for name in bar.split("/")] for bar in self.chords.split()]

    @property
    def seconds(self) -> float:
        return len(self.bars) * self.beats * 60 / self.bpm + self.tail


def load() -> tuple[list[Piece], list[dict[str, Any]]]:
    """The pieces and playlists of `pieces.toml`."""
    book = tomllib.loads(Path(__file__).with_name("pieces.toml").read_text(encoding="utf-8"))
    return [_piece(**row) for row in book["piece"]], book["playlist"]


def _piece(*, parts: list[dict[str, Any]], artists: list[str] | None = None, **fields: Any) -> Piece:
    return Piece(parts=tuple(Part(**part) for part in parts), artists=tuple(artists or ()), **fields)


def pitch(name: str) -> int:
    """MIDI number of `c4`, `f#3`, `bb5`."""
    letter, accidental, octave = re.fullmatch(r"([a-g])([#b]?)(-?\d)", name).groups()
    return 12 * (int(octave) + 1) + _PITCHES[letter] + _ACCIDENTALS[accidental]


def _chord(name: str) -> tuple[int, tuple[int, ...]]:
    letter, accidental, quality = re.fullmatch(r"([A-G])([#b]?)(.*)", name).groups()
    return (_PITCHES[letter.lower()] + _ACCIDENTALS[accidental]) % 12, _CHORDS[quality]


Event = tuple[float, int, float, float]  # beat, MIDI pitch, beats, level


def _line(piece: Piece, part: Part) -> list[Event]:
    events, at, beats = [], 0.0, 1.0
    for token in part.text.replace("|", " ").split():
        name, _, length = token.partition(":")
        beats = float(length) if length else beats
        if name != "r":
            events.append((at, pitch(name), beats * 0.94, 1.0))
        at += beats
    total = len(piece.bars) * piece.beats
    if abs(at - total) > 0.05:
        raise ValueError(f"{piece.name}: the {part.instrument} plays {at} of {total} beats")
    return events


def _drum(piece: Piece, part: Part) -> list[Event]:
    bars = part.text.split()
    events = []
    for bar in range(len(piece.bars)):
        steps = bars[bar % len(bars)]
        for step, mark in enumerate(steps):
            if mark != ".":
                at = bar * piece.beats + step * piece.beats / len(steps)
                events.append((at, 0, 0.0, 1.0 if mark == "x" else 0.45))
    return events


def _voiced(root: int, intervals: tuple[int, ...], octave: int, previous: list[int]) -> list[int]:
    """The chord in the inversion nearest to the one before: hands move little, and so do ears."""
    base = [12 * (octave + 1) + root + i for i in intervals]
    if not previous:
        return sorted(base)
    centre = sum(previous) / len(previous)
    return sorted(min((p + 12 * k for k in (-2, -1, 0, 1)), key=lambda q: abs(q - centre)) for p in base)


# Where in a bar of four a style strikes, and for how long: (beat, beats, level).
_RHYTHMS = {
    "bossa": ((0, 0.9, 0.8), (1.5, 0.4, 0.6), (2.5, 0.9, 0.8), (3.5, 0.4, 0.6)),
    "offbeat": ((0.5, 0.3, 0.7), (1.5, 0.3, 0.6), (2.5, 0.3, 0.7), (3.5, 0.3, 0.6)),
    "strum": ((0, 1.4, 1.0), (1.5, 0.4, 0.5), (2, 0.9, 0.8), (3, 0.4, 0.6), (3.5, 0.4, 0.5)),
    "waltz": ((1, 0.8, 0.8), (2, 0.7, 0.6)),
}


def _comp(piece: Piece, part: Part) -> list[Event]:
    """Chords: held, in a rhythm, or broken."""
    events: list[Event] = []
    notes: list[int] = []
    for number, bar in enumerate(piece.bars):
        share = piece.beats / len(bar)
        for place, (root, intervals) in enumerate(bar):
            notes = _voiced(root, intervals, part.octave, notes)
            start = number * piece.beats + place * share
            if part.kind == "hold":
                events += [(start, note, share * 0.99, 1.0) for note in notes]
            elif part.kind == "arpeggio":
                order = [*notes, notes[0] + 12, *reversed(notes[1:])]
                steps = int(share * 2)
                events += [
                    (start + i / 2, order[i % len(order)], 0.9, 1.0 if i % 4 == 0 else 0.75) for i in range(steps)
                ]
            else:
                for beat, beats, level in _RHYTHMS[part.kind]:
                    if beat < share:
                        events += [(start + beat + 0.018 * i, note, beats, level) for i, note in enumerate(notes)]
    return events


def _bass(piece: Piece, part: Part) -> list[Event]:
    """Bass lines over the chords: root and fifth, walking towards the next root, or pulsing eighths."""
    chords = [
        (n * piece.beats + i * piece.beats / len(bar), piece.beats / len(bar), chord)
        for n, bar in enumerate(piece.bars)
        for i, chord in enumerate(bar)
    ]
    events: list[Event] = []
    for number, (start, share, (root, intervals)) in enumerate(chords):
        low = 12 * (part.octave + 1) + root - (12 if root > 7 else 0)
        third, fifth = low + intervals[1] % 12, low + (6 if 6 in intervals else 7)
        if part.kind == "pulse":
            events += [(start + i / 2, low + (12 if i % 4 == 3 else 0), 0.42, 1.0) for i in range(int(share * 2))]
        elif part.kind == "walk" and share == 4:
            after = chords[(number + 1) % len(chords)][2][0]
            target = low + (after - root + 6) % 12 - 6
            step = target + (1 if target <= fifth else -1)
            events += [(start + i, note, 0.9, 0.9) for i, note in enumerate((low, third, fifth, step))]
        elif piece.beats == 3:
            events.append((start, low, share * 0.87, 1.0))
        elif share >= 4:
            events += [
                (start, low, 1.4, 1.0),
                (start + 1.5, fifth, 0.45, 0.7),
                (start + 2, fifth, 1.4, 0.9),
                (start + 3.5, low, 0.45, 0.7),
            ]
        else:
            events.append((start, low, share * 0.9, 1.0))
    return events


def _events(piece: Piece, part: Part) -> list[Event]:
    players = {"line": _line, "drum": _drum, "bass": _bass, "walk": _bass, "pulse": _bass}
    return players.get(part.kind, _comp)(piece, part)


def perform(piece: Piece) -> array[int]:
    """The finished stereo samples of a piece; a little late or soft here and there, as people play."""
    mixer = Mixer(piece.seconds)
    human = random.Random(piece.name)
    beat = 60 / piece.bpm
    for part in piece.parts:
        for at, midi, beats, level in _events(piece, part):
            off = at % 1
            swung = at + piece.swing if abs(off - 0.5) < 0.02 else at
            mixer.add(
                sound(part.instrument, midi, round(beats * beat, 3)),
                at=swung * beat + human.uniform(0, 0.009),
                level=part.level * level * human.uniform(0.86, 1.0),
                pan=part.pan,
                room=part.room,
            )
    return mixer.master(reverb=piece.reverb, loudness=piece.loudness)
