"""How `mpdbridge doctor` looks: one line for each check, and what to do."""

import json
from collections.abc import Sequence
from dataclasses import asdict

import click
from rich.table import Table
from rich.text import Text

from mpdbridge.cli.summary import plain_console, print_table
from mpdbridge.doctor.checks import Check, State, worst
from mpdbridge.text import counted, one_line

_STYLES: dict[State, str] = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def print_checks(checks: Sequence[Check]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for check in checks:
        told = Text(one_line(check.told))
        if check.fix:
            told.append(f"; {one_line(check.fix)}", style="bold")
        table.add_row(Text(check.state, style=_STYLES[check.state]), check.name, told)
    print_table(table, plain_console())


def print_json(checks: Sequence[Check]) -> None:
    """The worst state of all, and every check; `fix` is empty where there is nothing to do."""
    data = {"state": worst(checks), "checks": [asdict(check) for check in checks]}
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def failure_of(checks: Sequence[Check]) -> str:
    """One line for stderr when something does not work; empty when all does."""
    failed = sum(check.state == "fail" for check in checks)
    return f"{failed} of {counted(len(checks), 'check')} failed" if failed else ""
