"""How far the changes of MPD's queue have been seen, while we change it ourselves. Pure."""


class SeenSpan:
    """What one pass over the queue has seen of its versions.

    Args:
        start: the version from which on changes are read in this pass.
    """

    def __init__(self, start: int) -> None:
        self._start = start
        self._first: int | None = None
        self._last: int | None = None

    @property
    def seen(self) -> int:
        """The version up to which nothing has to be read again.

        The last one when all changes were our own, and the first one that was read once somebody else came in between.
        """
        if self._first is None:
            return self._start
        return self._first if self._last is None else self._last

    def saw(self, version: int) -> None:
        """MPD reports `version` while we read."""
        if self._first is None:
            self._first = self._last = version
        elif version != self._last:
            self._last = None

    def did(self, before: int, after: int) -> None:
        """Our commands, and nobody else's, led from `before` to `after`."""
        self.saw(before)
        if self._last is not None:
            self._last = after

    def lost_track(self) -> None:
        """Others did come in between our commands, or may have."""
        self._last = None
