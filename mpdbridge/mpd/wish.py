"""Whether a queue entry that MPD itself cannot play was asked to play, from what MPD's `status` shows of it. Pure.

Someone adds a link to a web page and starts it. MPD fetches the page, finds no music in it, and stops with an error or
goes on to the next song; in the meantime it may answer nobody. So by the time we look, the wish has to be read off
where MPD has come to stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Player:
    """What `status` shows.

    Attributes:
        state: play, pause or stop.
        song_id: of the current song.
        position: of the current song in the queue.
        length: of the queue.
        version: of the queue.
        error: what MPD shows of its last failure, which names the URI; empty when there was none.
    """

    state: str
    song_id: str | None = None
    position: int | None = None
    length: int = 0
    version: int = 0
    error: str = ""
    random: bool = False
    repeat: bool = False

    @classmethod
    def of(cls, status: Mapping[str, str]) -> Self:
        """From the pairs of `status`."""
        return cls(
            state=status["state"],
            song_id=status.get("songid"),
            position=int(status["song"]) if "song" in status else None,
            length=int(status["playlistlength"]),
            version=int(status["playlist"]),
            error=status.get("error", ""),
            random=status["random"] == "1",
            repeat=status["repeat"] == "1",
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """The entry as it was before this look at it.

    Attributes:
        uri: of the entry.
        position: where it stands now.
        new: it was not there at the last look.
        stand: what `standing_for` said at the last look.
    """

    song_id: str
    uri: str
    position: int
    new: bool
    stand: str | None = None


def standing_for(entry: Seen, before: Player, now: Player) -> str | None:
    """The id of the song that MPD stands at because it was asked to play `entry`; None when it was not.

    That is the entry itself, or the song that MPD went on to. A stop without an error, or a start of any other song, is
    somebody's newer wish.
    """
    tried = entry.stand == entry.song_id
    if now.state == "stop" and now.song_id in {entry.song_id, None}:  # no song: it was the last one of the queue
        just_now = entry.new or tried or now.error != before.error
        return entry.song_id if entry.uri in now.error and just_now else None
    if now.song_id == entry.song_id:
        return entry.song_id if now.state == "play" else None
    if now.state != "play" or now.song_id is None:
        return None
    if now.song_id == entry.stand:
        return entry.stand
    passed_over = entry.new and now.song_id != before.song_id and not now.random
    if tried or passed_over:
        return now.song_id if _follows(entry, now) or (tried and now.random) else None
    return None


@dataclass(frozen=True, slots=True)
class Wish:
    """What is known of an entry's wish to be played, while the entry is being replaced.

    Attributes:
        entry: as it was at the last look.
        before: where MPD stood then.
    """

    entry: Seen
    before: Player

    def stands(self, now: Player, position: int) -> bool:
        """Whether the entry, at `position` by now, is to play."""
        return standing_for(replace(self.entry, position=position), self.before, now) is not None


def _follows(entry: Seen, now: Player) -> bool:
    wrapped = now.repeat and now.position == 0 and entry.position == now.length - 1
    return wrapped or now.position == entry.position + 1
