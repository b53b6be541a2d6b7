"""The login of the fake music.youtube.com: rotating cookies, signatures that are checked, three ways to be dead."""

import hashlib
import itertools
import re
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any, Literal

from support.innertube_answers import Json, account_menu, signed_out_library, signed_out_menu

SAPISID = "sapisid-of-a-test/1"
ROTATING = "__Secure-3PSIDTS"
_YEAR = 365 * 86400


class FakeLogin:
    """One account, as its server sees it.

    Attributes:
        name: as the account menu shows it.
        handle: likewise.
        brands: names of brand accounts, by id.
        alive: False: the login has ended.
        rotates_every: so many of its requests get a new `__Secure-3PSIDTS`; None: never, and none is asked for.
        grace: requests for which the one before is still good.
        dead_as: what a dead login's library looks like: an empty one, a page of another kind, or a refusal.
        sent: the Cookie headers of all requests.
    """

    def __init__(self) -> None:
        self.name = "Ada Example"
        self.handle: str | None = "@ada"
        self.brands: dict[str, str] = {}
        self.alive = True
        self.rotates_every: int | None = None
        self.grace = 2
        self.dead_as: Literal["empty", "page", "refused"] = "empty"
        self.sent: list[str] = []
        self.generation = 0
        self._since_rotation = 0
        self._requests = itertools.count(1)

    def admit(self, headers: Mapping[str, str]) -> bool:
        """Whether this request is the account's. One with an outdated cookie ends the login, once the grace is over."""
        self.sent.append(headers.get("Cookie", ""))
        cookies = {name: morsel.value for name, morsel in SimpleCookie(headers.get("Cookie", "")).items()}
        if not self.alive or cookies.get("__Secure-3PAPISID") != SAPISID or not _is_signed(headers):
            return False
        if self.rotates_every is None:
            return True
        self._since_rotation += 1
        outdated = cookies.get(ROTATING) != self.token
        last = cookies.get(ROTATING) == _token(self.generation - 1)
        if outdated and not (last and self._since_rotation <= self.grace):
            self.alive = False
        return self.alive

    @property
    def token(self) -> str:
        """The rotating cookie's value that is good now."""
        return _token(self.generation)

    def cookies(self) -> list[str]:
        """Set-Cookie headers for the answer to a request that was admitted."""
        if self.rotates_every is None or next(self._requests) % self.rotates_every:
            return []
        self.generation, self._since_rotation = self.generation + 1, 0
        scope = f"Domain=.youtube.com; Path=/; Secure; HttpOnly; Max-Age={_YEAR}"
        return [f"{ROTATING}={self.token}; {scope}"]

    def menu(self, body: Json, *, admitted: bool) -> Json:
        """The account menu."""
        brand = body["context"].get("user", {}).get("onBehalfOfUser")
        if not admitted:
            return signed_out_menu()
        return account_menu(self.brands[brand], None) if brand else account_menu(self.name, self.handle)

    def dead_library(self) -> Json | int:
        """What a dead login gets instead of the library: a page, or a refusal's status."""
        answers: dict[str, Any] = {"empty": signed_out_library(), "page": {"contents": {}}, "refused": 401}
        found: Json | int = answers[self.dead_as]
        return found


def netscape(*extra: str, rotating: str | None = None) -> str:
    """A cookies.txt of the account's, as a browser's exporter writes it: session cookies expire at 0."""
    lines = [
        "# Netscape HTTP Cookie File",
        ".youtube.com\tTRUE\t/\tTRUE\t0\tSID\tabc",
        f"#HttpOnly_.youtube.com\tTRUE\t/\tTRUE\t2000000000\t__Secure-3PAPISID\t{SAPISID}",
        ".youtube.com\tTRUE\t/\tTRUE\t2000000000\tLOGIN_INFO\tx",
        *extra,
    ]
    if rotating is not None:
        lines.append(f"#HttpOnly_.youtube.com\tTRUE\t/\tTRUE\t2000000000\t{ROTATING}\t{rotating}")
    return "\n".join(lines) + "\n"


def _token(generation: int) -> str:
    return f"sidts-{generation}"


def _is_signed(headers: Mapping[str, str]) -> bool:
    signed = re.fullmatch(r"SAPISIDHASH (\d+)_([0-9a-f]{40})", headers.get("Authorization", ""))
    if signed is None:
        return False
    text = f"{signed[1]} {SAPISID} {headers.get('Origin', '')}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest() == signed[2]
