"""The website that yt-dlp is pointed at in these tests."""

from support.website import site, tones  # noqa: F401  # fixtures
