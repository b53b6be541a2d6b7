"""Lines for systemd's journal: each with its level in front, as sd-daemon(3) says it; the time is noted there."""

import os
from typing import TextIO

_PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}  # syslog(3)


def is_journal(stream: TextIO) -> bool:
    """Whether what is written there comes into the journal, which $JOURNAL_STREAM tells (systemd.exec(5))."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):  # no file, or a closed one
        return False
    # Every child inherits the variable, whatever it writes to.
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def with_level(text: str, level: str) -> str:
    """`text`, each line of which becomes an entry of its own in the journal, at this level."""
    mark = f"<{_PRIORITIES.get(level, 6)}>"
    return mark + text.replace("\n", f"\n{mark}")
