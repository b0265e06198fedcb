"""A loopback Google: OAuth and Calendar over real sockets, strict about what it is asked."""

import base64
import hashlib
import json
import secrets
import socket
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from tests.google.calendars import Account, Refusal
from tests.google.discovery import Call, UnknownCallError, recognise
from tests.google.faults import Fault, Faults

CALENDAR_PATH = "/calendar/v3/"
TOKEN_LIFE = 3599
LONGEST_FREE_BUSY = timedelta(days=90)


@dataclass
class Grant:
    """What a person has consented to; code_challenge as RFC 7636 has it."""

    account: str
    scope: str
    redirect_uri: str = ""
    code_challenge: str = ""


@dataclass
class Google:
    """All state, and what the next consent will be like."""

    client_id: str = "loopback-client"
    client_secret: str = "loopback-secret"
    accounts: dict[str, Account] = field(default_factory=dict)
    refresh_tokens: dict[str, Grant] = field(default_factory=dict)
    access_tokens: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)
    revoked: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    calls: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    on_the_wire: list[Callable[[], object]] = field(default_factory=list)
    consenting: str = "mentor@gmail.example.com"
    granted_scope: str | None = None
    denies: bool = False
    gives_refresh_token: bool = True
    lock: RLock = field(default_factory=RLock)

    def account(self, email: str) -> Account:
        return self.accounts.setdefault(email, Account(email))

    def consent(self, email: str, scope: str) -> str:
        """A refresh token, as if the person had been through the consent screen."""
        token = f"refresh-{secrets.token_hex(8)}"
        self.account(email)
        self.refresh_tokens[token] = Grant(email, scope)
        return token

    def end_consent(self, token: str) -> None:
        """The person takes it back."""
        grant = self.refresh_tokens.pop(token, None)
        if grant:
            self.access_tokens = {
                key: each for key, each in self.access_tokens.items() if each is not grant
            }
            self.revoked.append(token)

    def authorise(self, query: dict[str, str]) -> str:
        """Where the consent screen sends the browser back to."""
        back = query["redirect_uri"]
        state = {"state": query["state"]} if "state" in query else {}
        if self.denies:
            return f"{back}?{urlencode({'error': 'access_denied', **state})}"
        code = secrets.token_urlsafe(16)
        scope = self.granted_scope if self.granted_scope is not None else query["scope"]
        self.codes[code] = Grant(self.consenting, scope, back, query.get("code_challenge", ""))
        self.account(self.consenting)
        return f"{back}?{urlencode({'code': code, 'scope': scope, **state})}"

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """The answer of the token endpoint (RFC 6749, 4.1.4 and 6)."""
        if (form.get("client_id"), form.get("client_secret")) != (
            self.client_id,
            self.client_secret,
        ):
            raise Refusal(401, "invalid_client")
        answer: dict[str, Any] = {"token_type": "Bearer", "expires_in": TOKEN_LIFE}
        if form.get("grant_type") == "refresh_token":
            grant = self.refresh_tokens.get(form.get("refresh_token", ""))
            if grant is None:
                raise Refusal(400, "invalid_grant")
        else:
            grant = self._redeem(form)
            if self.gives_refresh_token:
                answer["refresh_token"] = f"refresh-{secrets.token_hex(8)}"
                self.refresh_tokens[answer["refresh_token"]] = grant
            answer["id_token"] = _id_token(grant.account, self.client_id)
        answer["access_token"] = f"access-{secrets.token_hex(8)}"
        self.access_tokens[answer["access_token"]] = grant
        return {**answer, "scope": grant.scope}

    def _redeem(self, form: dict[str, str]) -> Grant:
        grant = self.codes.pop(form.get("code", ""), None)
        if grant is None or grant.redirect_uri != form.get("redirect_uri"):
            raise Refusal(400, "invalid_grant")
        if grant.code_challenge:
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != grant.code_challenge:
                raise Refusal(400, "invalid_grant")
        return grant

    def land(self) -> None:
        """Let all arrive that was given up as lost."""
        while self.on_the_wire:
            with self.lock, suppress(Refusal):
                self.on_the_wire.pop(0)()

    def perform(
        self, call: Call, body: Any, account: Account, fault: Fault | None, etag: str = ""
    ) -> Any:
        """Do what a call of the calendar asks; None is an empty answer."""
        values = call.values
        if values.get("calendarId", "primary") not in ("primary", account.email):
            raise Refusal(404, "notFound")
        send = values.get("sendUpdates") == "all"
        outcome = fault.conference if fault and fault.kind == "conference" else "success"
        if values.get("conferenceDataVersion", "0") == "0" and body:
            body.pop("conferenceData", None)
        if call.operation == "events.insert":
            return account.insert(body, conference=outcome, send=send)
        if call.operation == "events.get":
            return account.get(values["eventId"])
        if call.operation == "events.patch":
            return account.patch(values["eventId"], body, conference=outcome, send=send, etag=etag)
        if call.operation == "events.delete":
            account.delete(values["eventId"], send=send)
            return None
        if call.operation == "events.list":
            return _listing(account, values)
        if call.operation == "freebusy.query":
            return _free_busy(account, body, fault)
        raise Refusal(501, "notImplemented")


def _id_token(email: str, client_id: str) -> str:
    """Unsigned: it comes over the direct connection, where the signature adds nothing."""
    claims = {"sub": f"sub-{email}", "email": email, "email_verified": True, "aud": client_id}
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def _listing(account: Account, values: dict[str, str]) -> dict[str, Any]:
    wanted = values.get("privateExtendedProperty", "")
    name, _, value = wanted.partition("=")
    found = [
        event
        for event in account.events.values()
        if (event["status"] != "cancelled" or values.get("showDeleted") == "true")
        and event["end"]["dateTime"] > values.get("timeMin", "")
        and event["start"]["dateTime"] < values.get("timeMax", "9999")
        and (
            not wanted or event.get("extendedProperties", {}).get("private", {}).get(name) == value
        )
    ]
    size, start = int(values.get("maxResults", "250")), int(values.get("pageToken") or 0)
    page: dict[str, Any] = {"kind": "calendar#events", "items": found[start : start + size]}
    if start + size < len(found):
        page["nextPageToken"] = str(start + size)
    return page


def _free_busy(account: Account, body: dict[str, Any], fault: Fault | None) -> dict[str, Any]:
    window = body["timeMin"], body["timeMax"]
    if datetime.fromisoformat(window[1]) - datetime.fromisoformat(window[0]) > LONGEST_FREE_BUSY:
        raise Refusal(400, "timeRangeTooLong")
    events = [
        {"start": each["start"]["dateTime"], "end": each["end"]["dateTime"]}
        for each in account.live()
    ]
    spans = [s for s in [*account.busy, *events] if s["start"] < window[1] and s["end"] > window[0]]
    found: dict[str, Any] = {"busy": sorted(spans, key=lambda span: span["start"])}
    if fault and fault.kind == "calendar_errors":
        found = {"busy": [], "errors": [{"domain": "global", "reason": fault.reason}]}
    return {
        "kind": "calendar#freeBusy",
        "timeMin": window[0],
        "timeMax": window[1],
        "calendars": {item["id"]: found for item in body["items"]},
    }


class Handler(BaseHTTPRequestHandler):
    """One request: what it is, whether a fault waits for it, then the answer."""

    protocol_version = "HTTP/1.1"
    google: Google

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Stay quiet: the test prints what it wants to know."""

    def handle_any(self) -> None:
        split = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
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
        """A client that has gone away is what some tests are about; all else is a bug here."""
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
        """The site's settings that make it talk to this server."""
        return {
            "GOOGLE_CLIENT_ID": self.google.client_id,
            "GOOGLE_CLIENT_SECRET": self.google.client_secret,
            "HAS_GOOGLE_CLIENT": True,
            "GOOGLE_CALENDAR_ENDPOINT": f"{self.root}{CALENDAR_PATH}",
            "GOOGLE_TOKEN_URI": f"{self.root}/token",
            "GOOGLE_AUTH_URI": f"{self.root}/auth",
            "GOOGLE_REVOKE_URI": f"{self.root}/revoke",
        }
