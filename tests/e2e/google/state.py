"""The logic of the fake Google: consents, tokens, and the calendars of its accounts."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from typing import Any
from urllib.parse import urlencode

from tests.e2e.google.calendars import Account, Refusal
from tests.e2e.google.discovery import Call
from tests.e2e.google.faults import Fault, Faults

TOKEN_LIFE = 3599
LONGEST_FREE_BUSY = timedelta(days=90)


@dataclass
class Grant:
    """A person's consent; code_challenge as in RFC 7636."""

    account: str
    scope: str
    redirect_uri: str = ""
    code_challenge: str = ""


@dataclass
class Google:
    """The whole state, and the answers of the next consent screen."""

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
        """Return a refresh token, as if the person had gone through the consent screen."""
        token = f"refresh-{secrets.token_hex(8)}"
        self.account(email)
        self.refresh_tokens[token] = Grant(email, scope)
        return token

    def end_consent(self, token: str) -> None:
        """The person revokes the consent."""
        grant = self.refresh_tokens.pop(token, None)
        if grant:
            self.access_tokens = {
                key: each for key, each in self.access_tokens.items() if each is not grant
            }
            self.revoked.append(token)

    def authorise(self, query: dict[str, str]) -> str:
        """The URL to which the consent screen redirects the browser."""
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
        """The response of the token endpoint (RFC 6749, 4.1.4 and 6)."""
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
        """Carry out the delayed requests, which their clients have given up."""
        while self.on_the_wire:
            with self.lock, suppress(Refusal):
                self.on_the_wire.pop(0)()

    def perform(
        self, call: Call, body: Any, account: Account, fault: Fault | None, etag: str = ""
    ) -> Any:
        """Carry out a call of the Calendar API; None is an empty response."""
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
    """An unsigned id token: it comes over a direct connection, where a signature adds nothing."""
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
