"""`mpdbridge watch`, the composition root: `parts` opens what all work with, `loops` is what runs, `running` runs it.

One exit stack holds what is open, one task group what runs; no other place starts tasks that outlive a call, but the
relay while it listens.
"""

from mpdbridge.daemon.running import run_watch

__all__ = ["run_watch"]
