"""The service manager hears us, wherever its socket is; one that is away costs nothing."""

import os
import socket

import pytest
from structlog.testing import capture_logs
from support.notify import NotifySocket

from mpdbridge.service.manager import ServiceManager


def test_what_is_told_arrives_as_sd_notify_says_it() -> None:
    with NotifySocket() as heard:
        manager = ServiceManager(heard.env)
        manager.ready()
        manager.alive("two\nlines")
        manager.stopping()
        assert heard.pending() == ["READY=1", "WATCHDOG=1", "STATUS=two lines", "STOPPING=1"]


def test_an_abstract_socket_is_found() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        name = f"mpdbridge-test-{os.getpid()}"
        listening.bind(f"\0{name}")
        listening.settimeout(5)
        ServiceManager({"NOTIFY_SOCKET": f"@{name}"}).ready()
        assert listening.recv(100) == b"READY=1"


@pytest.mark.parametrize("env", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1234"}])
def test_without_one_nothing_is_told(env) -> None:
    manager = ServiceManager({**env, "WATCHDOG_USEC": "1000000"})
    assert (manager.present, manager.watchdog) == (False, None)
    manager.ready()


def test_one_that_has_gone_is_logged_once(tmp_path) -> None:
    manager = ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    with capture_logs() as logs:
        for _ in range(3):
            manager.alive("well")
    assert [line["event"] for line in logs] == ["the service manager hears nothing"]


def test_one_that_does_not_listen_keeps_nobody_waiting() -> None:
    """Its queue takes some ten datagrams."""
    with NotifySocket() as heard:
        manager = ServiceManager(heard.env)
        with capture_logs() as logs:
            for _ in range(2000):
                manager.alive("well")
    assert len(logs) == 1


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": str(os.getpid())}, 0.5),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_meant_for_us_or_not(variables, seconds) -> None:
    assert ServiceManager({"NOTIFY_SOCKET": "/s", **variables}).watchdog == seconds
