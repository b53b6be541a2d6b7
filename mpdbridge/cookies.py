"""A YouTube login as text: a Netscape cookies.txt, or a browser's request headers as JSON. Pure: no file, no clock.

http.cookiejar's own reader drops session cookies that are written as `0`, as browsers' exporters, curl and yt-dlp do,
and refuses files without its first line; so the format is read and written here, in the way yt-dlp understands.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.cookiejar import Cookie, CookieJar

Key = tuple[str, str, str]
"""What a cookie is known by: domain, path, name."""
Lines = Mapping[Key, str]
"""A jar as values that can be compared: the cookies' lines in the Netscape format."""

_HTTP_ONLY = "#HttpOnly_"
_AUTH_USER = "x-goog-authuser"
_HEAD = """\
# Netscape HTTP Cookie File
# Your login at YouTube, kept by mpdbridge: whoever has it is you. `mpdbridge auth` makes it anew.
"""
_FORBIDDEN = re.compile("[\t\r\n]")


class LoginJar(CookieJar):
    """Cookies that stay in the jar when they expire: they are not sent then, but a clock may also be wrong for a while.

    What the server itself takes back is gone.
    """

    def clear_expired_cookies(self) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Login:
    """What a login file holds.

    Attributes:
        jar: its cookies.
        headers: the JSON as it is in the file; None for the Netscape format.
        auth_user: which of a browser's accounts is meant, by its number (`X-Goog-AuthUser`).
    """

    jar: LoginJar = field(repr=False)
    headers: Mapping[str, object] | None = field(default=None, repr=False)
    auth_user: str = "0"

    def header(self, name: str) -> str | None:
        """A header of the JSON, whatever the case of its name."""
        found = (value for key, value in (self.headers or {}).items() if key.lower() == name)
        return next((value for value in found if isinstance(value, str)), None)


def read_login(text: str) -> Login:
    """The login in the text of a file, of either format.

    Raises:
        ValueError: it is none; the message says what there is instead.
    """
    login = read_cookies(text)
    if not len(login.jar):
        raise ValueError("holds neither cookies nor browser headers")
    if sapisid(login.jar) is None:
        raise ValueError("its cookies are of a browser that is not logged in at YouTube")
    return login


def read_cookies(text: str) -> Login:
    """The cookies in the text of a file, of either format, whether they are a login or not.

    Raises:
        ValueError: it is JSON, and no browser headers.
    """
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return _of_json(text)
    return Login(jar_of(_netscape_cookies(text)), auth_user=_auth_user(text))


def write_login(login: Login) -> str:
    """The text of a file that holds `login`, in the format that it came in."""
    if login.headers is None:
        user = f"# {_AUTH_USER}: {login.auth_user}\n" if login.auth_user != "0" else ""
        return f"{_HEAD}{user}\n{netscape(login.jar)}"
    cookie = "; ".join(f"{one.name}={one.value}" for one in login.jar if is_youtubes(one.domain))
    headers = {key: cookie if key.lower() == "cookie" else value for key, value in login.headers.items()}
    return json.dumps(headers, ensure_ascii=True, indent=4, sort_keys=True) + "\n"


def netscape(jar: CookieJar) -> str:
    """The cookies in the Netscape format, without its first line; session cookies as those that expire at 0."""
    return "".join(f"{line}\n" for line in lines_of(jar).values())


def lines_of(jar: CookieJar) -> dict[Key, str]:
    """The jar as comparable values. A cookie with a line break or a tab in it is none that any file could hold."""
    return {
        (one.domain, one.path, one.name): _line(one)
        for one in jar
        if not any(_FORBIDDEN.search(part) for part in (one.domain, one.path, one.name, one.value or ""))
    }


def jar_of(cookies: Iterable[Cookie]) -> LoginJar:
    """A jar with these cookies, whatever any policy says."""
    jar = LoginJar()
    for cookie in cookies:
        jar.set_cookie(cookie)
    return jar


def of_lines(lines: Lines) -> Iterator[Cookie]:
    """The opposite of `lines_of`."""
    return _netscape_cookies("\n".join(lines.values()))


def merged(base: Lines, ours: Lines, theirs: Lines) -> dict[Key, str]:
    """What two that began with `base` make of it together: each one's changes, and ours where both changed the same.

    Except that what we gave up and they renewed lives on.
    """
    changed = {key: line for key, line in ours.items() if base.get(key) != line}
    taken_back = {key for key in base.keys() - ours.keys() if theirs.get(key) == base[key]}
    return {key: line for key, line in {**theirs, **changed}.items() if key not in taken_back}


def sapisid(jar: CookieJar) -> str | None:
    """The cookie that YouTube's requests are signed with; who it belongs to is who is logged in. None: nobody is."""
    found = {cookie.name: cookie.value for cookie in jar if is_youtubes(cookie.domain)}
    return found.get("__Secure-3PAPISID") or found.get("SAPISID")


def is_youtubes(domain: str) -> bool:
    """Whether cookies of `domain` are for youtube.com."""
    return f".{domain.lstrip('.')}".endswith(".youtube.com")


def login_cookies(jar: CookieJar) -> LoginJar:
    """The cookies of YouTube and Google; those of other sites are none of our business."""
    return jar_of(one for one in jar if is_youtubes(one.domain) or f".{one.domain.lstrip('.')}".endswith(".google.com"))


def of_cookie_header(header: str) -> LoginJar:
    """The cookies of a `Cookie` header sent to YouTube; how long they live is not known."""
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return jar_of(_cookie(name, value.strip(), domain=".youtube.com") for name, _, value in pairs if name)


def _of_json(text: str) -> Login:
    try:
        found = json.loads(text.lstrip("\ufeff"))
    except ValueError:
        raise ValueError("is broken JSON") from None
    login = Login(LoginJar(), found if isinstance(found, dict) else {})
    cookie = login.header("cookie")
    if cookie is None:
        oauth = login.header("refresh_token") is not None
        raise ValueError(f"holds {'an OAuth token, which YouTube Music refuses' if oauth else 'no browser headers'}")
    return Login(of_cookie_header(cookie), login.headers, login.header(_AUTH_USER) or "0")


def _auth_user(text: str) -> str:
    found = re.search(rf"^# {_AUTH_USER}: (\d+)$", text, re.MULTILINE)
    return found[1] if found else "0"


def _netscape_cookies(text: str) -> Iterator[Cookie]:
    for line in text.lstrip("\ufeff").split("\n"):
        bare = line.rstrip("\r").removeprefix(_HTTP_ONLY)
        fields = bare.split("\t" if "\t" in bare else None, 6)
        if len(fields) != 7 or bare.startswith("#"):
            continue
        domain, _, path, secure, expires, name, value = fields
        if not name:  # a cookie without a name, which http.cookiejar has as one without a value
            name, value = value, ""
        yield _cookie(
            name,
            value,
            domain=domain,
            path=path,
            secure=secure.upper() == "TRUE",
            expires=_seconds(expires),
            http_only=line.startswith(_HTTP_ONLY),
        )


def _seconds(expires: str) -> int | None:
    """Epoch seconds; None for a session cookie (`0`, or nothing)."""
    try:
        return int(float(expires)) or None
    except (ValueError, OverflowError):
        return None


def _cookie(
    name: str,
    value: str,
    *,
    domain: str,
    path: str = "/",
    secure: bool = True,
    expires: int | None = None,
    http_only: bool = False,
) -> Cookie:
    dotted = domain.startswith(".")
    return Cookie(
        version=0,
        name=name,
        value=value,
        port=None,
        port_specified=False,
        domain=domain,
        domain_specified=dotted,
        domain_initial_dot=dotted,
        path=path,
        path_specified=True,
        secure=secure,
        expires=expires,
        discard=expires is None,
        comment=None,
        comment_url=None,
        rest={"HttpOnly": ""} if http_only else {},
    )


def _line(cookie: Cookie) -> str:
    http_only = any(map(cookie.has_nonstandard_attr, ("HttpOnly", "httponly", "HTTPOnly")))
    fields = [
        f"{_HTTP_ONLY if http_only else ''}{cookie.domain}",
        str(cookie.domain.startswith(".")).upper(),
        cookie.path,
        str(bool(cookie.secure)).upper(),
        str(int(cookie.expires or 0)),
        cookie.name,
        cookie.value or "",
    ]
    return "\t".join(fields)
