"""The HTTP session ytmusicapi works with: every request bounded in time, and tried again when the server stumbles.

Imported in the client's thread only: requests costs a tenth of a second.
"""

from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

TIMEOUT = (6.0, 20.0)  # seconds to connect, and to wait for the next bytes; InnerTube answers within one or two
_STUMBLES = (500, 502, 503, 504)  # not 429: who asks for peace gets it, and the next sync is soon enough


class PatientSession(requests.Session):
    """A session whose requests have a time limit unless they bring their own.

    A refusal that is no JSON is raised as HTTPError: ytmusicapi would only tell that it cannot read it.
    """

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", TIMEOUT)
        response = super().request(*args, **kwargs)
        if "json" not in response.headers.get("Content-Type", ""):
            response.raise_for_status()
        return response


def retries() -> Retry:
    """Two more tries, after 0.5 and 1 s. InnerTube's POSTs only ask, so they too may be sent again."""
    return Retry(
        total=2,
        backoff_factor=0.5,
        status_forcelist=_STUMBLES,
        allowed_methods=None,
        raise_on_status=False,
        respect_retry_after_header=False,
    )


def open_session() -> requests.Session:
    """A new session for one YTMusic client."""
    session = PatientSession()
    session.mount("https://", HTTPAdapter(max_retries=retries()))
    return session
