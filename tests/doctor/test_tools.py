"""yt-dlp is asked itself what it works with, and judged by that."""

import importlib.metadata
from datetime import date

import pytest

from mpdbridge.config import ResolverSettings
from mpdbridge.doctor.tools import judge, probe, renewal
from mpdbridge.resolver import Runtime, Toolchain

DENO = Runtime("deno", "2.9.8", "/usr/bin/deno", supported=True)
GOOD = Toolchain("2026.08.19", (DENO,), solver="0.8.0", solver_wanted="0.8.0")
TODAY = date(2026, 9, 1)


def told(found):
    return [(check.name, check.state, check.told) for check in judge(found, TODAY)]


async def test_the_yt_dlp_that_is_installed_is_the_one_that_answers() -> None:
    age, javascript = await probe(ResolverSettings())
    released = importlib.metadata.version("yt-dlp").split(".")
    assert [int(part) for part in age.told.partition(",")[0].split(".")] == [int(part) for part in released]
    assert javascript.told == (
        f"deno {importlib.metadata.version('deno')}, with yt-dlp-ejs {importlib.metadata.version('yt-dlp-ejs')}"
    )


async def test_a_resolver_section_that_yt_dlp_does_not_take_is_told() -> None:
    (check,) = await probe(ResolverSettings(format="no[such"))
    assert check.state == "fail"
    assert check.told.startswith("yt-dlp does not start with the resolver section as it is")


async def test_cookies_that_are_named_and_not_there_are_told(tmp_path) -> None:
    *_, check = await probe(ResolverSettings(cookies_file=tmp_path / "none.txt"))
    assert (check.name, check.state) == ("Cookies", "warn")
    assert str(tmp_path / "none.txt") in check.told


@pytest.mark.parametrize(
    ("prefix", "told"),
    [
        (
            "/home/a/.local/share/pipx/venvs/mpdbridge",
            'pipx runpip mpdbridge install --upgrade "yt-dlp[default,deno]" ytmusicapi',
        ),
        ("/home/a/.local/share/uv/tools/mpdbridge", "uv tool upgrade mpdbridge"),
        (
            "/home/a/my venv",
            "'/home/a/my venv/bin/python' -m pip install --upgrade \"yt-dlp[default,deno]\" ytmusicapi",
        ),
    ],
)
def test_the_fix_is_for_the_installation_that_is_there(prefix, told) -> None:
    assert renewal(prefix, f"{prefix}/bin/python") == told


def test_a_good_one() -> None:
    assert told(GOOD) == [
        ("yt-dlp", "ok", "2026.08.19, 13 days old"),
        ("JavaScript", "ok", "deno 2.9.8, with yt-dlp-ejs 0.8.0"),
    ]


@pytest.mark.parametrize(
    ("version", "state"),
    [
        ("2026.07.04", "ok"),  # 59 days
        ("2026.07.02", "warn"),  # 61 days
        ("2026.08.19.232912", "ok"),  # a nightly
        ("2025.01.01.1", "warn"),
        ("from-git", "ok"),
    ],
)
def test_its_age_is_that_of_its_version(version, state) -> None:
    (_, found, _), _ = told(Toolchain(version, (DENO,), "0.8.0", "0.8.0"))
    assert found == state


@pytest.mark.parametrize(
    ("runtimes", "solver", "part"),
    [
        ((), "0.8.0", "yt-dlp finds no deno"),
        ((Runtime("deno", "1.40.0", "/usr/bin/deno", supported=False),), "0.8.0", "deno 1.40.0 at /usr/bin/deno"),
        ((DENO,), "", "yt-dlp-ejs is missing"),
        ((DENO,), "0.7.9", "yt-dlp-ejs 0.7.9, where yt-dlp wants 0.8.0"),
    ],
)
def test_what_youtubes_puzzles_need_and_lack(runtimes, solver, part) -> None:
    _, (name, state, message) = told(Toolchain("2026.08.19", runtimes, solver, "0.8.0"))
    assert (name, state) == ("JavaScript", "fail")
    assert part in message


def test_another_patch_level_of_the_solver_does() -> None:
    _, (_, state, _) = told(Toolchain("2026.08.19", (DENO,), "0.8.7", "0.8.0"))
    assert state == "ok"
