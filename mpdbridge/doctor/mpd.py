"""Whether MPD can do what we want of it. Nothing is written to find out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from mpdbridge.config import Settings
from mpdbridge.doctor.checks import Check, fail, failed, ok, warn
from mpdbridge.errors import MpdBridgeError, MpdRefusedError
from mpdbridge.mpd import channel, tagger
from mpdbridge.mpd.address import MpdAddress, resolve_address
from mpdbridge.mpd.connection import MpdConnection
from mpdbridge.mpd.directories import configured_playlist_length
from mpdbridge.mpd.publisher import DEFAULT_LENGTH
from mpdbridge.mpd.wire import Answer
from mpdbridge.sync import ways

PATIENCE = 5.0  # seconds for one command
_OLDEST = (0, 21)  # `tagtypes clear`
_RELATIVE = (0, 23)  # `addid URI +0`, and http:// by ffmpeg's input plugin
_ASKED = ("status", "urlhandlers", "decoders", "outputs", "listplaylists")
_ADDING = ("addid", "playid", "prioid")


@dataclass(frozen=True, slots=True)
class MpdSurvey:
    """What one MPD tells a client with our password.

    Attributes:
        protocol: of the greeting; MPD 0.23.5 to 0.23.17 all say 0.23.5.
        commands: those that it lets us use.
        refused: those that it has, and does not let us use.
        status: its `status`.
        handlers: URL schemes that some input plugin takes, with `://`.
        suffixes: file types that some decoder takes.
        outputs: names of those that are on.
        playlists: stored ones; None when it does not tell.
        trouble: why it does not, if it said so.
        length: its max_playlist_length, as far as an mpd.conf or a sync tells; None otherwise.
    """

    address: str
    protocol: str
    commands: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    status: dict[str, str] = field(default_factory=dict)
    handlers: frozenset[str] = frozenset()
    suffixes: frozenset[str] = frozenset()
    outputs: tuple[str, ...] = ()
    playlists: int | None = None
    trouble: str = ""
    length: int | None = None


async def probe(settings: Settings, *, longest: int = 0, learned: int | None = None) -> list[Check]:
    """All about MPD.

    Args:
        settings: the whole configuration.
        longest: the number of tracks of our longest playlist.
        learned: max_playlist_length, if a sync ran into it.
    """
    try:
        found = await survey(resolve_address(settings.mpd), min(PATIENCE, settings.mpd.timeout_seconds))
    except MpdBridgeError as error:
        return [failed("MPD", error)]
    return list(judge(found if found.length else replace(found, length=learned), longest=longest))


async def survey(address: MpdAddress, patience: float = PATIENCE) -> MpdSurvey:
    """Asks the MPD at `address`, `patience` seconds for each answer.

    Raises:
        MpdUnavailableError: it does not answer.
        MpdRefusedError: it does not take the password.
    """
    async with MpdConnection(address, timeout=patience) as connection:
        commands = {name for _, name in await connection.command("commands")}
        refused = {name for _, name in await connection.command("notcommands")}
        answers, troubles = await _ask(connection, [name for name in _ASKED if name in commands])
        outputs = answers.get("outputs", [])
        names = [value for key, value in outputs if key == "outputname"]
        states = [value for key, value in outputs if key == "outputenabled"]
        return MpdSurvey(
            address=str(address),
            protocol=connection.version,
            commands=frozenset(commands),
            refused=frozenset(refused),
            status=dict(answers.get("status", ())),
            handlers=frozenset(value for _, value in answers.get("urlhandlers", ())),
            suffixes=frozenset(value for key, value in answers.get("decoders", ()) if key == "suffix"),
            outputs=tuple(name for name, state in zip(names, states, strict=False) if state == "1"),
            playlists=sum(key == "playlist" for key, _ in answers["listplaylists"])
            if "listplaylists" in answers
            else None,
            trouble=troubles.get("listplaylists", ""),
            length=await configured_playlist_length(address),
        )


async def _ask(connection: MpdConnection, commands: Iterable[str]) -> tuple[dict[str, Answer], dict[str, str]]:
    """The answers to commands without arguments, and why others were refused."""
    answers: dict[str, Answer] = {}
    troubles: dict[str, str] = {}
    for name in commands:
        try:
            answers[name] = await connection.command(name)
        except MpdRefusedError as error:
            troubles[name] = str(error)
    return answers, troubles


def judge(found: MpdSurvey, *, longest: int) -> Iterator[Check]:
    """What follows from a survey."""
    yield _version(found)
    if "status" in found.refused:
        yield fail("Permissions", "MPD lets strangers look at nothing", "set mpd.password")
        return
    yield from _permissions(found)
    yield _playlists(found)
    yield _length(found, longest)
    yield _input(found)
    yield _decoders(found)
    yield _outputs(found)


def _version(found: MpdSurvey) -> Check:
    told, number = f"{found.address}, protocol {found.protocol}", _number(found.protocol)
    if number < _OLDEST:
        return fail("MPD", told, "mpdbridge needs MPD 0.21 or newer")
    if number < _RELATIVE:
        return warn("MPD", told, "`add --next` needs MPD 0.23 or newer")
    if number < (0, 24):
        told += " (any MPD 0.23; before 0.23.13 it hangs over streams that break off, though not over ours)"
    return ok("MPD", told)


def _number(protocol: str) -> tuple[int, ...]:
    return tuple(int(part) for part in protocol.split(".") if part.isdecimal())


def _permissions(found: MpdSurvey) -> Iterator[Check]:
    """What it will not let us do, each with what does not work then."""
    purposes = {
        "playlists cannot be put into it": ways.NEEDED,
        "the queue shows URLs instead of names": tagger.NEEDED,
        "no client can command mpdbridge": channel.NEEDED,
        "`mpdbridge add` cannot add": _ADDING,
    }
    missing = {effect: sorted(found.refused.intersection(names)) for effect, names in purposes.items()}
    for effect, names in missing.items():
        if names:
            yield fail(
                "Permissions",
                f"MPD does not permit {', '.join(names)}: {effect}",
                "set mpd.password to one with read, add and control",
            )
    if not any(missing.values()):
        yield ok("Permissions", "MPD lets us publish, tag and add")


def _playlists(found: MpdSurvey) -> Check:
    if found.playlists is not None:
        return ok("Playlists", f"MPD stores playlists: {found.playlists} at present")
    if found.trouble:
        return failed("Playlists", MpdBridgeError(found.trouble))
    if "listplaylists" in found.refused:
        return fail("Playlists", "MPD does not let us list its playlists", "set mpd.password")
    return fail(
        "Playlists",
        "MPD stores no playlists",
        'put `playlist_directory "…"`, a folder that MPD can write to, into mpd.conf, and restart MPD',
    )


def _length(found: MpdSurvey, longest: int) -> Check:
    """MPD tells its limit to nobody, so it is known only from an mpd.conf that we can read."""
    limit = found.length or DEFAULT_LENGTH
    whose = "as MPD is set up" if found.length else "unless its mpd.conf says otherwise"
    told = f"up to {limit} tracks ({whose}); your longest has {longest}"
    if longest > limit:
        return fail("Length", told, f'put `max_playlist_length "{longest}"` or more into mpd.conf, and restart MPD')
    queued = int(found.status.get("playlistlength", 0))
    if queued + longest > limit:
        return warn("Length", f"{told}, and the queue holds {queued} already", "clear the queue before you load it")
    return ok("Length", told)


def _input(found: MpdSurvey) -> Check:
    if "http://" not in found.handlers:
        return fail(
            "Input", "this MPD cannot fetch http:// at all", "enable its `curl` input plugin, or install an MPD with it"
        )
    # Only curl does FTP over TLS; before 0.23 nothing but curl did HTTP.
    if "ftps://" in found.handlers or _number(found.protocol) < _RELATIVE:
        return ok("Input", "MPD's curl plugin fetches http://")
    return warn(
        "Input",
        "it seems to be ffmpeg, not curl, that fetches http://: songs get one long title, and do not seek",
        "enable the `curl` input plugin in mpd.conf, or install an MPD with it",
    )


def _decoders(found: MpdSurvey) -> Check:
    """YouTube's audio comes as Opus in WebM, else as AAC in MP4, and only ffmpeg's plugin takes the first."""
    lacking = [name for name in ("webm", "m4a") if name not in found.suffixes]
    if lacking:
        return fail(
            "Decoders",
            f"MPD cannot decode {' and '.join(lacking)}, which is what YouTube sends",
            "enable its `ffmpeg` decoder plugin, or install an MPD with it",
        )
    if "opus" not in found.suffixes:
        return warn("Decoders", "webm and m4a, but no .opus files", "an MPD with the `opus` decoder plugin plays those")
    return ok("Decoders", "MPD decodes webm, m4a and opus")


def _outputs(found: MpdSurvey) -> Check:
    if not found.outputs:
        return warn("Outputs", "no output of MPD is on: nothing is heard", "mpc enable 1")
    if error := found.status.get("error"):
        return warn("Outputs", f"MPD's last error: {error}", "mpc clearerror, once it is mended")
    return ok("Outputs", ", ".join(found.outputs))
