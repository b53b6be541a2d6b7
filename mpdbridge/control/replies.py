"""What a verb answers, and how that travels over a channel of MPD, whose messages are short lines. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from mpdbridge.text import cut_utf8

_PIECE = 3500  # bytes; escaped they may double, and a command line of MPD has 8,191
_MORE, _LAST = "+", "."


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Attributes:
        lines: for a person.
        data: the same for a program.
        failed: it was not done; the lines say why.
    """

    lines: tuple[str, ...]
    data: Mapping[str, Any] = field(default_factory=dict)
    failed: bool = False

    def messages(self) -> list[str]:
        """All of it as messages for a program; `from_messages` reads them."""
        text = json.dumps({"lines": self.lines, "data": dict(self.data), "failed": self.failed})
        pieces = list(_pieces(text))
        return [*(_MORE + piece for piece in pieces[:-1]), _LAST + pieces[-1]]

    @classmethod
    def from_messages(cls, messages: Iterable[str]) -> Self | None:
        """The reply that came in these messages, or None while more are to come."""
        text = ""
        for message in messages:
            text += message[1:]
            if message.startswith(_LAST):
                found = json.loads(text)
                return cls(tuple(found["lines"]), found["data"], found["failed"])
        return None


def _pieces(text: str) -> Iterator[str]:
    while text:
        piece = cut_utf8(text, _PIECE)
        yield piece
        text = text[len(piece) :]
