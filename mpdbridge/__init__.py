"""mpdbridge makes YouTube Music a native part of MPD."""

__version__ = "0.1.0"
