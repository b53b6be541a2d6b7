"""The one thread that talks to ytmusicapi, and the one place that knows its exceptions.

ytmusicapi blocks, is not thread-safe, and takes a quarter of a second to import: all of it happens in this thread.
The thread is a daemon: a request that hangs must not hold up the end of the program.
"""

import asyncio
import locale
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from mpdbridge.config import YTMusicSettings
from mpdbridge.errors import SourceError
from mpdbridge.sources.ytmusic.login import read_headers
from mpdbridge.text import cut_chars, one_line

if TYPE_CHECKING:
    import requests

Answer = TypeVar("Answer")
SessionFactory = Callable[[], "requests.Session"]
Job = tuple["Future[Any]", Callable[[Any], Any]]

# What ytmusicapi raises when an answer has another shape than it knows. (ValueError: JSON, numbers.)
SHAPE_ERRORS = (KeyError, IndexError, TypeError, AttributeError, ValueError)


class MusicClient:
    """`await client.call(lambda music: music.get_album(…))`: calls are carried out one after another.

    Args:
        settings: login, language, account.
        session_factory: called in the thread, once; None for `session.open_session`.
    """

    def __init__(self, *, settings: YTMusicSettings, session_factory: SessionFactory | None = None) -> None:
        self._settings = settings
        self._session_factory = session_factory
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._session: requests.Session | None = None
        self._music: Any = None

    async def call(self, ask: Callable[[Any], Answer]) -> Answer:
        """What `ask` returns when it is called with the YTMusic object in the thread.

        Raises:
            SourceError: YouTube Music cannot be reached, refuses, or answers what ytmusicapi does not understand.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="ytmusicapi", daemon=True)
            self._thread.start()
        future: Future[Answer] = Future()
        self._jobs.put((future, ask))
        return await asyncio.wrap_future(future)

    async def aclose(self) -> None:
        """Ends the thread after the call that is under way; does not wait for it."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread = None

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, ask = job
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(self._ask(ask))
                except BaseException as error:  # noqa: BLE001  # it is raised again where it is awaited
                    future.set_exception(error)
        if self._session is not None:
            self._session.close()

    def _ask(self, ask: Callable[[Any], Answer]) -> Answer:
        import requests
        from ytmusicapi.exceptions import YTMusicError

        try:
            if self._music is None:
                self._music = self._open()
            return ask(self._music)
        except YTMusicError as error:
            raise SourceError(_refusal(str(error))) from error
        except requests.HTTPError as error:
            raise SourceError(_refusal(f"HTTP {error.response.status_code} without a reason")) from error
        except SHAPE_ERRORS as error:
            raise SourceError(_misunderstood(error)) from error
        except requests.RequestException as error:
            reason = type(error).__name__
            raise SourceError(f"YouTube Music does not answer ({reason}): is this machine online?") from error

    def _open(self) -> Any:
        from ytmusicapi import YTMusic

        from mpdbridge.sources.ytmusic.session import open_session

        settings = self._settings
        headers = read_headers(settings.auth_file) if settings.auth_file else None
        if self._session is None:
            self._session = (self._session_factory or open_session)()
        before = locale.setlocale(locale.LC_ALL)
        try:
            return YTMusic(
                auth=headers, user=settings.account, language=settings.language, requests_session=self._session
            )
        finally:
            # The constructor sets the locale of the whole process to `language`; nothing of ours wants that.
            locale.setlocale(locale.LC_ALL, before)


def _refusal(text: str) -> str:
    """One line for a YTMusicError: its own words, and what to do where that is known."""
    text = cut_chars(one_line(text), 200).rstrip(".")
    if "HTTP 401" in text or "HTTP 403" in text:
        return f"YouTube Music refuses the login ({text}): make sources.ytmusic.auth_file anew"
    if "HTTP 429" in text:
        return f"YouTube Music asks for fewer requests ({text}): try again later"
    if "provide authentication" in text:
        return "YouTube Music wants a login for this: set sources.ytmusic.auth_file"
    return f"YouTube Music: {text}"


def _misunderstood(error: Exception) -> str:
    # Never the error's own text: ytmusicapi puts the whole answer into it.
    return (
        f"YouTube Music answered what ytmusicapi does not understand ({type(error).__name__}):"
        " update ytmusicapi, and if the login is old make auth_file anew"
    )
