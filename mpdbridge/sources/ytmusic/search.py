"""Search: which requests are made, and what their rows say. Runs in the client's thread; the parsing is pure."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, get_args

from mpdbridge.models import ResultKind, SearchResult
from mpdbridge.sources.ytmusic.fields import Row
from mpdbridge.sources.ytmusic.search_results import search_result

_KINDS: tuple[ResultKind, ...] = get_args(ResultKind)


def search(music: Any, query: str, kind: ResultKind | None, limit: int) -> list[SearchResult]:
    """What YouTube Music finds: one request for each page of a kind; for all kinds one more, which tells a few of each.

    Args:
        music: the YTMusic object.
        query: what a user types.
        kind: only results of this kind.
        limit: at most so many of each kind.
    """
    if kind is not None:
        return results(_of_kind(music, query, kind, limit), limit, only=kind)
    mixed = music.search(query)
    songs = _of_kind(music, query, "song", limit)
    return results([*mixed[:1], *songs, *mixed[1:]], limit)  # what it thinks best comes first among its kind


def results(rows: Iterable[Row], limit: int, *, only: ResultKind | None = None) -> list[SearchResult]:
    """Rows of YTMusic.search by kind, each once, at most `limit` of a kind; without those that nobody can play."""
    found: dict[ResultKind, dict[str, SearchResult]] = {kind: {} for kind in _KINDS}
    for one in filter(None, map(search_result, rows)):
        found[one.kind].setdefault(one.link, one)
    kinds = _KINDS if only is None else (only,)
    return [one for kind in kinds for one in list(found[kind].values())[:limit]]


def _of_kind(music: Any, query: str, kind: ResultKind, limit: int) -> list[Row]:
    with _in_english(music):
        rows: list[Row] = music.search(query, filter=f"{kind}s", limit=limit)
    return rows


@contextmanager
def _in_english(music: Any) -> Iterator[None]:
    """Ends with the language as it was.

    ytmusicapi 1.12 compares the heading of the results, which is translated, with the English filter (its issue #1006),
    and returns none of them in most other languages.
    """
    client = music.context["context"]["client"]
    before = client["hl"]
    client["hl"] = "en"
    try:
        yield
    finally:
        client["hl"] = before
