"""Everything that speaks MPD's protocol: connection, playlist publisher, queue tagger, prefetcher."""
