"""The unit file, as text. Pure."""

import re
from collections.abc import Mapping, Sequence

NAME = "mpdbridge.service"
MARK = "# Written by `mpdbridge service install`; `mpdbridge service uninstall` removes it."
"""The first line of a unit that is ours to replace and to remove."""

# Namespaces need rights that a user's manager may lack, and deno writes code to run: nothing of that kind is here.
_TEMPLATE = """\
{mark}
[Unit]
Description=mpdbridge, YouTube Music for MPD
After=mpd.service mpd.socket
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart={command}
SyslogIdentifier=mpdbridge
{environment}# A mistake in the configuration (exit code 2) does not mend itself.
Restart=on-failure
RestartPreventExitStatus=2
# Stopped before it was ready.
SuccessExitStatus=143
RestartSec=5
WatchdogSec=60
TimeoutStopSec=10
# yt-dlp's process is ended by us; killed with us, it would be started once more.
KillMode=mixed
UMask=0077
NoNewPrivileges=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=default.target
"""
_ESCAPES = {"\\": r"\\", '"': r"\"", "%": "%%", "\n": r"\n", "\t": r"\t"}


def unit(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """The unit that runs `command` with these variables."""
    variables = [f"Environment={_quoted(f'{name}={value}')}\n" for name, value in environment.items()]
    # In a command, and only there, a $ would begin a variable (systemd.service(5)).
    words = [_quoted(word).replace("$", "$$") for word in command]
    return _TEMPLATE.format(mark=MARK, command=" ".join(words), environment="".join(variables))


def _quoted(word: str) -> str:
    """A word of a unit file, whatever is in it (systemd.syntax(7), quoting)."""
    return '"' + re.sub(r'[\\"%\n\t]', lambda found: _ESCAPES[found[0]], word) + '"'
