"""What a process holds, to see that it does not grow."""

import re
from pathlib import Path


def open_descriptors() -> int:
    """Of this process."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def resident(pid: int | str = "self") -> int:
    """KiB of memory that a process has in use."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])
