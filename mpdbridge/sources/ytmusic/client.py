"""The one thread that talks to ytmusicapi, and the one place that knows its exceptions.

ytmusicapi blocks, is not thread-safe, and takes a quarter of a second to import: all of it happens in this thread.
The thread is a daemon: a request that hangs must not hold up the end of the program.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from mpdbridge.config import YTMusicSettings
from mpdbridge.errors import LoginError, SourceAwayError, SourceError
from mpdbridge.logs import get_logger
from mpdbridge.sources.ytmusic.login import HOW
from mpdbridge.sources.ytmusic.opened import Opened, SessionFactory
from mpdbridge.text import cut_chars, one_line

log = get_logger(__name__)

Answer = TypeVar("Answer")
Ask = Callable[[Any], Answer]
Job = tuple["Future[Any]", Ask[Any], bool]

# What ytmusicapi raises when an answer has another shape than it knows. (ValueError: JSON, numbers.)
SHAPE_ERRORS = (KeyError, IndexError, TypeError, AttributeError, ValueError)

_QUIET = 2.0  # seconds without a call, after which rotated cookies are stored; YouTube sends some with each answer
_UNSTORED = 30.0  # seconds after which they are stored in any case
_LAST_WORD = 1.0  # seconds that the end waits for the thread, if no call hangs


class MusicClient:
    """`await client.call(lambda music: music.get_album(…))`: calls are carried out one after another.

    Args:
        settings: login, language, account.
        session_factory: called in the thread, once for guests and once for each login; None for `open_session`.
    """

    def __init__(self, *, settings: YTMusicSettings, session_factory: SessionFactory | None = None) -> None:
        self._opened = Opened(settings=settings, session_factory=session_factory)
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._ended: Future[None] | None = None

    async def call(self, ask: Ask[Answer], *, login: bool = False) -> Answer:
        """What `ask` returns when it is called with the YTMusic object in the thread.

        Args:
            ask: the call; it may be made a second time, as a guest, when the login turns out to be dead.
            login: what is asked for belongs to the account. Otherwise it is public: then a login that is not there, or
                known to be dead, is no obstacle.

        Raises:
            LoginError: `login`, and there is none that works; or YouTube Music wants one.
            SourceAwayError: YouTube Music cannot be reached, or asks for fewer requests.
            SourceError: it refuses, or answers what ytmusicapi does not understand.
        """
        if self._ended is None:
            self._ended = Future()
            threading.Thread(target=self._work, args=(self._ended,), name="ytmusicapi", daemon=True).start()
        future: Future[Answer] = Future()
        self._jobs.put((future, ask, login))
        return await asyncio.wrap_future(future)

    async def aclose(self) -> None:
        """Ends the thread after the call that is under way; does not wait for one that hangs."""
        if self._ended is not None:
            ended, self._ended = asyncio.wrap_future(self._ended), None
            self._jobs.put(None)
            await asyncio.wait([ended], timeout=_LAST_WORD)  # it stores the last cookies

    def _work(self, ended: "Future[None]") -> None:
        while (job := self._next()) is not None:
            future, ask, login = job
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(self._ask(ask, login=login))
                except BaseException as error:  # noqa: BLE001  # it is raised again where it is awaited
                    future.set_exception(error)
        with _in_spite_of_anything():
            self._opened.close()
        ended.set_result(None)

    def _next(self) -> Job | None:
        """The next job. While there is none, and when it is high time, rotated cookies are stored."""
        with _in_spite_of_anything():
            waiting = self._opened.unstored_seconds()
            if waiting is not None:
                with suppress(Empty):
                    if waiting < _UNSTORED:
                        return self._jobs.get(timeout=_QUIET)
                self._opened.store()
        return self._jobs.get()

    def _ask(self, ask: Ask[Answer], *, login: bool) -> Answer:
        if not self._opened.is_of_use(login=login):
            return _translated(lambda: ask(self._opened.guest()), logged_in=False)
        try:
            answer = _translated(lambda: ask(self._opened.account()), logged_in=True)
        except LoginError as refused:
            if login:
                self._opened.login_is_dead = True
                raise
            try:
                return _translated(lambda: ask(self._opened.guest()), logged_in=False)
            except SourceError:
                raise refused from None
        if login:
            self._opened.login_is_dead = False
        return answer


@contextmanager
def _in_spite_of_anything() -> Iterator[None]:
    """For what is done beside the calls: if it ended the thread, the next call would wait for ever."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  # nobody awaits it; and not its text, which may quote a cookie
        log.warning("the login's new cookies are not kept", reason=type(error).__name__)


def _translated(call: Callable[[], Answer], *, logged_in: bool) -> Answer:
    """What `call` returns, or a SourceError for all that ytmusicapi and requests raise."""
    import requests
    from ytmusicapi.exceptions import YTMusicError

    try:
        return call()
    except YTMusicError as error:
        raise _refusal(str(error), logged_in=logged_in) from error
    except requests.HTTPError as error:
        raise _refusal(f"HTTP {error.response.status_code} without a reason", logged_in=logged_in) from error
    except SHAPE_ERRORS as error:
        # Never the error's own text: ytmusicapi puts the whole answer into it.
        what = f"YouTube Music answered what ytmusicapi does not understand ({type(error).__name__})"
        raise SourceError(f"{what}: renew ytmusicapi, see Install in the README") from error
    except requests.RequestException as error:
        reason = type(error).__name__
        raise SourceAwayError(f"YouTube Music does not answer ({reason}): is this machine online?") from error


def _refusal(text: str, *, logged_in: bool) -> SourceError:
    """One line for a YTMusicError: its own words, and what to do where that is known."""
    text = cut_chars(one_line(text), 200).rstrip(".")
    if "HTTP 401" in text or "HTTP 403" in text:
        what = "refuses the login" if logged_in else "wants a login for this"
        return LoginError(f"YouTube Music {what} ({text}): {HOW}")
    if "provide authentication" in text:
        return LoginError(f"YouTube Music wants a login for this: {HOW}", absent=True)
    if "HTTP 404" in text:
        return SourceError(f"YouTube Music has no such page, or it is private ({text}): check the link")
    if "HTTP 429" in text:
        return SourceAwayError(f"YouTube Music asks for fewer requests ({text}): try again later")
    return SourceError(f"YouTube Music: {text}")
