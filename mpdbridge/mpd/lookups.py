"""What becomes of links: each is looked up once, however often it stands in the queue, and again later if that fails.

Nothing here speaks to MPD, and whoever asks never waits: there is an answer, or `changed` is called when there is one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from mpdbridge.concurrency import backoff, both
from mpdbridge.errors import MpdBridgeError
from mpdbridge.logs import get_logger
from mpdbridge.models import Track
from mpdbridge.resolver.failures import shown

log = get_logger(__name__)

LookUp = Callable[[str], Awaitable[Sequence[Track] | None]]
"""The tracks behind a link, or None when the link is none of ours; raises MpdBridgeError when it cannot tell."""

_CROWD = 20  # links that wait; a playlist of links was loaded, and its site is asked in no hurry
_PAUSE = 1.0  # seconds between two of a crowd
_KEPT = 1000  # links that are known to be none of ours


def link_retries() -> Iterator[float]:
    """Seconds between the tries of a link: who is offline now is so for minutes, and what is gone stays gone."""
    return backoff(first=60, longest=3600)


@dataclass(frozen=True, slots=True)
class Found:
    """What the link stands for; at least one track."""

    tracks: Sequence[Track]


@dataclass(frozen=True, slots=True)
class Failed:
    """Why the link gave nothing, in one line, and when it is worth another try (loop time)."""

    reason: str
    retry_at: float


@dataclass(slots=True)
class _Link:
    answer: Found | Failed | None = None
    under_way: bool = False
    delays: Iterator[float] = field(default_factory=link_retries)


class Lookups:
    """Looks links up while `run()` runs.

    Args:
        look_up: asks the link's site.
        quick: whether a link's site answers at once; such links never wait for others.
        changed: is called after each answer, and when one is old enough for another try.
        delays: seconds between the tries of one link.
    """

    def __init__(
        self,
        *,
        look_up: LookUp,
        quick: Callable[[str], bool],
        changed: Callable[[], None],
        delays: Callable[[], Iterator[float]] = link_retries,
    ) -> None:
        self._look_up = look_up
        self._quick = quick
        self._changed = changed
        self._delays = delays
        self._links: dict[str, _Link] = {}
        self._foreign: dict[str, None] = {}  # oldest first
        self._lanes: tuple[asyncio.Queue[str], asyncio.Queue[str]] = (asyncio.Queue(), asyncio.Queue())

    async def run(self) -> None:
        """Answers until it is cancelled."""
        quick, slow = self._lanes
        await both(self._work(quick), self._work(slow))

    def is_foreign(self, link: str) -> bool:
        """Whether it was found to be none of ours."""
        return link in self._foreign

    def answer(self, link: str) -> Found | Failed | None:
        """The last answer; None before the first one."""
        return self._links[link].answer if link in self._links else None

    def ask(self, link: str) -> None:
        """Looks it up, unless its tracks are known; after a failure again, and until then the old answer stays."""
        found = self._links.setdefault(link, _Link(delays=self._delays()))
        if not found.under_way and not isinstance(found.answer, Found):
            found.under_way = True
            self._lanes[0 if self._quick(link) else 1].put_nowait(link)

    def know(self, link: str, tracks: Sequence[Track]) -> None:
        """It need not be looked up: these are its tracks."""
        self._links[link] = _Link(Found(tracks))

    def fail(self, link: str, reason: str) -> None:
        """Its tracks are known, and yet nothing can be done with them at present."""
        found = self._links.setdefault(link, _Link(delays=self._delays()))
        again = isinstance(found.answer, Failed) and found.answer.reason == reason
        (log.debug if again else log.warning)("a link in the queue gives nothing", link=shown(link), reason=reason)
        delay = next(found.delays)
        loop = asyncio.get_running_loop()
        found.answer = Failed(reason, loop.time() + delay)
        loop.call_later(delay, self._changed)

    def keep(self, links: Collection[str]) -> None:
        """Forgets all others."""
        for link in self._links.keys() - links:
            del self._links[link]

    async def _work(self, lane: asyncio.Queue[str]) -> None:
        while True:
            link = await lane.get()
            if link not in self._links:  # it has left the queue meanwhile
                continue
            answer = await self._asked(link)
            if found := self._links.get(link):
                found.under_way = False
                if answer is None:
                    self._note_foreign(link)
                elif isinstance(answer, str):
                    self.fail(link, answer)
                else:
                    found.answer = Found(answer)
            self._changed()
            if lane.qsize() > _CROWD:
                await asyncio.sleep(_PAUSE)

    async def _asked(self, link: str) -> Sequence[Track] | str | None:
        """The tracks, or why there are none, or None for a link that is none of ours."""
        try:
            return await self._look_up(link)
        except MpdBridgeError as error:
            return str(error)

    def _note_foreign(self, link: str) -> None:
        del self._links[link]
        self._foreign[link] = None
        if len(self._foreign) > _KEPT:
            del self._foreign[next(iter(self._foreign))]
