"""A certificate authority of the tests' own."""

import ssl
from pathlib import Path

import trustme


class Authority:
    """Signs for this machine's own addresses.

    Attributes:
        file: its certificate, for `SSL_CERT_FILE` of who is to trust it.
    """

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.file = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(str(self.file))

    def server(self) -> ssl.SSLContext:
        """For a server on this machine."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert("localhost", "127.0.0.1", "::1").configure_cert(context)
        return context
