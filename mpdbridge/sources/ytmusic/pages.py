"""Whether all pages of an answer came, and a head that ytmusicapi can read.

ytmusicapi ends a list in silence when a page it was promised comes empty, or is promised in a form that it does not
know (its issue 734: of a thousand liked songs a hundred came).

To see the pages, its one method that asks (`_send_request`) is wrapped while a call lasts. Here alone anything private
of ytmusicapi is touched.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
_SECOND_LOOKS = 1  # at a page that came empty; mostly that is an accident, and it comes when it is asked for again
_ROW = "musicResponsiveListItemRenderer"
_MORE = "continuationItemRenderer"


@dataclass(slots=True)
class Pages:
    """The answers to one call.

    Attributes:
        rows: songs that stood in them.
        broke_off: the last one promised more than came, or was to bring more and did not.
        first: the first one, raw.
    """

    rows: int = 0
    broke_off: bool = False
    first: Json = field(default_factory=dict)


@contextmanager
def watched(music: Any) -> Iterator[Pages]:
    """Counts what `music`, a YTMusic, is answered."""
    pages = Pages()
    send: Callable[..., Json] = music._send_request  # noqa: SLF001  # see above

    def watching(endpoint: str, body: Json, additionalParams: str = "") -> Json:  # noqa: N803  # its own name
        asks_on = "continuation" in body or "ctoken=" in additionalParams
        answer = send(endpoint, body, additionalParams)
        for _ in range(_SECOND_LOOKS):
            if asks_on and not _rows(answer):
                answer = send(endpoint, body, additionalParams)
        _count_in_digits(answer)
        pages.first = pages.first or answer
        pages.rows += sum(_ROW in item for item in _rows(answer))
        pages.broke_off = _promises_more(answer) or (asks_on and not _rows(answer))  # unless it is asked on
        return answer

    music._send_request = watching  # noqa: SLF001  # on this object, so that all its methods ask through it
    try:
        yield pages
    finally:
        del music._send_request  # noqa: SLF001  # the class's own is found again


def resolve_url(music: Any, url: str) -> str | None:
    """The browse id of the page that YouTube shows at `url`, or None: InnerTube's `navigation/resolve_url`."""
    answer = music._send_request("navigation/resolve_url", {"url": url})  # noqa: SLF001  # see above
    found = _at(answer, "endpoint", "browseEndpoint", "browseId")
    return found if isinstance(found, str) else None


def is_artist(page: Json) -> bool:
    """Whether a channel's page is an artist's; other channels have another head."""
    return bool(_at(page, "header", "musicImmersiveHeaderRenderer"))


def _count_in_digits(answer: Json) -> None:
    """Of nothing a playlist's head tells in words ("No views", "No tracks"), over which ytmusicapi stumbles."""
    content = _at(answer, "contents", "twoColumnBrowseResultsRenderer", "tabs", 0, "tabRenderer", "content")
    head = _at(content, "sectionListRenderer", "contents", 0)
    head = _at(head, "musicEditablePlaylistDetailHeaderRenderer", "header") or head  # of a playlist of one's own
    for run in _at(head, "musicResponsiveHeaderRenderer", "secondSubtitle", "runs") or ():
        if isinstance(told := _at(run, "text"), str) and not re.search(r"\d", told):
            run["text"] = f"0 {told}"


def _rows(answer: Json) -> list[Json]:
    """The entries of a page, without the one that leads to the next page."""
    return [item for item in _items(answer) if _MORE not in item]


def _promises_more(answer: Json) -> bool:
    """Whether another page of a playlist is to follow, be it in a form that ytmusicapi does not know."""
    return any(_MORE in item for item in _items(answer))


def _items(answer: Json) -> list[Json]:
    """The entries of a page: of a playlist, or of a continuation of anything."""
    further = _at(answer, "continuationContents")
    shelf: Any = next(iter(further.values()), {}) if isinstance(further, dict) else {}
    found = (
        _at(answer, "onResponseReceivedActions", 0, "appendContinuationItemsAction", "continuationItems")
        or _at(shelf, "contents")
        or _at(shelf, "items")
        or _at(
            *(answer, "contents", "twoColumnBrowseResultsRenderer", "secondaryContents", "sectionListRenderer"),
            *("contents", 0, "musicPlaylistShelfRenderer", "contents"),
        )
    )
    return found if isinstance(found, list) else []


def _at(value: Any, *path: str | int) -> Any:
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value
