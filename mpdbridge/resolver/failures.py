"""What a failure of yt-dlp means for us, decided in this one place. Pure: its words in, an error out.

yt-dlp passes on the sites' own sentences, so they are told apart by what they say. The order matters: the first
rule that fits wins, and the special ones stand before the general ones.
"""

import re
from dataclasses import dataclass

from mpdbridge.errors import YouTubeStreamError
from mpdbridge.text import cut_chars, one_line

_HOUR = 3600.0
_LOG_IN = "log in with `mpdbridge auth`"
_COOKIES = f"{_LOG_IN}, or for other sites set resolver.cookies_file"


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure as the worker process tells it.

    Attributes:
        kind: name of the exception's class.
        message: its text.
        status: the HTTP status behind it, if there was one.
    """

    kind: str
    message: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    meaning: str
    permanent: bool = False
    retry_after: float | None = None
    login: bool = False


def _rule(pattern: str, meaning: str, *, permanent: bool = False, retry_after: float | None = None) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), meaning, permanent, retry_after)


def _login_rule(pattern: str, meaning: str, fix: str = _LOG_IN) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), f"{meaning}: {fix}", permanent=True, login=True)


_RULES = (
    # The site has had enough of us. It is the session or the address that is blocked, not the track.
    _rule("not a bot|captcha", f"YouTube wants proof that no bot asks: wait, or {_LOG_IN}", retry_after=_HOUR / 4),
    _rule(
        "rate-limited|try again later|IP is likely being blocked",
        f"YouTube has had too many questions from here: wait, or {_LOG_IN}",
        retry_after=_HOUR,
    ),
    _rule("too many requests|error 429", "the site has had too many questions from here: wait", retry_after=_HOUR / 6),
    # The track is gone, or not for us.
    _rule("private video|video is private", "it is private", permanent=True),
    _login_rule("music premium|premium members", "it is for Premium members only"),
    _login_rule("members-only|channel's members|join this channel", "it is for members of the channel only"),
    _login_rule("confirm your age|age.restricted|inappropriate", "it needs a proof of age"),
    _rule("in your country|your location|geo.?restrict|GeoRestricted", "it is blocked in this country", permanent=True),
    _rule("copyright|been terminated", "it was taken down", permanent=True),
    _rule(r"\bDRM\b", "it is protected by DRM", permanent=True),
    _rule("removed|deleted|no longer available|isn.t available any ?more", "it was deleted", permanent=True),
    _rule("premieres in|live event will begin|not currently live", "it has not begun yet"),
    _login_rule("registered users|log.?in required|sign in|account cookies", "it needs a login", _COOKIES),
    # Said of deleted ones, but this form also of blocked sessions, so it is no proof.
    _rule("this content isn.t available", "YouTube does not give it out at present"),
    # Said also when yt-dlp is too old for what the site does now, so it is no proof either.
    _rule("no video formats|requested format", "yt-dlp finds no audio there at present: a newer yt-dlp may"),
    _rule("video unavailable|is not available|isn.t available", "it is not available", permanent=True),
    _rule("unsupported url|no media found", "yt-dlp finds no audio there", permanent=True),
    # Nobody is to blame, or everybody.
    _rule("timed out|timeout", "the site did not answer in time"),
    _rule("resolve|getaddrinfo|name or service", "the site's name cannot be found: check the network"),
    _rule("refused|unreachable|reset by peer|remote end closed", "the site cannot be reached: check the network"),
)
_STATUS_RULES = {
    401: _login_rule("", "it needs a login", _COOKIES),
    404: _rule("", "there is no such page (HTTP 404)", permanent=True),
    410: _rule("", "the page is gone (HTTP 410)", permanent=True),
    429: _rule("", "the site has had too many questions from here: wait", retry_after=_HOUR / 6),
    451: _rule("", "it is blocked in this country", permanent=True),
}
_NOISE = re.compile(
    r"^(ERROR:\s*)?(\[[^\]]+\]\s*)?([\w-]+:\s+)?|;? ?please report this issue on .*|\(caused by .*",
    re.IGNORECASE | re.DOTALL,
)


def error_of(failure: Failure, url: str) -> YouTubeStreamError:
    """The error to raise for a failed job on `url`, its message one short line."""
    rule = _STATUS_RULES.get(failure.status or 0) or next(
        (rule for rule in _RULES if rule.pattern.search(f"{failure.kind} {failure.message}")), None
    )
    if rule is None:
        told = one_line(_NOISE.sub("", failure.message) or failure.kind)
        return YouTubeStreamError(f"{shown(url)}: {cut_chars(told, 160)}")
    return YouTubeStreamError(
        f"{shown(url)}: {rule.meaning}", permanent=rule.permanent, retry_after=rule.retry_after, login=rule.login
    )


def shown(url: str) -> str:
    """`url` as a message may show it: one line, not too long, without a query that could hold a secret.

    A YouTube link keeps its `v` and `list`, for without them it says nothing.
    """
    address, _, query = one_line(url).partition("?")
    kept = [part for part in re.split("[&#]", query) if re.match("(v|list)=", part)]
    return cut_chars("?".join(filter(None, (address.partition("#")[0], "&".join(kept)))), 120)
