"""The worker process: of a running bridge the only one that imports yt-dlp, once, and then stays warm.

`python -m mpdbridge.resolver.worker` speaks `mpdbridge.resolver.protocol` on stdin and stdout. It ends when its stdin
does. Jobs run one at a time in the main thread; whoever started it kills it when one takes too long.
"""

import ctypes
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import IO, Any

from mpdbridge.errors import YouTubeStreamError
from mpdbridge.resolver import protocol
from mpdbridge.resolver.cookies import WorkerCookies
from mpdbridge.resolver.failures import Failure, shown
from mpdbridge.resolver.metadata import UNSUITED, Extracted, Listing, extracted, listing
from mpdbridge.resolver.toolchain import Runtime, Toolchain

_PR_SET_PDEATHSIG = 1
_LONGEST_LIST = 16_384  # MPD's own max_playlist_length; a mix of YouTube's has no end
Say = Callable[[protocol.Message], None]


class Extractor:
    """yt-dlp, made ready for our questions."""

    def __init__(self, options: dict[str, Any], *, say: Say) -> None:
        self._options = options
        self._say = say
        self._cookies = WorkerCookies(file=options["cookies_file"], login=options["login_file"])
        self._ydl = self._make()
        self._questions: dict[str, Callable[[str], Extracted | Listing | Toolchain]] = {
            "extract": self.extract,
            "list": self.list,
            "about": self.about,
        }

    def answer(self, job: protocol.Message) -> protocol.Message:
        """The reply to a job; every failure is one too."""
        reply = self._reply(job)
        self._cookies.keep_rotated(self._ydl.cookiejar)
        return reply

    def _reply(self, job: protocol.Message) -> protocol.Message:
        try:
            if not self._cookies.take_changed(self._ydl.cookiejar):
                self._ydl = self._make()
            result = self._questions[job["do"]](job["url"])
        except YouTubeStreamError as error:
            return {"job": job["job"], "refusal": str(error), "permanent": error.permanent}
        except Exception as error:  # noqa: BLE001  # yt-dlp's thousand extractors raise anything
            return {"job": job["job"], "failure": asdict(failure_of(error))}
        return {"job": job["job"], "value": protocol.value_of(result)}

    def extract(self, url: str) -> Extracted:
        """The stream behind `url`; of a list, its first entry's."""
        # A watch link may name the list it was found in; here it is the one video that is wanted.
        info = self._ask(url, extract_flat=False, noplaylist=True, playlist_items="1")
        while info.get("_type") in ("playlist", "multi_video"):
            entry = next(filter(None, info.get("entries") or ()), None)
            if entry is None:
                raise YouTubeStreamError(f"{shown(url)}: an empty list")
            info = entry
        cookie = self._ydl.cookiejar.get_cookie_header(str(info.get("url") or url))
        return extracted(info, now=time.time(), cookie=cookie)

    def list(self, url: str) -> Listing:
        """What stands behind `url`; entries are not looked into."""
        return listing(
            self._ask(url, extract_flat="in_playlist", noplaylist=False, playlist_items=f"1:{_LONGEST_LIST}")
        )

    def about(self, _url: str) -> Toolchain:
        """What yt-dlp works with. It tells this in its own debug output only, so some names here are not public."""
        from yt_dlp.dependencies import yt_dlp_ejs
        from yt_dlp.extractor.youtube.jsc._builtin import vendor
        from yt_dlp.version import __version__

        found = (each and each.info for each in self._ydl._js_runtimes.values())  # noqa: SLF001
        return Toolchain(
            version=__version__,
            runtimes=tuple(Runtime(each.name, each.version, each.path, each.supported) for each in found if each),
            solver=yt_dlp_ejs.version if yt_dlp_ejs else "",
            solver_wanted=vendor.VERSION,
        )

    def _ask(self, url: str, **params: object) -> dict[str, Any]:
        self._ydl.params.update(params)
        info: dict[str, Any] = self._ydl.sanitize_info(self._ydl.extract_info(url, download=False))
        return info

    def _make(self) -> Any:
        import yt_dlp

        arguments = {
            extractor.lower(): {key.replace("-", "_").lower(): values for key, values in pairs.items()}
            for extractor, pairs in self._options["extractor_args"].items()
        }
        ydl = yt_dlp.YoutubeDL(
            {
                "format": self._options["format"],
                "extractor_args": arguments,
                "cookiefile": self._cookies.stream(),
                "socket_timeout": self._options["socket_timeout"],
                "logger": _Log(self._say),
                "quiet": True,
                "color": "never",
            }
        )
        # Each extractor compiles the pattern of its URLs when it is first asked; all 1,800 take half a second.
        any(extractor.suitable("https://mpdbridge.invalid/") for extractor in yt_dlp.extractor.gen_extractor_classes())
        chosen = ydl.format_selector

        def chosen_or_any(context: dict[str, Any]) -> list[dict[str, Any]]:
            # That nothing suits is an answer too: any format will do then, to see what there is instead.
            suited = list(chosen(context))
            return suited or [{**last, UNSUITED: True} for last in context["formats"][-1:]]

        ydl.format_selector = chosen_or_any
        return ydl


class _Log:
    """yt-dlp's `logger` parameter: all it says goes to the bridge's debug log, nothing to a terminal."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def debug(self, message: str) -> None:
        self._say({"log": message})

    info = warning = error = debug


def failure_of(error: BaseException) -> Failure:
    """The failure behind yt-dlp's DownloadError, which wraps every other in its `exc_info`."""
    inner: Any = (getattr(error, "exc_info", None) or (None, error))[1] or error
    status = getattr(inner, "status", None) or getattr(getattr(inner, "cause", None), "status", None)
    told = getattr(inner, "orig_msg", None) or str(inner)
    return Failure(kind=type(inner).__name__, message=str(told), status=status if isinstance(status, int) else None)


def main() -> None:
    """Answer jobs until stdin ends."""
    _die_with_parent()
    jobs_in, replies_out = _take_over_stdio()

    def say(message: protocol.Message) -> None:
        replies_out.write(protocol.line(message))
        replies_out.flush()

    options = protocol.message(jobs_in.readline())
    try:
        extractor = Extractor(options, say=say)
    except Exception as error:  # noqa: BLE001  # a broken yt-dlp, a wrong format or cookies file: told, not dumped
        say({"failure": asdict(failure_of(error))})
        return
    say({"ready": sys.modules["yt_dlp"].version.__version__})
    jobs: queue.SimpleQueue[protocol.Message | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(jobs_in, jobs), daemon=True).start()
    while (job := jobs.get()) is not None:
        say(extractor.answer(job))


def _read(jobs_in: IO[bytes], jobs: "queue.SimpleQueue[protocol.Message | None]") -> None:
    for text in jobs_in:
        jobs.put(protocol.message(text))
    jobs.put(None)
    time.sleep(0.5)  # an idle main thread has ended by now; a busy one has nobody left to work for
    os._exit(0)


def _take_over_stdio() -> tuple[IO[bytes], IO[bytes]]:
    """Our own ends of stdin and stdout; all else in this process and below (deno, ffmpeg) gets /dev/null."""
    jobs_in = os.fdopen(os.dup(0), "rb")
    replies_out = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    return jobs_in, replies_out


def _die_with_parent() -> None:
    """Even if the parent is killed while a regular expression here holds the interpreter.

    Elsewhere than on Linux, the end of stdin has to do.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
