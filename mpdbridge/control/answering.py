"""From a command to its answer, for those verbs that need nothing but their tools."""

from collections.abc import Iterator
from dataclasses import asdict

from mpdbridge.control.adding import Additions, Position, add
from mpdbridge.control.commands import Command
from mpdbridge.control.meaning import wanted
from mpdbridge.control.publishing import publish
from mpdbridge.control.radio import Radio, radio
from mpdbridge.control.rating import Rated, rate
from mpdbridge.control.replies import Reply
from mpdbridge.control.searching import Search, search
from mpdbridge.control.tools import Tools
from mpdbridge.errors import ConfigError, MpdBridgeError
from mpdbridge.models import Track
from mpdbridge.text import clock_time, counted, one_line

_SONGS = 20  # that a search puts into its playlist: a page of YouTube Music
_SHOWN = 10  # in a message each; a client keeps 64
_DONE = {"like": "Liked", "dislike": "Disliked", "unlike": "No longer rated:"}


async def answer(tools: Tools, command: Command) -> Reply:
    """Carries a command out, and tells what came of it.

    Raises:
        MpdBridgeError: it could not be done.
    """
    match command.verb:
        case "like" | "dislike" | "unlike" as rating:
            return _rated(await rate(tools, rating, command.text))
        case "radio":
            made = await radio(tools, command.text, append="--append" in command.flags, play="--play" in command.flags)
            return _radio(made)
        case "search":
            return await _search(tools, command.text)
        case "add":
            return await _add(tools, command)
    raise ConfigError(f"{command.verb} works only where `mpdbridge watch` runs")


async def _search(tools: Tools, query: str) -> Reply:
    """Songs only: nothing else can stand in a playlist. What was found is told even when the playlist fails."""
    found = await search(tools, query, "song", _SONGS)
    songs = [one.track for one in found.results if one.track is not None]
    if not songs:
        return Reply((f"Nothing found for {query!r}.",), found.to_json())
    try:
        name, note = await publish(tools, "Search", songs), ""
    except MpdBridgeError as error:
        name, note = None, str(error)
    head = f"{counted(len(songs), 'song')} in {name}" if name else f"{counted(len(songs), 'song')} found; {note}"
    return Reply((head, *_numbered(found)), {**found.to_json(), "playlist": name})


def _numbered(found: Search) -> Iterator[str]:
    for number, one in enumerate(found.results[:_SHOWN], 1):
        seconds = one.track.duration if one.track is not None else None
        label = " - ".join(filter(None, (one.artist, one.title)))
        yield f"{number} {label}{f' ({clock_time(seconds)})' if seconds is not None else ''}"


async def _add(tools: Tools, command: Command) -> Reply:
    meant = [one for text in command.text.split() for one in await wanted(tools, text)]
    position: Position = "next" if "--next" in command.flags else "end"
    done = await add(tools, meant, position=position, play="--play" in command.flags)
    lines = [*([_added(done)] if done.added else []), *done.failures]
    return Reply(tuple(lines), done.to_json(), failed=bool(done.failed))


def _added(done: Additions) -> str:
    first = done.added[0].label
    return f"Added {first}" if len(done.added) == 1 else f"Added {counted(len(done.added), 'track')}, first {first}"


def _rated(done: Rated) -> Reply:
    told = f"{_DONE[done.rating]} {done.track.label}"
    if done.note:
        told += f"; the playlist of liked songs follows with the next sync: {done.note}"
    data = {**_brief(done.track), "rating": done.rating, "playlist": done.playlist, "note": done.note}
    return Reply((told,), data)


def _radio(made: Radio) -> Reply:
    data = {
        "seed": _brief(made.seed),
        "tracks": [_brief(track) for track in made.tracks],
        "playlist": made.playlist,
        "added": [asdict(one) for one in made.additions.added] if made.additions else [],
    }
    told = f"{counted(len(made.tracks), 'track')} like {made.seed.label}"
    return Reply((f"{made.playlist} holds {told}" if made.playlist else f"Added {told}",), data)


def _brief(track: Track) -> dict[str, str]:
    return {"track_id": track.track_id, "label": one_line(track.label)}
