"""A local HTTP server that waits for the one redirect from Google's consent screen."""

import time
from datetime import timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = "Thank you. The rest is in the terminal; this page can be closed."


class RedirectHandler(BaseHTTPRequestHandler):
    """Stores the path of the redirect; other requests, such as for the icon, get a 404."""

    server: "RedirectServer"
    # A browser may open a connection and send nothing.
    timeout = 5

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if "code" not in query and "error" not in query:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.server.answer = self.path
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Log nothing, since the address contains the code."""


class RedirectServer(HTTPServer):
    """Listens on 127.0.0.1 from its creation until its context ends."""

    def __init__(self, port: int) -> None:
        self.answer: str | None = None
        super().__init__(("127.0.0.1", port), RedirectHandler)

    def wait(self, patience: timedelta) -> str | None:
        """The path and query of the redirect; None if none came in time."""
        end = time.monotonic() + patience.total_seconds()
        while self.answer is None and (left := end - time.monotonic()) > 0:
            self.timeout = left
            self.handle_request()
        return self.answer
