"""`mpdbridge sync`: playlists into MPD, once."""

import click

from mpdbridge.cli.options import State, json_option, pass_state, standard_options
from mpdbridge.errors import MpdBridgeError

_NO_SOURCE = """\
there is nothing to sync yet: no source of music is configured

Write your playlists into {path}:

    sources:
      ytmusic:
        playlists:
          - https://music.youtube.com/playlist?list=PLxxxxxxxxxxxxxxxx

For your whole library, log in: `mpdbridge auth`
(`mpdbridge config init` writes a file that explains everything else, too.)
Or try the music that comes with mpdbridge: `mpdbridge demo`"""

_NO_PLAYLIST = (
    "mpdbridge: no source has a playlist: put links under `sources:` in {path}, or log in with `mpdbridge auth`"
    " (or does sync.playlists exclude them all?)"
)


@click.command(
    epilog="""\b
Examples:
  mpdbridge sync
  mpdbridge sync --dry-run
  mpdbridge sync --playlist "Road trip" --playlist "Ambient*"
"""
)
@click.option(
    "--playlist", "only", multiple=True, metavar="NAME", help="Only this one: name or id, * and ? as in the shell."
)
@click.option("--dry-run", is_flag=True, help="Only tell what would be done.")
@json_option
@standard_options
@pass_state
def sync(state: State, *, only: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Put your playlists into MPD, once.

    Playlists that have not changed cost nothing. Only playlists made by mpdbridge are ever changed or removed, and what
    a source does not tell stays as it is. -v also lists the tracks that are not available. `mpdbridge watch` does the
    same every now and then.
    """
    settings = state.start()
    if not settings.sources.any:
        raise MpdBridgeError(_NO_SOURCE.format(path=state.config_path))
    import asyncio

    from mpdbridge.cli.syncing import sync_and_tell
    from mpdbridge.doctor.facts import ask_relay

    report = sync_and_tell(settings, only=only, dry_run=dry_run, as_json=as_json, verbose=state.verbose)
    if not report.playlists:
        click.echo(_NO_PLAYLIST.format(path=state.config_path), err=True)
    elif settings.proxy.enabled and not dry_run and asyncio.run(ask_relay(settings.proxy)).problem:
        click.echo("mpdbridge: the playlists play while `mpdbridge watch` runs, which it does not now", err=True)
