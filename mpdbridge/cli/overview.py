"""How `mpdbridge status` looks."""

import json
import time
from dataclasses import asdict
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from mpdbridge import __version__
from mpdbridge.cli.summary import plain_console, print_table
from mpdbridge.doctor.facts import Facts
from mpdbridge.doctor.overview import lines
from mpdbridge.text import one_line


def print_overview(facts: Facts, config: Path) -> None:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for line in lines(facts, config, now=time.time()):
        mark = Text("ok", style="green") if line.well else Text("–", style="yellow")
        table.add_row(mark, line.part, Text(one_line(line.told)))
    print_table(table, plain_console())


def print_json(facts: Facts, config: Path) -> None:
    """Everything that was found; `problem` is empty where a part is well."""
    sources = facts.sources.model_dump(mode="json")
    data = {
        "version": __version__,
        "config": {"path": str(config), "exists": config.exists()},
        "relay": asdict(facts.relay),
        "mpd": asdict(facts.mpd),
        "store": asdict(facts.store),
        "disk": asdict(facts.disk),
        "login": asdict(facts.login),
        "sources": sources,
    }
    click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))
