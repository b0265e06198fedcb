"""A fake Google on loopback: OAuth and Calendar over real sockets, strict about requests."""

import json
import socket
import struct
import sys
import time
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests.e2e.google.calendars import Refusal
from tests.e2e.google.discovery import UnknownCallError, recognise
from tests.e2e.google.faults import Fault
from tests.e2e.google.state import Google

CALENDAR_PATH = "/calendar/v3/"


class Handler(BaseHTTPRequestHandler):
    """One request: identify the operation, apply a pending fault, respond."""

    protocol_version = "HTTP/1.1"
    google: Google

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Log nothing."""

    def handle_any(self) -> None:
        split = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        if len(raw) < length:
            # The client has gone away before the request was complete.
            self.close_connection = True
            return
        if split.path.startswith(CALENDAR_PATH):
            self._calendar(split.path.removeprefix(CALENDAR_PATH), split.query, raw)
        elif split.path == "/token":
            self._guarded("token", lambda _fault: self.google.token(dict(parse_qsl(raw.decode()))))
        elif split.path == "/revoke":
            self._guarded("revoke", lambda _fault: self._revoke(dict(parse_qsl(raw.decode()))))
        elif split.path == "/auth":
            query = {name: values[0] for name, values in parse_qs(split.query).items()}
            self._answer(302, None, [("Location", self.google.authorise(query))])
        else:
            self._answer(404, {"error": "not_found"})

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any  # noqa: N815  the base class's names

    def _revoke(self, form: dict[str, str]) -> dict[str, Any]:
        if form.get("token") not in self.google.refresh_tokens:
            raise Refusal(400, "invalid_token")
        self.google.end_consent(form["token"])
        return {}

    def _calendar(self, path: str, query: str, raw: bytes) -> None:
        try:
            body = json.loads(raw) if raw else None
            call = recognise(self.command, path, dict(parse_qsl(query)), body)
        except (UnknownCallError, ValueError) as error:
            self.google.complaints.append(str(error))
            self._answer(400, _error(400, "badRequest"))
            return
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")

        def act(fault: Fault | None) -> Any:
            grant = self.google.access_tokens.get(token)
            if grant is None:
                raise Refusal(401, "authError")
            account = self.google.account(grant.account)
            etag = self.headers.get("If-Match", "")
            return deepcopy(self.google.perform(call, body, account, fault, etag))

        self._guarded(call.operation, act)

    def _guarded(self, operation: str, act: Any) -> None:
        fault = self.google.faults.next(operation)
        kind = fault.kind if fault else ""
        if fault and kind == "delay":
            time.sleep(fault.seconds)
        if kind == "hang":
            self.google.faults.cleared.wait()
            kind = "drop_before"
        if kind == "late":
            self.google.on_the_wire.append(lambda: act(None))
            self.google.calls.append(f"{operation} late")
            self._answer(503, _error(503, "backendError"))
            return
        if fault and fault.act and kind == "meanwhile_before":
            fault.act()
        if kind in ("drop_before", "reset_before"):
            self._hang_up(with_reset=kind == "reset_before")
            return
        if fault and kind == "answer":
            self.google.calls.append(f"{operation} {fault.status}")
            is_oauth = operation in ("token", "revoke")
            answer = {"error": fault.reason} if is_oauth else _error(fault.status, fault.reason)
            self._answer(fault.status, answer, list(fault.headers))
            return
        try:
            with self.google.lock:
                status, answer = 200, act(fault)
        except Refusal as refusal:
            status = refusal.status
            is_oauth = operation in ("token", "revoke")
            answer = {"error": refusal.reason} if is_oauth else _error(status, refusal.reason)
        self.google.calls.append(f"{operation} {status}")
        if fault and fault.act and kind == "meanwhile_after":
            fault.act()
        if kind in ("drop_after", "reset_after"):
            self._hang_up(with_reset=kind == "reset_after")
        else:
            self._answer(status, answer, is_cut=kind == "truncate")

    def _answer(
        self,
        status: int,
        answer: Any,
        headers: list[tuple[str, str]] | None = None,
        *,
        is_cut: bool = False,
    ) -> None:
        raw = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(204 if status == 200 and answer is None else status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(raw)))
        for name, value in headers or []:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw[: len(raw) // 2] if is_cut else raw)
        if is_cut:
            self._hang_up(with_reset=False)

    def _hang_up(self, *, with_reset: bool) -> None:
        self.wfile.flush()
        if with_reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        else:
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()
        self.close_connection = True


def _error(status: int, reason: str) -> dict[str, Any]:
    return {
        "error": {
            "code": status,
            "message": reason,
            "errors": [{"domain": "global", "reason": reason, "message": reason}],
        }
    }


class QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that have gone away, since some tests need that; other errors are bugs."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class LoopbackGoogle:
    """Runs on a free port of 127.0.0.1 while the context lasts."""

    def __init__(self) -> None:
        self.google = Google()

    def __enter__(self) -> Self:
        handler = type("BoundHandler", (Handler,), {"google": self.google})
        self._server = QuietServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def settings(self) -> dict[str, Any]:
        """Django settings that make the site use this server."""
        return {
            "GOOGLE_CLIENT_ID": self.google.client_id,
            "GOOGLE_CLIENT_SECRET": self.google.client_secret,
            "HAS_GOOGLE_CLIENT": True,
            "GOOGLE_CALENDAR_ENDPOINT": f"{self.root}{CALENDAR_PATH}",
            "GOOGLE_TOKEN_URI": f"{self.root}/token",
            "GOOGLE_AUTH_URI": f"{self.root}/auth",
            "GOOGLE_REVOKE_URI": f"{self.root}/revoke",
        }
