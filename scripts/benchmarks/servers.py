"""The servers around the relay, each one process: nginx as upstream, nginx as proxy, a plain copying loop, and ours."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from stage import Stage, free_port

from benchmarks.http import answers
from mpdbridge.models import Stream, Track
from mpdbridge.store import TrackStore

BIG = 256 * 1024 * 1024  # bytes; long enough that a process's 10 ms ticks do not matter

_NGINX_CONF = """\
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{
  access_log off; sendfile on; tcp_nodelay on; default_type audio/webm; keepalive_requests 1000000;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  {upstream}
  server {{ listen 127.0.0.1:{port}{server} }}
}}
"""
# proxy_buffer_size is what one read may bring; the two others only have to be larger for nginx to start.
_PROXY = """\
  proxy_http_version 1.1; proxy_set_header Connection "";
  proxy_buffering off; proxy_buffer_size 256k; proxy_buffers 4 256k; proxy_busy_buffers_size 512k;"""
_PROXY_TLS = "proxy_ssl_verify on; proxy_ssl_name localhost; proxy_ssl_trusted_certificate {};"


@dataclass(frozen=True)
class Server:
    """A process of ours that answers HTTP.

    Attributes:
        paths: what to GET from it; of different tracks, if it is a relay.
        certificate: its own, if it speaks TLS.
    """

    pid: int
    port: int
    paths: tuple[str, ...]
    certificate: Path | None = None

    @property
    def path(self) -> str:
        return self.paths[0]

    @property
    def scheme(self) -> str:
        return "http" if self.certificate is None else "https"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{self.path}"


def upstream(stage: Stage, *, tls: bool = False, ranges: bool = True, size: int = BIG) -> Server:
    """An nginx that serves one big file, from its first byte if not `ranges`: the fastest upstream there is."""
    files = stage.folder / "files"
    files.mkdir()
    with (files / "big.webm").open("wb") as big:
        big.truncate(size)
    server, certificate = "", None
    if tls:
        certificate, key = _self_signed(stage.folder)
        server = f" ssl; ssl_certificate {certificate}; ssl_certificate_key {key}"
    pid, port = _nginx(stage, "upstream", server=f"{server}; root {files}; {'' if ranges else 'max_ranges 0;'}")
    return Server(pid, port, ("/big.webm",), certificate)


def nginx_proxy(stage: Stage, source: Server, *, send_buffer: int | None = None) -> Server:
    """An nginx in the relay's place, without buffering on disk and with upstream connections kept.

    `send_buffer`: what the kernel may hold for a client, in bytes before it doubles them; None leaves it alone.
    """
    tls = "" if source.certificate is None else _PROXY_TLS.format(source.certificate)
    buffer = "" if send_buffer is None else f" sndbuf={send_buffer}"
    server = f"{buffer}; location / {{ proxy_pass {source.scheme}://upstream; {_PROXY} {tls} }}"
    block = f"upstream upstream {{ server 127.0.0.1:{source.port}; keepalive 16; keepalive_requests 1000000; }}"
    pid, port = _nginx(stage, "proxy", upstream=block, server=server)
    return Server(pid, port, (source.path,))


def plain_loop(stage: Stage, source: Server, *, send_buffer: int | None = None) -> Server:
    """What one would write first: aiohttp, iter_chunked(8192), write. `send_buffer` as of nginx."""
    port = free_port()
    argv = [
        *_trusting(source),
        sys.executable,
        "-m",
        "benchmarks.plain_loop",
        str(port),
        source.url,
        str(send_buffer or 0),
    ]
    process = stage.start("loop", argv)
    stage.until_ready(lambda: answers(port), process, "loop")
    return Server(process.pid, port, ("/",))


def relay(stage: Stage, source: Server, *, tracks: int = 1) -> Server:
    """`mpdbridge watch` with resolved tracks of the same audio. No MPD is there: so who asks for ICY gets ICY."""
    ids = [f"benchmark-{number:04d}" for number in range(tracks)]
    stage.write_config(
        proxy={"port": stage.port, "track_mapping_db": str(stage.folder / "tracks.db"), "max_streams": 10_000}
    )
    now = time.time()
    stream = Stream(url=source.url, resolved_at=now, expires_at=now + 6 * 3600, content_type="audio/webm")
    with TrackStore(stage.folder / "tracks.db") as store:
        store.upsert_tracks(Track(name, "Title", ("Artist",), source="web", source_url=source.url) for name in ids)
        for name in ids:
            store.save_stream(name, stream)
    cache = f"XDG_CACHE_HOME={stage.folder / 'cache'}"  # heads of tracks are kept there, not in the user's
    process = stage.start("watch", [*_trusting(source, cache), *stage.mpdbridge("watch", "--no-sync")])
    stage.until_ready(lambda: stage.health().get("status") == "ok", process, "watch")
    return Server(process.pid, stage.port, tuple(f"/proxy/{name}" for name in ids))


def _trusting(source: Server, *more: str) -> list[str]:
    """The beginning of a command line that trusts the certificate of `source`; `env` keeps the process id."""
    trust = [] if source.certificate is None else [f"SSL_CERT_FILE={source.certificate}"]
    return ["env", *trust, *more]


def _self_signed(folder: Path) -> tuple[Path, Path]:
    """Files with a certificate of localhost and 127.0.0.1, and its key; made anew for each run."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    wanted = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    argv = ["openssl", "req", "-x509", *wanted, *names, "-out", str(certificate), "-keyout", str(key)]
    subprocess.run(argv, check=True, capture_output=True)
    return certificate, key


def _nginx(stage: Stage, name: str, *, server: str, upstream: str = "") -> tuple[int, int]:
    """Process id and port of an nginx; `server` is what follows upon the port in its block."""
    folder = stage.folder / name
    folder.mkdir()
    port = free_port()
    conf = folder / "nginx.conf"
    conf.write_text(_NGINX_CONF.format(folder=folder, port=port, server=server, upstream=upstream))
    process = stage.start(name, ["nginx", "-c", str(conf), "-e", str(Path(folder, "error.log"))])
    stage.until_ready(lambda: answers(port), process, name)
    return process.pid, port
