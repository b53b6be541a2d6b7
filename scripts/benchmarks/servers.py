"""The servers around the relay, each one process: nginx as upstream, nginx as proxy, a plain copying loop, and ours."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from stage import Stage, free_port

from benchmarks.http import answers
from mpdbridge.models import Stream, Track
from mpdbridge.store import TrackStore

BIG = 256 * 1024 * 1024  # bytes; long enough that a process's 10 ms ticks do not matter
TRACK = Track(track_id="benchmark-1", title="Title", artists=("Artist",), source="web", source_url="http://localhost/")

_NGINX_CONF = """\
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on; tcp_nodelay on; default_type audio/webm;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  {upstream}
  server {{ listen 127.0.0.1:{port}; {location} }}
}}
"""
# proxy_buffer_size is what one read may bring; the two others only have to be larger for nginx to start.
_PROXY = """location / {
  proxy_pass http://upstream; proxy_http_version 1.1; proxy_set_header Connection "";
  proxy_buffering off; proxy_buffer_size 256k; proxy_buffers 4 256k; proxy_busy_buffers_size 512k; }"""


@dataclass(frozen=True)
class Server:
    """A process of ours that answers HTTP.

    Attributes:
        path: what to GET from it.
    """

    pid: int
    port: int
    path: str


def upstream(stage: Stage) -> Server:
    """An nginx that serves one big file: the fastest upstream there is."""
    files = stage.folder / "files"
    files.mkdir()
    with (files / "big.webm").open("wb") as big:
        big.truncate(BIG)
    return _nginx(stage, "upstream", location=f"root {files};", path="/big.webm")


def nginx_proxy(stage: Stage, source: Server) -> Server:
    """An nginx in the relay's place, without buffering on disk and with upstream connections kept."""
    block = f"upstream upstream {{ server 127.0.0.1:{source.port}; keepalive 16; }}"
    return _nginx(stage, "proxy", upstream=block, location=_PROXY, path=source.path)


def plain_loop(stage: Stage, source: Server) -> Server:
    """What one would write first: aiohttp, iter_chunked(8192), write."""
    port = free_port()
    url = f"http://127.0.0.1:{source.port}{source.path}"
    process = stage.start("loop", [sys.executable, "-m", "benchmarks.plain_loop", str(port), url])
    stage.until_ready(lambda: answers(port), process, "loop")
    return Server(process.pid, port, "/")


def relay(stage: Stage, source: Server) -> Server:
    """`mpdbridge watch` with one resolved track. No MPD is there: so who asks for ICY gets ICY."""
    stage.write_config()
    now = time.time()
    stream = Stream(
        url=f"http://127.0.0.1:{source.port}{source.path}",
        resolved_at=now,
        expires_at=now + 6 * 3600,
        content_type="audio/webm",
    )
    with TrackStore(stage.folder / "tracks.db") as store:
        store.upsert_tracks([TRACK])
        store.save_stream(TRACK.track_id, stream)
    process = stage.start_bridge()
    return Server(process.pid, stage.port, f"/proxy/{TRACK.track_id}")


def _nginx(stage: Stage, name: str, *, location: str, path: str, upstream: str = "") -> Server:
    folder = stage.folder / name
    folder.mkdir()
    port = free_port()
    conf = folder / "nginx.conf"
    conf.write_text(_NGINX_CONF.format(folder=folder, port=port, location=location, upstream=upstream))
    process = stage.start(name, ["nginx", "-c", str(conf), "-e", str(Path(folder, "error.log"))])
    stage.until_ready(lambda: answers(port), process, name)
    return Server(process.pid, port, path)
