"""`mpdbridge watch`: the bridge itself."""

import click

from mpdbridge.cli.options import State, pass_state, standard_options


@click.command(
    epilog="""\b
Examples:
  mpdbridge watch
  mpdbridge watch --no-sync -v

\b
It runs until it is stopped (Ctrl-C, or SIGTERM from a service manager).
"""
)
@click.option("--no-sync", is_flag=True, help="Leave the playlists alone; only play and tag.")
@standard_options
@pass_state
def watch(state: State, *, no_sync: bool) -> None:
    """Run the bridge: MPD plays through it.

    It serves the audio, gives every entry in MPD's queue its artist, title and length, whichever client added it, lets
    pasted links give way to their tracks, and keeps the playlists up to date (`sync.interval_minutes`). Clients command
    it over MPD: mpc sendmessage mpdbridge help
    """
    import asyncio
    import gc

    from mpdbridge.daemon import run_watch

    settings = state.start(daemon=True)
    gc.freeze()  # what was imported stays, and need not be looked through again and again: a tenth of tagging's time
    asyncio.run(run_watch(settings, sync=not no_sync))
