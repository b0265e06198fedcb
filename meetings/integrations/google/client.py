"""One client for each thread and account: httplib2 is not thread-safe, and building one costs
milliseconds each time."""

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httplib2
from django.conf import settings
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build

from meetings.integrations.google.account import GoogleAccount

# A thread of the worker uses every connected account in turn, and each client keeps a socket open.
KEPT = 32

_local = threading.local()


@dataclass
class Client:
    """Google Calendar for one account. service is the library's; http carries the timeout."""

    service: Any
    http: httplib2.Http
    refresh_token: str

    def allow(self, timeout: timedelta) -> None:
        """Set the timeout for connecting and for each read, on open connections too."""
        seconds = max(timeout.total_seconds(), 0.05)
        self.http.timeout = seconds
        for connection in self.http.connections.values():
            connection.timeout = seconds
            if connection.sock is not None:
                connection.sock.settimeout(seconds)


def client_for(account: GoogleAccount) -> Client:
    """This thread's client for the account, built again when the token has changed."""
    clients: dict[str, Client] = _local.__dict__.setdefault("clients", {})
    known = clients.get(account.key)
    if known is None or known.refresh_token != account.refresh_token:
        forget(account)
        known = _build(account)
    # Move it to the end, so that the first one is the least recently used.
    clients.pop(account.key, None)
    clients[account.key] = known
    while len(clients) > KEPT:
        clients.pop(next(iter(clients))).http.close()
    return known


def forget(account: GoogleAccount) -> None:
    """Drop this thread's client for the account, since a failed connection stays broken."""
    known = _local.__dict__.get("clients", {}).pop(account.key, None)
    if known is not None:
        known.http.close()


def _build(account: GoogleAccount) -> Client:
    credentials = Credentials(
        token=None,
        refresh_token=account.refresh_token,
        token_uri=settings.GOOGLE_TOKEN_URI,
        client_id=settings.GOOGLE_CLIENT_ID,
        client_secret=settings.GOOGLE_CLIENT_SECRET,
        scopes=list(settings.GOOGLE_SCOPES),
    )
    http = httplib2.Http()
    service = build(
        "calendar",
        "v3",
        http=AuthorizedHttp(credentials, http=http),
        static_discovery=True,
        cache_discovery=False,
        client_options={"api_endpoint": settings.GOOGLE_CALENDAR_ENDPOINT},
    )
    return Client(service, http, account.refresh_token)
