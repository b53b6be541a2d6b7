"""Which playlists are wanted: the filters of the configuration and of the command line. Pure."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from mpdbridge.models import PlaylistRef


def matches(ref: PlaylistRef, patterns: Iterable[str], *, also: str | None = None) -> bool:
    """Whether the name or id of `ref` (or `also`, its name in MPD) is, or fits, one of the shell `patterns`.

    A pattern that equals a name always fits, so `Best [2020]` finds the playlist of that name.
    """
    known = [ref.name, ref.playlist_id, *([also] if also is not None else [])]
    return any(text == pattern or fnmatchcase(text, pattern) for pattern in patterns for text in known)


def wanted(ref: PlaylistRef, include: Sequence[str], exclude: Sequence[str]) -> bool:
    """What the configuration says: everything when `include` is empty, never what `exclude` names."""
    return (not include or matches(ref, include)) and not matches(ref, exclude)
