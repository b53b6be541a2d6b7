"""`python -m mpdbridge` is the same as the `mpdbridge` command."""

from mpdbridge.cli import main

if __name__ == "__main__":
    main()
