"""What a service manager is told, as sd_notify(3) says it: datagrams of `NAME=value` lines on $NOTIFY_SOCKET."""

import os
import socket
from collections.abc import Mapping

from mpdbridge.logs import Troubles, get_logger
from mpdbridge.text import one_line

log = get_logger(__name__)


class ServiceManager:
    """The manager that has started this process, if one has; else all that is told goes nowhere.

    Attributes:
        watchdog: seconds within which it wants a sign of life, again and again; None when it wants none.
    """

    def __init__(self, env: Mapping[str, str] = os.environ) -> None:
        address = env.get("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._troubles = Troubles()
        self.watchdog = _watchdog(env) if self.present else None

    @property
    def present(self) -> bool:
        return self._address.startswith(("/", "\0"))

    def ready(self) -> None:
        """We do what we are here for."""
        self._tell("READY=1")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def alive(self, status: str) -> None:
        """A sign of life, with one line on how we are."""
        self._tell("WATCHDOG=1", f"STATUS={one_line(status)}")

    def status(self, line: str) -> None:
        """How we are by now."""
        self._tell(f"STATUS={one_line(line)}")

    def _tell(self, *lines: str) -> None:
        """Never waits. A manager that takes nothing is no reason to stop playing."""
        if not self.present:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to:
                to.settimeout(0)
                to.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            if self._troubles.begins("", str(error)):
                log.warning("the service manager hears nothing", reason=error.strerror or str(error))
        else:
            self._troubles.ends("")


def _watchdog(env: Mapping[str, str]) -> float | None:
    """As sd_watchdog_enabled(3) reads it: $WATCHDOG_PID, where it is set, has to mean us."""
    microseconds, pid = env.get("WATCHDOG_USEC", ""), env.get("WATCHDOG_PID", "")
    if not (microseconds.isascii() and microseconds.isdigit() and int(microseconds)):
        return None
    return int(microseconds) / 1e6 if pid in {"", str(os.getpid())} else None
