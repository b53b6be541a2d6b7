"""The text of commands: what is understood, what is refused and how, and that nothing is lost on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.control.commands import VERBS, Command, help_lines, parse
from mpdbridge.errors import ConfigError


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("like", Command("like")),
        ("  LIKE  ", Command("like")),
        ("like oLtmHdXKIYE", Command("like", "oLtmHdXKIYE")),
        ("like -BnmZGmnwEE", Command("like", "-BnmZGmnwEE")),
        ("like -- --nmZGmnwEE", Command("like", "--nmZGmnwEE")),
        ("radio --append", Command("radio", "", frozenset({"--append"}))),
        ("radio --append --play x", Command("radio", "x", frozenset({"--append", "--play"}))),
        ("search  don't 'stop\" me --now", Command("search", "don't 'stop\" me --now")),
        ("add --next https://youtu.be/x 3", Command("add", "https://youtu.be/x 3", frozenset({"--next"}))),
        ("sync", Command("sync")),
    ],
)
def test_a_command_is_understood(line: str, command: Command) -> None:
    assert parse(line) == command


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "there is no command '': send help"),
        ("lik", "there is no command 'lik': did you mean 'like'?"),
        ("dance now", "there is no command 'dance': send help"),
        ("search", "something must follow: search QUERY"),
        ("sync now", "nothing may follow: sync"),
        ("radio --loud x", r"radio knows no --loud: radio \[--append\] \[--play\] \[TRACK\]"),
        ("like --append", r"like knows no --append: like \[TRACK\]"),
    ],
)
def test_anything_else_is_refused_with_what_is_right(line: str, told: str) -> None:
    with pytest.raises(ConfigError, match=f"^{told.replace('?', '[?]')}$"):
        parse(line)


def test_help_tells_of_every_verb() -> None:
    assert [line.split(":")[0].split()[0] for line in help_lines()] == list(VERBS)
    assert "add [--next] [--play] LINK|N...: puts links" in "\n".join(help_lines())


words = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_categories=("Cc", "Zs")), min_size=1)


@st.composite
def commands(draw: st.DrawFn) -> Command:
    verb = draw(st.sampled_from(sorted(VERBS)))
    form = VERBS[verb]
    flags = draw(st.frozensets(st.sampled_from(form.flags))) if form.flags else frozenset()
    least = 1 if form.needed else 0
    text = " ".join(draw(st.lists(words, min_size=least, max_size=4))) if form.takes else ""
    return Command(verb, text, flags)


@given(commands())
def test_its_text_means_the_same_command(command: Command) -> None:
    assert parse(str(command)) == command


@given(st.text())
def test_any_text_is_a_command_or_refused_in_one_line(line: str) -> None:
    try:
        told = str(parse(line))
    except ConfigError as error:
        told = str(error)
    assert len(told.splitlines()) == 1
