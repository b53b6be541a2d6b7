"""mpdbridge as a service of systemd's user manager: its unit, and what a running bridge tells the manager."""
