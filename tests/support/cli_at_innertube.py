"""`python -m support.cli_at_innertube PORT word…`: the command line, with the fake at PORT as its music.youtube.com."""

import sys

from support.innertube import Detour

from mpdbridge.cli import main
from mpdbridge.sources.ytmusic import session

if __name__ == "__main__":
    true_session = session.open_session

    def led_astray() -> session.PatientSession:
        opened = true_session()
        opened.mount("https://", Detour(int(port), []))
        return opened

    _, port, *words = sys.argv
    session.open_session = led_astray
    sys.argv = ["mpdbridge", *words]
    main()
