r"""The one sanitiser: text that comes from outside passes here before it reaches MPD, an HTTP header or a file.

python-mpd2 does not escape newlines, so a title `"a\nclear\n"` would empty the user's queue; an HTTP header with
one would end the header block. Nothing else in this program has to think of that. Behind it, how counts and times are
written for people.
"""

import re

# C0 and C1 controls, line and paragraph separator, and lone surrogates, which UTF-8 cannot carry.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def one_line(value: str) -> str:
    """`value` as one printable line: control characters become one space, the ends are stripped."""
    # `isprintable` is 10 times faster than the search, and false for all of these and a few more.
    return value.strip() if value.isprintable() else _UNSAFE.sub(" ", value).strip()


def cut_utf8(value: str, limit: int) -> str:
    """The longest start of `value` that is at most `limit` bytes of UTF-8; never half a character."""
    if 4 * len(value) <= limit:  # no character takes more
        return value
    encoded = value.encode("utf-8", "replace")
    return value if len(encoded) <= limit else encoded[:limit].decode("utf-8", "ignore")


def cut_chars(value: str, limit: int) -> str:
    """`value`, shortened to `limit` characters with an ellipsis where that is needed."""
    return value if len(value) <= limit else value[: limit - 1].rstrip() + "…"


def counted(number: int, thing: str) -> str:
    """`1 playlist`, `2 playlists`, or nothing for none."""
    return f"{number} {thing}{'s' * (number != 1)}" if number else ""


def clock_time(seconds: float) -> str:
    """`3:07`, or `1:02:03`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
