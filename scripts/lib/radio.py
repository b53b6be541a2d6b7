"""A player without tags, as a hardware radio is: it asks for ICY titles, and reads them out of the audio."""

import urllib.request


def stream_title(url: str) -> tuple[int, str]:
    """The `icy-metaint` of the answer (bytes between two titles, 0 without any) and the first title in it."""
    request = urllib.request.Request(url, headers={"Icy-MetaData": "1", "User-Agent": "radio"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        interval = int(answer.headers.get("icy-metaint", 0))
        if not interval:
            return 0, ""
        answer.read(interval)
        # One byte tells the block's length in units of 16 bytes; the block is padded with zeros.
        block = answer.read(answer.read(1)[0] * 16).rstrip(b"\0").decode()
        return interval, block.removeprefix("StreamTitle='").removesuffix("';")
