"""How long upstream's troubles are kept from the listener, and how long a listener may stand still."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Waiting times, in seconds.

    Attributes:
        first_byte: a client is held for the first byte, resolving included; then 504. MPD was seen to wait 35 s for
            headers; it answers none of its clients meanwhile, so it is not held longer for what may never come.
        silence: upstream is taken up anew after so long without a byte, and is given as much again with every further
            try: a stalled connection is replaced while MPD still plays what it has (two of them within the 20 s that
            it bears at the least), and one that is merely slow to start gets its chance.
        retries: before each further try at the same byte; the count starts anew with every byte that comes.
        longest_retry: upstream may ask for a longer wait (Retry-After), up to this; then the stream ends.
        stall: a client that takes nothing for so long is slow: what upstream can give again is not held for it, and it
            gets its audio in short ranges.
        pause: a client that takes nothing for so long is on a pause, and nothing is held for it at all. Short of that
            it is a buffer that runs full: 45 s at 160 kbit/s are 900 kB, more than MPD's window of 512 KiB.
        refused: a track that upstream refuses also with a fresh URL is not asked for again for so long. Minutes: it is
            not gone, but a queue on repeat must not ask for it with every round.
        cover: whoever asks for a cover is held for so long, under all three names taken together; then 404. MPD answers
            none of its clients meanwhile.
    """

    first_byte: float = 35.0
    silence: float = 5.0
    retries: Sequence[float] = (1.0, 2.0, 4.0)
    longest_retry: float = 15.0
    stall: float = 0.25
    pause: float = 45.0
    refused: float = 300.0
    cover: float = 2.5
