"""A client's side of ICY metadata, which a radio player has and we have not."""

from mpdbridge.icy import METAINT


class IcyDecoder:
    """Takes apart what an IcyEncoder, or any radio station, sends."""

    def __init__(self, *, metaint: int = METAINT) -> None:
        self._metaint = metaint
        self._left = metaint
        self._block = bytearray()  # the length byte and what came of its block

    def feed(self, chunk: bytes | memoryview) -> list[bytes | str]:
        """Audio as bytes and titles as str, in the order they came; blocks without a StreamTitle are left out."""
        found: list[bytes | str] = []
        rest = memoryview(chunk)
        while rest:
            if self._left:
                found.append(bytes(rest[: self._left]))
                rest = rest[self._left :]
                self._left -= len(found[-1])
                continue
            wanted = 1 if not self._block else 1 + self._block[0] * 16 - len(self._block)
            self._block += rest[:wanted]
            rest = rest[wanted:]
            if len(self._block) == 1 + self._block[0] * 16:
                title = _title_of(self._block[1:])
                found += [] if title is None else [title]
                self._block.clear()
                self._left = self._metaint
        return found


def _title_of(text: bytes | bytearray) -> str | None:
    _, opening, title = text.partition(b"StreamTitle='")
    return title.partition(b"';")[0].decode("utf-8", "replace") if opening else None
