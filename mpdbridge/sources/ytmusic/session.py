"""The HTTP session ytmusicapi works with: every request bounded in time, and tried again when the server stumbles.

Imported in the client's thread only: requests costs a tenth of a second.
"""

from collections.abc import Mapping
from typing import Any

import requests
from requests.structures import CaseInsensitiveDict

from mpdbridge.cookies import sapisid
from mpdbridge.errors import LoginError
from mpdbridge.sources.ytmusic.gentle import GentleAdapter
from mpdbridge.sources.ytmusic.login import HOW, LoginFile
from mpdbridge.urls import MUSIC

TIMEOUT = (6.0, 20.0)  # seconds to connect, and to wait for the next bytes; InnerTube answers within one or two


class PatientSession(requests.Session):
    """A session whose requests have a time limit unless they bring their own.

    A refusal that is no JSON is raised as HTTPError: ytmusicapi would only tell that it cannot read it.
    """

    login: LoginFile | None = None

    def log_in(self, login: LoginFile) -> None:
        """From now on its requests are those of `login`, and the cookies that come are put into its jar."""
        self.login = login
        self.cookies = login.jar  # type: ignore[assignment]  # requests takes any jar

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", TIMEOUT)
        if self.login is not None:
            kwargs["headers"] = _signed(kwargs.get("headers"), self.login)
            kwargs.pop("cookies", None)  # ytmusicapi's consent cookie is for those who have none
        response = super().request(*args, **kwargs)
        if "json" not in response.headers.get("Content-Type", ""):
            response.raise_for_status()
        return response


def _signed(headers: Mapping[str, str] | None, login: LoginFile) -> CaseInsensitiveDict[str]:
    """The headers, signed with the cookie that is in the jar now; ytmusicapi would sign with its first one for ever."""
    from ytmusicapi.helpers import get_authorization

    found = CaseInsensitiveDict(headers or {})
    found.pop("cookie", None)  # it would go before the jar
    if "authorization" in found:
        secret = sapisid(login.jar)
        if secret is None:
            raise LoginError(f"YouTube has ended the login: {HOW}")
        found["authorization"] = get_authorization(f"{secret} {found.get('origin', MUSIC)}")
    return found


def open_session() -> PatientSession:
    """A new session for one YTMusic client."""
    session = PatientSession()
    session.mount("https://", GentleAdapter())
    return session
