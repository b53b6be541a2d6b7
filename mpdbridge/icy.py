"""ICY metadata: titles interleaved with audio, as SHOUTcast began it and every radio client understands it.

After every `metaint` bytes of audio stands one block: a raw length byte n, then n * 16 bytes of text padded with
zeros. n = 0 means "nothing new". Pure: bytes in, bytes out. The audio is only sliced and joined, never walked through.
"""

from mpdbridge.text import cut_utf8, one_line

METAINT = 16_000  # the value Icecast uses; smaller costs CPU, larger delays titles
_OPEN, _CLOSE = b"StreamTitle='", b"';"
_UNIT = 16
_MOST = 255 * _UNIT  # what one length byte can tell
_NOTHING_NEW = b"\0"


def safe_title(title: str) -> str:
    """`title` as it can stand in a StreamTitle: one line, without anything that a client takes for the closing `';`.

    Quotes become typographic ones. A leading `;` becomes a full-width one, because ffmpeg looks for `';` from the
    opening quote on.
    """
    text = one_line(title).replace("'", "’")
    if text.startswith(";"):
        text = "；" + text[1:]
    return cut_utf8(text, _MOST - len(_OPEN) - len(_CLOSE))


def stream_title_block(title: str) -> bytes:
    """The metadata block that announces `title`: length byte, text, padding; at most 1 + 4080 bytes."""
    text = _OPEN + safe_title(title).encode() + _CLOSE
    units = -(-len(text) // _UNIT)
    return bytes((units,)) + text.ljust(units * _UNIT, b"\0")


class IcyEncoder:
    """Weaves title blocks into audio; one per response.

    The title stands in the first block and in the next one after it changed; all other blocks are one zero byte.
    """

    def __init__(self, *, metaint: int = METAINT, title: str) -> None:
        self._metaint = metaint
        self._left = metaint  # bytes of audio until the next block
        self._said = _NOTHING_NEW
        self.title = title

    @property
    def title(self) -> str:
        """What is announced; set it, and the next block tells."""
        return self._title

    @title.setter
    def title(self, title: str) -> None:
        self._title = title
        block = stream_title_block(title)
        self._block = _NOTHING_NEW if block == self._said else block

    def feed(self, chunk: bytes | memoryview) -> bytes:
        """`chunk`, with every block that is due in it. A block stands at the end of its interval, never held back."""
        return b"".join(self.weave(chunk))

    def weave(self, chunk: bytes | memoryview) -> list[bytes | memoryview]:
        """The pieces of what `feed` gives, for who has more to join."""
        if len(chunk) < self._left:
            self._left -= len(chunk)
            return [chunk]
        view = memoryview(chunk)
        pieces: list[bytes | memoryview] = []
        start, due = 0, self._left
        while due <= len(view):
            pieces += (view[start:due], self._next_block())
            start, due = due, due + self._metaint
        pieces.append(view[start:])
        self._left = due - len(view)
        return pieces

    def _next_block(self) -> bytes:
        block, self._block = self._block, _NOTHING_NEW
        if block != _NOTHING_NEW:
            self._said = block
        return block
