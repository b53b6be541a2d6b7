"""The command line as a whole: quick to start, and plain about what went wrong."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from mpdbridge import __version__
from mpdbridge.cli import app
from mpdbridge.errors import ConfigError, MpdBridgeError, SourceError

HEAVY = ("aiohttp", "asyncio", "mpd", "pydantic", "rich", "sqlite3", "structlog", "yaml", "yt_dlp", "ytmusicapi")


def modules_after(*words):
    """The heavy modules that a command line has imported when it ends."""
    script = f"""
import sys
from mpdbridge.cli import main
sys.argv = ["mpdbridge", *{words!r}]
try:
    main()
except SystemExit as end:
    print([name for name in {HEAVY!r} if name in sys.modules], end.code, file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env=unmeasured(), capture_output=True, text=True, timeout=60, check=False
    )
    return done.stderr.strip()


def unmeasured():
    """The environment without what makes Python measure coverage, which imports modules of its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COV")}


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["config", "init", "--help"]]
    + [[name, "--help"] for name in app._COMMANDS],
    ids=" ".join,
)  # fmt: skip
def test_help_imports_nothing_heavy(words):
    assert modules_after(*words) == "[] 0"


def test_completion_imports_nothing_heavy(tmp_path):
    environment = unmeasured() | {
        "_MPDBRIDGE_COMPLETE": "bash_complete",
        "COMP_WORDS": "mpdbridge s",
        "COMP_CWORD": "1",
    }
    script = f"""
import atexit, sys
atexit.register(lambda: print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr))
from mpdbridge.cli import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert "plain,status" in done.stdout
    assert done.stderr.strip() == "[]"


@pytest.fixture
def run(monkeypatch, capsys):
    """`run(*words)` gives exit code, stdout and stderr of main()."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["mpdbridge", *words])
        with pytest.raises(SystemExit) as ended:
            app.main()
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return run


@pytest.fixture
def failing(monkeypatch):
    """`failing(problem)` makes `mpdbridge fail` raise it."""

    def failing(problem):
        @app.standard_options
        def fail():
            raise problem

        monkeypatch.setitem(app._COMMANDS, "fail", "tests:fail")
        command = click.command()(fail)
        monkeypatch.setattr(app.LazyGroup, "get_command", lambda *_: command)

    return failing


def test_version(run):
    assert run("--version") == (0, f"mpdbridge {__version__}\n", "")


def test_help_lists_every_command_with_what_it_does(run):
    code, out, _ = run("--help")
    assert code == 0
    for name in app._COMMANDS:
        line = next(line for line in out.splitlines() if line.startswith(f"  {name} "))
        assert len(line.split(maxsplit=1)[1]) > 10


def test_readme_tells_every_command_in_the_same_order():
    """`dislike` and `unlike` share a line."""
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    lines = [line.split(" | ")[0] for line in readme.splitlines() if line.startswith("| `mpdbridge ")]
    told = [name for line in lines for name in re.findall(r"`(?:mpdbridge )?([a-z]+)", line)]
    assert told == list(app._COMMANDS)


@pytest.mark.parametrize("name", app._COMMANDS)
def test_readme_names_only_options_that_there_are(name):
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    used = re.findall(rf"(?m)(?:^ +|`|\| )mpdbridge {name}\b([^`#\n]*)", readme)
    command = app.cli.get_command(click.Context(app.cli), name)
    options = {option for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", " ".join(used))) <= options


@pytest.mark.parametrize("name", app._COMMANDS)
def test_every_command_takes_the_standard_options(name):
    command = app.cli.get_command(click.Context(app.cli), name)
    assert {"--config", "--verbose"} <= {option for parameter in command.params for option in parameter.opts}


@pytest.mark.parametrize("name", [name for name in app._COMMANDS if name != "config"])
def test_every_command_has_an_example(name):
    assert "mpdbridge " in app.cli.get_command(click.Context(app.cli), name).epilog


def test_a_misspelt_command_is_a_usage_error_with_a_suggestion(run):
    told = "mpdbridge: error: there is no command 'sycn'; did you mean 'sync'? (see `mpdbridge --help`)\n"
    assert run("sycn") == (2, "", told)


def test_a_wrong_use_is_one_line_that_names_the_help_to_read(run):
    code, out, err = run("config", "show", "--jsn")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("mpdbridge: error: ")
    assert "--json" in err
    assert err.endswith(" (see `mpdbridge config show --help`)\n")


def test_a_group_without_a_command_shows_its_help(run):
    code, out, err = run("service")
    assert (code, (out + err).startswith("Usage: mpdbridge service ")) == (2, True)


def test_a_failure_is_one_line_and_exit_code_1(run, failing):
    failing(SourceError("ytmusic does not answer"))
    assert run("fail") == (1, "", "mpdbridge: error: ytmusic does not answer\n")


def test_a_wrong_configuration_is_exit_code_2(run, failing):
    failing(ConfigError("c.yaml, line 1: wrong"))
    assert run("fail") == (2, "", "mpdbridge: error: c.yaml, line 1: wrong\n")


@pytest.mark.parametrize("words", [["fail"], ["fail", "-v"]], ids=" ".join)
def test_several_failures_are_told_one_by_one(run, failing, words):
    failing(ExceptionGroup("tasks", [MpdBridgeError("one"), ExceptionGroup("inner", [ConfigError("two")])]))
    assert run(*words) == (1, "", "mpdbridge: error: one\nmpdbridge: error: two\n")


def test_a_bug_is_one_line_too(run, failing):
    failing(KeyError("contents"))
    code, out, err = run("fail")
    assert (code, out) == (1, "")
    assert err == "mpdbridge: error: KeyError: 'contents'; this is a bug: `mpdbridge -v …` shows where\n"


def test_a_bug_shows_where_it_is_when_asked(monkeypatch, failing):
    failing(KeyError("contents"))
    monkeypatch.setattr(sys, "argv", ["mpdbridge", "-v", "fail"])
    with pytest.raises(KeyError):
        app.main()


def test_interrupted_is_130_without_a_word_more(run, failing):
    failing(KeyboardInterrupt())
    code, out, err = run("fail")
    assert (code, out, err.strip()) == (130, "", "")


def test_a_closed_pipe_is_quiet(tmp_path):
    command = f"{sys.executable} -m mpdbridge config show | head -c 1"
    environment = os.environ | {"XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "#", "")


@pytest.mark.parametrize("words", ["--help", "config show", "status", "status --json"])
@pytest.mark.parametrize(
    ("where", "why"),
    [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")],
    ids=["full", "closed"],
)
def test_output_that_cannot_be_written_is_one_line(tmp_path, words, where, why):
    command = f"{sys.executable} -m mpdbridge {words} {where}"
    environment = os.environ | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "MPD_HOST": "/none"}
    done = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == f"mpdbridge: error: the output cannot be written: {why}\n"


@pytest.mark.parametrize("words", [["--config", "FILE", "config", "path"], ["config", "path", "--config", "FILE"]])
def test_the_standard_options_may_stand_before_or_behind_the_command(run, words, tmp_path):
    file = str(tmp_path / "c.yaml")
    code, out, _ = run(*(file if word == "FILE" else word for word in words), "--json")
    assert (code, json.loads(out)) == (0, {"path": file, "exists": False})
