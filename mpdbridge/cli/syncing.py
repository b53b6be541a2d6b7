"""One sync with its progress and its summary, for the commands that do one."""

import asyncio
import json
from collections.abc import Sequence

import click

from mpdbridge.cli.progress import SyncProgress
from mpdbridge.cli.summary import failure_of, plain_console, print_summary
from mpdbridge.config import Settings
from mpdbridge.errors import MpdBridgeError
from mpdbridge.sync.events import SyncReport
from mpdbridge.sync.session import run_sync


def sync_and_tell(
    settings: Settings,
    *,
    only: Sequence[str] = (),
    dry_run: bool = False,
    as_json: bool = False,
    verbose: bool = False,
) -> SyncReport:
    """Syncs once and prints the summary, in detail if `verbose`, or the report as JSON.

    Raises:
        MpdBridgeError: something failed; everything else is done, and the summary is printed.
    """
    with SyncProgress() as progress:
        report = asyncio.run(run_sync(settings, only=only, dry_run=dry_run, listener=progress))
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        print_summary(report, plain_console(), verbose=verbose)
    if report.failed:
        raise MpdBridgeError(failure_of(report))
    return report
