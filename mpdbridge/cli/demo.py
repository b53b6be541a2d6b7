"""`mpdbridge demo`: the whole thing in the user's own MPD, with music that comes with it."""

from typing import TYPE_CHECKING

import click

from mpdbridge.cli.options import State, pass_state, standard_options

if TYPE_CHECKING:
    from mpdbridge.config import Settings

_TRY_IT = """
Load one of them in your MPD client, or with mpc:

  mpc clear                                   (empties your queue)
  mpc load {name}
  mpc play
"""
_AND_THEN = "\n{running}.\nTo take the playlists out of MPD again: mpdbridge demo --remove"


@click.command(
    epilog="""\b
Examples:
  mpdbridge demo
  mpdbridge demo --remove
"""
)
@click.option("--remove", is_flag=True, help="Take the demo playlists out of MPD again.")
@standard_options
@pass_state
def demo(state: State, *, remove: bool) -> None:
    """Try it in your MPD, with music that comes with it.

    Puts three short playlists into your MPD and runs the bridge until Ctrl-C, so that you can play them. Needs neither
    configuration nor net; your own playlists are not touched.
    """
    import asyncio
    import shlex

    from mpdbridge.cli.syncing import sync_and_tell
    from mpdbridge.daemon import run_watch
    from mpdbridge.doctor.facts import ask_relay
    from mpdbridge.errors import ProxyError

    settings = only_demo(state.start(), remove=remove)
    relay = asyncio.run(ask_relay(settings.proxy))
    if relay.problem and not relay.absent and not remove:
        raise ProxyError(f"{relay.url}: {relay.problem}")
    report = sync_and_tell(settings)
    if remove:
        return
    running = "The bridge runs until you press Ctrl-C" if relay.absent else "Your `mpdbridge watch` plays them"
    click.echo(_TRY_IT.format(name=shlex.quote(report.playlists[0].mpd_name)), nl=False)
    click.echo(_AND_THEN.format(running=running))
    if relay.absent:
        asyncio.run(run_watch(settings, sync=False))


def only_demo(settings: "Settings", *, remove: bool = False) -> "Settings":
    """`settings` with the demo as the only source; with `remove`, none of its playlists is wanted any more.

    A sync removes playlists only of sources that it asks, so those of all others stay.
    """
    from mpdbridge.config import DemoSettings, PlaylistFilter, SourcesSettings

    playlists = PlaylistFilter(exclude=("*",) if remove else ())
    return settings.model_copy(
        update={
            "sources": SourcesSettings(demo=DemoSettings(enabled=True)),
            "sync": settings.sync.model_copy(update={"playlists": playlists, "prune": True}),
            "proxy": settings.proxy.model_copy(update={"enabled": True}),
        }
    )
