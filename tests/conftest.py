"""What every test has: a watch over the event loop, Hypothesis profiles, and a private mpd for those who ask."""

import logging
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from blockbuster import BlockBuster, blockbuster_ctx
from hypothesis import HealthCheck, settings
from support.mpd_process import MpdProcess

pytest_plugins = ("support.innertube_aside", "support.website")

# Commands are ended as Ctrl-C does it; a shell that puts the tests into the background has them ignore that.
signal.signal(signal.SIGINT, signal.default_int_handler)

_QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("dev", deadline=None, suppress_health_check=_QUIET)
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.register_profile("deep", settings.get_profile("dev"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))


@pytest.fixture(autouse=True)
def blockbuster() -> Iterator[BlockBuster]:
    """Our package may not block a running event loop; tests and their helpers may."""
    with blockbuster_ctx("mpdbridge") as watch:
        for name, function in watch.functions.items():
            if name.endswith("Lock.acquire"):
                function.can_block_in("coverage/collector.py", "lock_data")  # coverage's own, between threads
        yield watch


@pytest.fixture(autouse=True)
def _log_defaults() -> Iterator[None]:
    """A level or format that one test sets, or a command that it runs, is not the next one's."""
    root = logging.getLogger()
    level = root.level
    yield
    structlog.reset_defaults()
    for handler in [each for each in root.handlers if type(each).__module__.startswith("mpdbridge")]:
        root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture(autouse=True, scope="session")
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test finds the user's configuration, login, browsers or mpd.conf, and his relay nothing of a test's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        for name in ("CACHE", "CONFIG", "DATA"):
            patch.setenv(f"XDG_{name}_HOME", str(tmp_path_factory.mktemp(name.lower())))
        yield


@pytest.fixture
def start_mpd(tmp_path: Path) -> Iterator[Callable[..., MpdProcess]]:
    """`start_mpd(tcp=True, …)` starts a private mpd with the options of MpdProcess; several may run at once."""
    started: list[MpdProcess] = []

    def start(**options: Any) -> MpdProcess:
        process = MpdProcess(home=tmp_path / f"mpd{len(started)}", **options)
        started.append(process)
        return process.start()

    yield start
    for process in started:
        process.close()


@pytest.fixture
def mpd(start_mpd: Callable[..., MpdProcess]) -> MpdProcess:
    """A private mpd with stored playlists and a null output."""
    return start_mpd()
