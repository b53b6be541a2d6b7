"""Which name each playlist gets in MPD. Pure: names in, names out.

A name once given stays as long as the playlist keeps its name at the source, so that a double that was "Mix (2)"
yesterday is "Mix (2)" tomorrow, in whatever order the source lists its playlists.
"""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from unicodedata import normalize

from mpdbridge.models import PlaylistRef
from mpdbridge.mpd.names import legal_name
from mpdbridge.text import cut_utf8

Key = tuple[str, str]
"""(source, playlist_id): what a playlist is known by."""

_NUMBERED = re.compile(r" \((\d{1,6})\)$")


def key_of(ref: PlaylistRef) -> Key:
    return ref.source, ref.playlist_id


def base_name(ref: PlaylistRef, prefix: str) -> str:
    """The name that `ref` gets in MPD when it is the only one that wants it."""
    return legal_name(prefix + (ref.name.strip() or ref.playlist_id))


def numbered(base: str, number: int) -> str:
    """`base` for number 1, `base (2)` for the second of that name, and so on; as legal as `base` is."""
    if number == 1:
        return base
    suffix = f" ({number})"
    name = legal_name(base + suffix)
    # A name at its full length would lose the number again.
    return name if name.endswith(suffix) else legal_name(cut_utf8(base, len(base.encode()) - len(suffix)) + suffix)


def folded(name: str) -> str:
    """What is the same for names that are one file where the case of letters, or how accents are written, is ignored.

    macOS, FAT and SMB do so: MPD's playlist `mix` is the user's `Mix` there.
    """
    return normalize("NFD", normalize("NFD", name).casefold())


def is_form_of(name: str, base: str) -> bool:
    """Whether `name` is `base`, or `base` with a number."""
    number = _NUMBERED.search(name)
    return name == base or (number is not None and int(number[1]) > 1 and name == numbered(base, int(number[1])))


@dataclass(frozen=True, slots=True)
class Wish:
    """A playlist that needs a name.

    Attributes:
        base: what it would be called if it were alone.
        current: the name it has and may keep, or None.
    """

    key: Key
    base: str
    current: str | None = None


def assign_names(wishes: Sequence[Wish], taken: AbstractSet[str]) -> dict[Key, str]:
    """A name for each of `wishes`; no two are the same and none is in `taken`. New ones differ in more than case.

    Those that have a name come first and keep it. The others choose in the order of their sources and, among doubles
    of one source, of their ids, so that the outcome does not depend on the order in which a source lists them.
    """
    names: dict[Key, str] = {}
    used = set(taken)
    for wish in wishes:
        if wish.current is not None and wish.current not in used:
            names[wish.key] = wish.current
            used.add(wish.current)
    files = set(map(folded, used))
    for wish in _in_stable_order(wish for wish in wishes if wish.key not in names):
        names[wish.key] = _first_free(wish.base, files)
        files.add(folded(names[wish.key]))
    return names


def _in_stable_order(wishes: Iterable[Wish]) -> list[Wish]:
    found = list(wishes)
    sources: Mapping[str, int] = {source: n for n, source in enumerate(dict.fromkeys(wish.key[0] for wish in found))}
    return sorted(found, key=lambda wish: (sources[wish.key[0]], wish.key[1]))


def _first_free(base: str, files: AbstractSet[str]) -> str:
    candidates = (numbered(base, number) for number in itertools.count(1))
    return next(name for name in candidates if folded(name) not in files)
