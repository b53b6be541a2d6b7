"""What an endless radio appends, and when. Pure."""

from collections.abc import Collection, Iterable, Mapping

from mpdbridge.models import Track

_REMEMBERED = 1000  # suggestions; some days of music


def left_to_play(status: Mapping[str, str], below: int) -> range | None:
    """The positions of the songs that decide whether the queue is ours: the current one and what is left to play.

    None while nothing is to be appended: MPD does not play, will play something again by itself, or has `below` songs
    and more to go. In random mode it does not tell how many those are, so there it is the last one that counts, and all
    songs decide.
    """
    if status["state"] != "play" or "song" not in status or status["repeat"] == "1" or status["single"] != "0":
        return None
    current, length = int(status["song"]), int(status["playlistlength"])
    if status["random"] == "1":
        return None if "nextsong" in status else range(length)
    return range(current, length) if length - current - 1 < below else None


class Heard:
    """Which tracks have been suggested before, as far as a bounded memory goes."""

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        self._remembered = remembered
        self._keys: dict[str, None] = {}  # oldest first

    def new(self, suggested: Iterable[Track], queue: Collection[Track]) -> list[Track]:
        """Those of `suggested` that are neither in `queue` nor were heard before, each once, in their order.

        A song's video counts as the song: same artist, same title.
        """
        known = {key for track in queue for key in _keys(track)} | self._keys.keys()
        fresh = []
        for track in suggested:
            keys = _keys(track)
            if known.isdisjoint(keys):
                fresh.append(track)
                known |= keys
        return fresh

    def remember(self, tracks: Iterable[Track]) -> None:
        """They count as heard from now on."""
        for track in tracks:
            for key in _keys(track):
                self._keys.pop(key, None)
                self._keys[key] = None
        while len(self._keys) > 2 * self._remembered:
            del self._keys[next(iter(self._keys))]


def _keys(track: Track) -> set[str]:
    named = track.title and track.artists
    return {track.track_id} | ({f"{track.artists[0]}\n{track.title}".casefold()} if named else set())
