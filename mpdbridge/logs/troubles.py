"""What is wrong at present, so that it is logged when it begins and when it ends, and not every time in between."""

import re
from collections.abc import Mapping

_NUMBERS = re.compile(r"\d+")  # minutes to go, bytes, ports: not what makes it another trouble
_MOST = 1000


class Troubles:
    """Remembers each trouble, and tells whether it is news. The oldest are forgotten when there are very many."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}

    def begins(self, what: str, reason: str) -> bool:
        """`what` is in trouble. Returns whether that is news: it was well, or for another reason not."""
        before = self._reasons.pop(what, None)
        self._reasons[what] = reason
        if len(self._reasons) > _MOST:
            del self._reasons[next(iter(self._reasons))]
        return before is None or _NUMBERS.sub("", before) != _NUMBERS.sub("", reason)

    def ends(self, what: str) -> str | None:
        """`what` is well. Returns the reason why it was not, or None if it was."""
        return self._reasons.pop(what, None)

    def are(self, found: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """All troubles that there are now, reason by subject. Returns those that are news, and those that are over."""
        over = {what: self._reasons.pop(what) for what in self._reasons.keys() - found.keys()}
        return {what: reason for what, reason in found.items() if self.begins(what, reason)}, over
