"""Which sound output this machine has, for --listen."""

import os
from pathlib import Path

_OUTPUT = 'audio_output {{\n  type "{plugin}"\n  name "sound"\n}}\n'


def real_output() -> str | None:
    """A block for mpd.conf: PulseAudio (which PipeWire speaks, too) when it runs for this user, else ALSA's first card.

    None when there is neither.
    """
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}"))
    if "PULSE_SERVER" in os.environ or (runtime / "pulse" / "native").exists():
        return _OUTPUT.format(plugin="pulse")
    cards = Path("/proc/asound/cards")
    if cards.exists() and "no soundcards" not in cards.read_text():
        return _OUTPUT.format(plugin="alsa")
    return None
