"""The `mpdbridge` command. It parses, calls, and prints; what is done stands in the other rooms.

Modules of commands import nothing heavy at their top, so that `--help` and shell completion are instant.
"""

from mpdbridge.cli.app import main

__all__ = ["main"]
