"""Runs the parts that were asked for and prints a table for each."""

import argparse
import sys
from importlib import import_module

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from stage import StageError

from benchmarks.measure import Report

PARTS = ("startup", "sync", "library", "ytmusic", "tagging", "relay", "firstbyte", "clients", "stalled", "memory")


def main() -> int:
    """Returns the exit code: 1 when a part could not be measured."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds whose median is shown (default 5)")
    parser.add_argument("--quick", action="store_const", dest="rounds", const=1, help="one round, for a first look")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    console = Console(width=None if sys.stdout.isatty() else 120)
    code = 0
    for part in options.parts or PARTS:
        try:
            for report in import_module(f"benchmarks.{part}").run(rounds=options.rounds):
                show(console, report)
        except StageError as error:
            print(f"bench: {part}: {error}", file=sys.stderr)
            code = 1
        except KeyboardInterrupt:
            return 130
    return code


def show(console: Console, report: Report) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(report.columns):
        table.add_column(column, justify="right" if number else "left")
    for row in report.rows:
        table.add_row(row.name, *row.cells)
    console.print(f"[bold]{report.title}[/]", table, f"[dim]{report.note}[/]\n", sep="\n", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
