"""The commented configuration that `mpdbridge config init` writes. It parses to exactly the defaults."""

from pathlib import Path

from mpdbridge.config.settings import DEFAULT_FORMAT, ProxySettings, YTMusicSettings

_EXAMPLE = """\
# mpdbridge configuration. Every key may be left out; what stands here is the default.
# `mpdbridge config show` prints what is in effect.

sources:
  # YouTube Music. Public playlists, albums and artists need no login.
  ytmusic:
    # true or false; empty: on as soon as there are playlists, or a login.
    enabled:
    # Links or ids of playlists, albums and artists, one per line:
    playlists:
    #  - https://music.youtube.com/playlist?list=PLxxxxxxxxxxxxxxxx
    # Where `mpdbridge auth` keeps the login, for your whole library. Empty: {login}.
    # Browser headers saved by `ytmusicapi browser` will do, too.
    auth_file:
    # What is taken of your library; each album becomes a playlist "Artist - Album".
    library:
      playlists: true
      liked: true
      albums: false
      # One playlist "Uploads".
      uploads: false
    # What to play when a list holds a music video and there is an official audio, or the other way round: audio, video
    # or as-is. `watch` looks the other versions up, a few in a minute; until then a track is what the list holds.
    prefer: as-is
    # Language of names that YouTube translates, e.g. "Liked Music".
    language: en
    # Id of a brand account, if your library belongs to one: the number, in quotes, in the address of its page, which
    # https://myaccount.google.com/brandaccounts leads to.
    account:
  # Any other site that yt-dlp knows, and plain audio links.
  web:
    playlists:
    #  - name: Ambient evening
    #    url: https://example.bandcamp.com/album/some-album
    #  - name: Radio shows
    #    urls:
    #      - https://example.org/show-1.mp3
    #      - https://example.org/show-2.mp3
  # A dozen short pieces of music that come with mpdbridge, to try it without the net.
  demo:
    enabled: false

mpd:
  # Empty: as every MPD client finds it: MPD_HOST and MPD_PORT, then $XDG_RUNTIME_DIR/mpd/socket, /run/mpd/socket,
  # localhost:6600. A path is a Unix socket.
  host:
  port:
  password:
  # How long MPD may take to answer before it counts as gone.
  timeout_seconds: 10
  # Where MPD keeps its .m3u files; used only when MPD itself cannot be reached or refuses playlist commands.
  # Empty: MPD is asked, then its mpd.conf is looked for.
  playlist_directory:
  # Where MPD keeps its music, as this machine sees it; used by library mode only. Empty: MPD is asked over its Unix
  # socket, then its mpd.conf is looked for.
  music_directory:

proxy:
  # The relay that MPD plays from. false: `watch` runs none, and playlists lead to one elsewhere (advertise).
  enabled: true
  # Where it listens. 0.0.0.0 lets an MPD on another machine in; then set advertise, too.
  host: localhost
  # 1024 to 65535; it is part of every link in your playlists.
  port: 8080
  # How MPD reaches the relay when that is not http://<host>:<port>, e.g. http://192.168.1.5:8080
  advertise:
  # All tracks, and which playlists are ours.
  track_mapping_db: {database}
  # Stream titles for players that know no tags (ICY). auto: only where no tags are set; they would hide those and
  # forbid seeking. always, never: for everybody. never helps an MPD in a container, whose address is not known for its.
  icy: auto
  # Bytes of audio between two titles; 16000 is what Icecast uses. Smaller costs CPU, larger delays titles.
  icy_metaint: 16000
  # More than these at once are refused.
  max_streams: 10
  # The first 256 KiB of tracks that were played, or are about to be, stay on disk, in so many MiB at the most: those
  # tracks start at once, while their stream is still being looked for. 0: none are kept.
  head_cache_mb: 512
  # Covers that clients have asked for, or will soon, stay on disk, in so many MiB at the most. 0: none are kept.
  cover_cache_mb: 128
  # Audio is fetched in pieces of so many MiB at most, 1 to 10: YouTube slows longer ones down to playing speed. Smaller
  # ones cost a request each. A client that takes its audio slowly gets smaller ones by itself.
  upstream_range_mib: 10

watch:
  # Songs in the queue show their length before they were ever played. false: only while they play.
  durations: true
  # Links that a client puts into the queue as they are, e.g. https://youtu.be/…, give way to their tracks: those of
  # youtube, or also those to web pages of any other site (all). Web radios and audio files stay MPD's. none: none do.
  links: youtube
  # radio: when fewer than autoplay_below songs are left to play, and all of them are YouTube Music's, tracks like them
  # are appended. off: the queue ends when it ends.
  autoplay: off
  autoplay_below: 3
  # true: tell YouTube Music what is played, if a login is there: after 30 s, or half of a shorter song.
  history: false

sync:
  # How often `mpdbridge watch` looks for changes.
  interval_minutes: 30
  # Stands before each playlist's name in MPD.
  playlist_prefix: "YT: "
  # Remove a playlist from MPD when it is gone at its source. Only playlists made by mpdbridge are ever touched.
  prune: true
  # Names or ids; * and ? as in the shell. An empty include means all.
  playlists:
    include: []
    exclude: []

library:
  # true: every track becomes a song of MPD's own database, by a CUE sheet in its music directory: clients can search,
  # browse and rate it, and show its tags and time in playlists. false again takes all of them away.
  enabled: false
  # The folder of the music directory that the sheets go to.
  folder: YouTube Music

resolver:
  # What yt-dlp shall choose, in its own words. 774 and 141 need a Premium login.
  format: "{format}"
  # How long yt-dlp may take for one track.
  timeout_seconds: 30
  # How long a stream link is used when it does not say itself when it expires.
  refresh_hours: 5
  # How many of the next tracks are looked up, and their beginnings fetched, before they are played.
  prefetch: 2
  # How many streams sites are asked for at most. YouTube blocks guests that want more than about 300 in an hour.
  max_per_hour: 200
  # Look streams up with the login of sources.ytmusic: Premium quality, and restricted tracks. false: as a guest.
  use_login: true
  # Other cookies than those, in Netscape format.
  cookies_file:
  # Passed to yt-dlp, e.g. {{youtube: {{player_client: [web_music]}}}}
  extractor_args: {{}}

log:
  # debug, info, warning or error
  level: info
  # auto: readable on a terminal and in the journal, JSON lines elsewhere. console or json: always that.
  format: auto
"""


def example_config() -> str:
    """A YAML file with every key at its default, each with the reason to change it."""
    return _EXAMPLE.format(
        database=_with_tilde(ProxySettings().track_mapping_db),
        login=_with_tilde(YTMusicSettings().login_file),
        format=DEFAULT_FORMAT,
    )


def _with_tilde(path: Path) -> str:
    home = Path.home()
    return f'"~/{path.relative_to(home)}"' if path.is_relative_to(home) else f'"{path}"'
