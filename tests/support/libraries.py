"""Random music libraries, what becomes of them from one sync to the next, and what their sources answer."""

from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from mpdbridge.errors import SourceError
from mpdbridge.models import Playlist, PlaylistRef, Track
from mpdbridge.sources import Offer

NAMES = ["Mix", "Mix (2)", "Road/Trip", "夜", "", "mix", 'quo"te\\', "a\nclear\n"]
SOURCES = ["first", "second"]


@dataclass(frozen=True)
class Shelf:
    """A playlist at its source, and how the source answers for it today: "well", "short", "empty" or "fails"."""

    playlist_id: str
    name: str
    numbers: tuple[int, ...]
    answer: str = "well"


@dataclass(frozen=True)
class Library:
    """What one source has today. A broken one answers nothing at all, a lacking one perhaps not all it has."""

    source: str
    shelves: tuple[Shelf, ...] = ()
    broken: bool = False
    lacking: str = ""


def track(number: int, source: str = "first") -> Track:
    return Track(f"track{number:08}", f"Title {number}", ("Somebody",), duration=60.0 + number, source=source)


@dataclass
class LibrarySource:
    """A Source that answers from a Library."""

    library: Library
    asked: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.library.source

    async def playlists(self) -> Offer:
        if self.library.broken:
            raise SourceError(f"{self.name}: out of order")
        return Offer(tuple(self._ref(shelf) for shelf in self.library.shelves), self.library.lacking)

    async def fetch(self, ref: PlaylistRef) -> Playlist:
        self.asked.append(ref.playlist_id)
        shelf = next(shelf for shelf in self.library.shelves if shelf.playlist_id == ref.playlist_id)
        if shelf.answer == "fails":
            raise SourceError(f"{ref.playlist_id}: no answer")
        return Playlist(ref, tuple(track(number, self.name) for number in answered(shelf)))

    async def lookup(self, link: str) -> Playlist | None:
        return None

    def _ref(self, shelf: Shelf) -> PlaylistRef:
        return PlaylistRef(self.name, shelf.playlist_id, shelf.name, announced=len(shelf.numbers))


def answered(shelf: Shelf) -> tuple[int, ...]:
    """The tracks that the source hands out today."""
    return {"short": shelf.numbers[:-1], "empty": (), "fails": ()}.get(shelf.answer, shelf.numbers)


def is_healthy(shelf: Shelf) -> bool:
    """Whether today's answer is all there is, and something at all."""
    return shelf.answer == "well" and bool(shelf.numbers)


answers = st.sampled_from(["well", "well", "well", "well", "short", "empty", "fails"])
health = st.sampled_from([*[{}] * 4, {"broken": True}, {"lacking": "the login is dead"}])
numbers = st.lists(st.integers(1, 9), max_size=6).map(tuple)


@st.composite
def shelves(draw: st.DrawFn, playlist_id: str) -> Shelf:
    return Shelf(playlist_id, draw(st.sampled_from(NAMES)), draw(numbers), draw(answers))


@st.composite
def libraries(draw: st.DrawFn, source: str) -> Library:
    ids = draw(st.lists(st.sampled_from("ABCDE"), unique=True, max_size=5))
    return Library(source, tuple(draw(shelves(one)) for one in ids), **draw(health))


@st.composite
def edited(draw: st.DrawFn, library: Library) -> Library:
    """The library some time later: most of it as it was, so that small edits, swaps and renames happen."""
    kept = []
    for shelf in library.shelves:
        edit = draw(st.sampled_from(["same", "same", "gone", "renamed", "changed", "any"]))
        if edit == "renamed":
            kept.append(replace(shelf, name=draw(st.sampled_from(NAMES)), answer=draw(answers)))
        elif edit == "changed":
            kept.append(replace(shelf, numbers=draw(numbers), answer=draw(answers)))
        elif edit == "any":
            kept.append(draw(shelves(shelf.playlist_id)))
        elif edit == "same":
            kept.append(replace(shelf, answer=draw(answers)))
    known = {shelf.playlist_id for shelf in library.shelves}
    kept += [draw(shelves(one)) for one in draw(st.sets(st.sampled_from("ABCDE"), max_size=2)) if one not in known]
    return Library(library.source, tuple(draw(st.permutations(kept))), **draw(health))


@st.composite
def histories(draw: st.DrawFn, days: int = 4) -> list[list[Library]]:
    """The libraries of all sources, day by day."""
    today = [draw(libraries(source)) for source in SOURCES]
    history = [today]
    for _ in range(draw(st.integers(1, days - 1))):
        today = [draw(edited(library)) for library in today]
        history.append(today)
    return history
