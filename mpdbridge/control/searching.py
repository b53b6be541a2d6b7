"""`search`: asks YouTube Music, and remembers what it found, so that numbers mean the same results afterwards."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Self

from mpdbridge.control.tools import Tools
from mpdbridge.errors import ConfigError
from mpdbridge.models import ResultKind, SearchResult, Track
from mpdbridge.store import TrackStore

_LAST = "last_search"  # key of the note
_NUMBERS = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?")


@dataclass(frozen=True, slots=True)
class Search:
    """A question and what came of it.

    Attributes:
        kind: None asked for all kinds.
        limit: of results of each kind.
    """

    query: str
    kind: ResultKind | None
    limit: int
    results: tuple[SearchResult, ...]

    def pick(self, numbers: Iterable[int]) -> list[SearchResult]:
        """The results of these numbers, from 1.

        Raises:
            ConfigError: there is none of such a number.
        """
        chosen = list(numbers)
        for number in chosen:
            if not 1 <= number <= len(self.results):
                raise ConfigError(f"there is no result {number}: the search for {self.query!r} has {len(self.results)}")
        return [self.results[number - 1] for number in chosen]

    def to_json(self) -> dict[str, Any]:
        """All of it as a mapping that `json.dumps` takes; each result with its number."""
        results = [{"number": number, **asdict(one)} for number, one in enumerate(self.results, 1)]
        return {"query": self.query, "kind": self.kind, "limit": self.limit, "results": results}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(data["query"], data["kind"], data["limit"], tuple(map(_result, data["results"])))


def parse_numbers(text: str) -> list[int]:
    """The numbers in `3`, `1,4`, `2-5` or `1 4-6`, in their order.

    Raises:
        ConfigError: it is something else.
    """
    numbers: list[int] = []
    for part in re.split(r"[\s,]+", text.strip(" \t,")):
        found = _NUMBERS.fullmatch(part)
        span = range(int(found[1]), int(found[2] or found[1]) + 1) if found else range(0)
        if not span:  # no number, or from a later to an earlier one
            raise ConfigError(f"{text!r} is no number of a result; write e.g. 3, or 1,4-6")
        numbers += span
    return numbers


async def search(tools: Tools, query: str, kind: ResultKind | None, limit: int) -> Search:
    """Asks YouTube Music and remembers the answer; no login is needed.

    Raises:
        SourceError: it cannot be asked.
        StoreError: the TrackStore cannot be used.
    """
    found = Search(query, kind, limit, tuple(await tools.sources.music.search(query, kind, limit)))
    await tools.store.run(TrackStore.set_note, _LAST, json.dumps(found.to_json(), ensure_ascii=False))
    return found


async def last_search(tools: Tools) -> Search | None:
    """The search that was made last, by whichever command or client; None before the first."""
    note = await tools.store.run(TrackStore.note, _LAST)
    return Search.from_json(json.loads(note)) if note else None


def _result(data: dict[str, Any]) -> SearchResult:
    track = data["track"]
    fields = {key: value for key, value in data.items() if key not in ("number", "track")}
    return SearchResult(**fields, track=track and Track(**{**track, "artists": tuple(track["artists"])}))
