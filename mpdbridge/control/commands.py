"""The commands of the control channel, as text: `radio --append oLtmHdXKIYE`. Pure; a new verb begins in the table."""

from dataclasses import dataclass
from difflib import get_close_matches

from mpdbridge.errors import ConfigError
from mpdbridge.text import one_line


@dataclass(frozen=True, slots=True)
class Form:
    """How a verb is used.

    Attributes:
        about: what it does, for `help`.
        takes: what may follow, as `help` shows it; empty when nothing may.
        needed: whether something must follow.
        flags: what may stand in front of it.
    """

    about: str
    takes: str = ""
    needed: bool = False
    flags: tuple[str, ...] = ()


_TRACK = "TRACK"
VERBS: dict[str, Form] = {
    "like": Form("likes the current song, or TRACK, at YouTube Music", _TRACK),
    "dislike": Form("dislikes it", _TRACK),
    "unlike": Form("takes either back", _TRACK),
    "radio": Form("what is like it, as a playlist or in the queue", _TRACK, flags=("--append", "--play")),
    "search": Form("finds songs, as a playlist", "QUERY", needed=True),
    "add": Form(
        "puts links, ids or results of the last search into the queue",
        "LINK|N...",
        needed=True,
        flags=("--next", "--play"),
    ),
    "sync": Form("brings the playlists up to date"),
    "status": Form("tells how things are"),
    "help": Form("tells all this"),
}


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `str()` of it is the text that `parse` makes it of.

    Attributes:
        text: what follows the verb and its flags: a track, a query, links.
    """

    verb: str
    text: str = ""
    flags: frozenset[str] = frozenset()

    def __str__(self) -> str:
        end = ("--",) if self.text.startswith("--") else ()
        return " ".join(filter(None, (self.verb, *sorted(self.flags), *end, self.text)))


def parse(line: str) -> Command:
    """The command that a client has sent.

    Raises:
        ConfigError: it is none, or is used wrongly.
    """
    verb, _, rest = one_line(line).partition(" ")
    verb = verb.casefold()
    if verb not in VERBS:
        close = get_close_matches(verb, VERBS, n=1)
        raise ConfigError(f"there is no command {verb!r}: {f'did you mean {close[0]!r}?' if close else 'send help'}")
    form = VERBS[verb]
    flags, text = _split(rest.strip())
    if unknown := flags - set(form.flags):
        raise ConfigError(f"{verb} knows no {min(unknown)}: {usage(verb)}")
    if (text and not form.takes) or (form.needed and not text):
        raise ConfigError(f"{'nothing may' if text else 'something must'} follow: {usage(verb)}")
    return Command(verb, text, flags)


def usage(verb: str) -> str:
    """`radio [--append] [--play] [TRACK]`."""
    form = VERBS[verb]
    takes = form.takes if form.needed or not form.takes else f"[{form.takes}]"
    return " ".join(filter(None, (verb, *(f"[{flag}]" for flag in form.flags), takes)))


def help_lines() -> list[str]:
    """A line for each verb."""
    return [f"{usage(verb)}: {form.about}" for verb, form in VERBS.items()]


def _split(rest: str) -> tuple[frozenset[str], str]:
    """Flags, and what follows them; ids may begin with `-`, and after `--` even with that."""
    flags = set()
    while rest.startswith("--"):
        flag, _, rest = rest.partition(" ")
        rest = rest.lstrip()
        if flag == "--":
            break
        flags.add(flag)
    return frozenset(flags), rest
