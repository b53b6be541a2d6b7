"""The YTMusic objects in use: one for guests, one for the login, each with a session of its own, made when needed.

Lives in the client's thread.
"""

import locale
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mpdbridge.config import YTMusicSettings
from mpdbridge.errors import LoginError
from mpdbridge.sources.ytmusic.login import LoginFile
from mpdbridge.urls import MUSIC

if TYPE_CHECKING:
    from mpdbridge.sources.ytmusic.session import PatientSession

SessionFactory = Callable[[], "PatientSession"]
_FROM_THE_JAR = "in-the-jar"


class Opened:
    """What is open.

    Attributes:
        login_is_dead: the last one who needed the account did not get it, and the file has not changed since.
    """

    def __init__(self, *, settings: YTMusicSettings, session_factory: SessionFactory | None) -> None:
        self._settings = settings
        self._session_factory = session_factory
        self._login = LoginFile(settings.login_file)
        self._guest: Any = None
        self._account: Any = None
        self._sessions: list[PatientSession] = []
        self._unstored_since: float | None = None
        self.login_is_dead = False

    def is_of_use(self, *, login: bool) -> bool:
        """Whether to ask with the login: when it is needed, and otherwise when nothing speaks against it.

        Raises:
            LoginError: it is needed, and there is none.
        """
        try:
            replaced = self._login.refresh(keep=not self.login_is_dead)
        except LoginError:
            if login:
                raise
            return False
        if replaced:
            self._begin_anew()
        return login or not self.login_is_dead

    def account(self) -> Any:
        """The YTMusic object that is logged in; `is_of_use` has been asked."""
        if self._account is None:
            session = self._session()
            session.log_in(self._login)
            self._account = self._open(session, self._headers())
        return self._account

    def guest(self) -> Any:
        """The YTMusic object that anybody may have."""
        if self._guest is None:
            self._guest = self._open(self._session(), None)
        return self._guest

    def unstored_seconds(self) -> float | None:
        """How long rotated cookies have been waiting to be stored, or None. Those of a dead login need not be."""
        if self.login_is_dead or not self._login.changed:
            self._unstored_since = None
            return None
        self._unstored_since = self._unstored_since or time.monotonic()
        return time.monotonic() - self._unstored_since

    def store(self) -> None:
        """Stores rotated cookies."""
        self._unstored_since = None
        if not self.login_is_dead and self._login.save():
            self._begin_anew()

    def close(self) -> None:
        self.store()
        for session in self._sessions:
            session.close()

    def _begin_anew(self) -> None:
        """With another login, which may be of another of the browser's accounts."""
        self._account, self.login_is_dead = None, False

    def _session(self) -> "PatientSession":
        from mpdbridge.sources.ytmusic.session import open_session

        self._sessions.append((self._session_factory or open_session)())
        return self._sessions[-1]

    def _headers(self) -> dict[str, str]:
        """The request headers of the login; cookies and signature are put in by the session, request by request."""
        login = self._login.login
        found = {key.lower(): value for key, value in (login.headers or {}).items() if isinstance(value, str)}
        # ytmusicapi takes headers for a browser's by these two.
        found |= {"cookie": f"__Secure-3PAPISID={_FROM_THE_JAR}", "authorization": "SAPISIDHASH"}
        return {"origin": MUSIC, "x-goog-authuser": login.auth_user} | found

    def _open(self, session: "PatientSession", headers: dict[str, str] | None) -> Any:
        from ytmusicapi import YTMusic

        settings = self._settings
        before = locale.setlocale(locale.LC_ALL)
        try:
            user = settings.account if headers else None
            return YTMusic(auth=headers, user=user, language=settings.language, requests_session=session)
        finally:
            # The constructor sets the locale of the whole process to `language`; nothing of ours wants that.
            locale.setlocale(locale.LC_ALL, before)
