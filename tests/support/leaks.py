"""What a process holds, to see that it does not grow."""

import re
import subprocess
from pathlib import Path


def open_descriptors() -> int:
    """Of this process."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def resident(pid: int | str = "self") -> int:
    """KiB of memory that a process has in use."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def in_kernel(port: int, *upstream_ports: int) -> float:
    """KiB that the kernel holds for a relay's ends of its connections: queued, waiting, and set aside (ss(8))."""
    listing = subprocess.run(["ss", "-tmnHO"], capture_output=True, text=True, check=True).stdout
    upstreams = tuple(f":{number}" for number in upstream_ports)
    total = 0
    for line in listing.splitlines():
        local, peer = line.split()[3:5]
        if local.endswith(f":{port}") or peer.endswith(upstreams):
            memory = dict(re.findall(r"([a-z]+)(\d+)", line.partition("skmem:(")[2]))
            total += sum(_signed(int(memory.get(kind, 0))) for kind in ("r", "w", "f"))  # a closing one has none
    return total / 1024


def _signed(number: int) -> int:
    """What ss prints without a sign: what is set aside may be less than what is in use already."""
    return number - 2**32 if number >= 2**31 else number
