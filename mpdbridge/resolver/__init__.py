"""From tracks to streams: a cache that knows when they expire, and yt-dlp in a worker process."""

from mpdbridge.resolver.extractor import ExtractorWorker
from mpdbridge.resolver.metadata import Extracted, Listing
from mpdbridge.resolver.streams import Known, ResolverState, StreamResolver, addresses
from mpdbridge.resolver.toolchain import Runtime, Toolchain, installed_since

__all__ = [
    "Extracted",
    "ExtractorWorker",
    "Known",
    "Listing",
    "ResolverState",
    "Runtime",
    "StreamResolver",
    "Toolchain",
    "addresses",
    "installed_since",
]
