"""Waiting: the backoff grows, is jittered, and has an end to its growth."""

from itertools import islice

import pytest

from mpdbridge.concurrency import backoff


def test_backoff_doubles_up_to_its_longest():
    delays = list(islice(backoff(first=1, longest=8), 6))
    assert delays == [pytest.approx(base, rel=0.2) for base in (1, 2, 4, 8, 8, 8)]


def test_two_backoffs_differ_so_that_clients_spread():
    assert list(islice(backoff(), 4)) != list(islice(backoff(), 4))
