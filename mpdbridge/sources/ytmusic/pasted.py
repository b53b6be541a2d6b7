"""Request headers as people copy them out of a browser's developer tools. Pure: text in, a login out.

Firefox and Chrome offer: the headers as sent, one a line; names and values on lines of their own; JSON; a curl command.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from mpdbridge.cookies import Login, login_cookies, of_cookie_header, sapisid

_HEADER = re.compile(r"(?P<name>[A-Za-z0-9-]+): *(?P<value>.*)")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*:?")
# What a shell takes together. The first one is bash's quoting with escapes, which shlex does not know.
_QUOTED = re.compile(r"""\$'(?P<ansi_c>(?:[^'\\]|\\.)*)'|'[^']*'|"(?:[^"\\]|\\.)*"|\\.""", re.DOTALL)
_ADVICE = "copy the request headers of a request to music.youtube.com, in a browser that is logged in there"


def login_of(text: str) -> Login:
    """The login in copied request headers.

    Raises:
        ValueError: there is none; the message says what is missing, and never what there is.
    """
    found = [(name.lower(), value.strip()) for name, value in _headers(text.strip().lstrip("\ufeff"))]
    cookie = "; ".join(value for name, value in found if name == "cookie" and value)  # HTTP/2 may send several
    if not cookie:
        raise ValueError(f"there is no `cookie` among these headers: {_ADVICE}")
    if not cookie.isascii():  # developer tools show long values with an ellipsis in the middle, and copy it so
        raise ValueError("the cookies in these headers are not whole: copy them by a right click and Copy, not by hand")
    jar = login_cookies(of_cookie_header(cookie))
    if sapisid(jar) is None:
        raise ValueError(f"the cookies in these headers are not those of a login: {_ADVICE}")
    number = dict(found).get("x-goog-authuser", "0")
    return Login(jar, auth_user=number if number.isdecimal() else "0")


def _headers(text: str) -> Iterator[tuple[str, str]]:
    if text.startswith(("{", "[")):
        try:
            return _of_json(json.loads(text))
        except ValueError:
            return iter(())
    if re.match(r"curl\s", text):
        return _of_curl(text)
    if "\n" not in text and "=" in text and not re.match(r"cookie:", text, re.IGNORECASE):
        return iter([("cookie", text)])  # nothing but the value
    return _of_lines(text)


def _of_json(found: Any) -> Iterator[tuple[str, str]]:
    """A mapping of headers; or somewhere in it lists of `{"name": …, "value": …}`, as Firefox has it."""
    match found:
        case {"name": str(name), "value": str(value)}:
            yield name, value
        case Mapping():
            for key, value in found.items():
                if isinstance(value, str):
                    yield str(key), value
                else:
                    yield from _of_json(value)
        case list():
            for each in found:
                yield from _of_json(each)


def _of_curl(text: str) -> Iterator[tuple[str, str]]:
    if re.match(r'curl\s+\^"', text):  # for Windows' cmd, which takes `^` as others take a backslash
        text = re.sub(r"\^(\r?\n|.)", lambda escaped: escaped[1].strip("\r\n"), text)
    try:
        words = shlex.split(_QUOTED.sub(_without_escapes, re.sub(r"\\\r?\n", " ", text)))
    except ValueError:  # a quote is missing: it was not copied whole
        return
    for option, value in pairwise(words):
        if option in ("-H", "--header") and (header := _HEADER.fullmatch(value)):
            yield header["name"], header["value"]
        elif option in ("-b", "--cookie"):
            yield "cookie", value


def _without_escapes(quoted: re.Match[str]) -> str:
    r"""Browsers write `!` as `\u0021` or `\041`, and Python knows these escapes as bash does."""
    escaped = quoted["ansi_c"]
    if escaped is None:
        return quoted[0]
    return shlex.quote(escaped.encode("ascii", "backslashreplace").decode("unicode_escape"))


def _of_lines(text: str) -> Iterator[tuple[str, str]]:
    name = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        if name:
            yield name.rstrip(":"), line
            name = ""
        elif header := _HEADER.fullmatch(line):
            if header["value"]:
                yield header["name"], header["value"]
            else:
                name = header["name"]
        elif _NAME.fullmatch(line):
            name = line
