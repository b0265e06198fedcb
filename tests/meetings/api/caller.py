"""Calls the API as one person."""

import json
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.test import Client

from accounts.allauth_internals import new_session
from accounts.models import User
from accounts.tokens import TokenStrategy


def verified(user: User) -> User:
    """Confirm the person's address, so that they can log in; return the person."""
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def tokens_of(user: User) -> dict[str, str]:
    """`{"access_token": …, "refresh_token": …}` of a new log-in."""
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = "127.0.0.1"
    request.session, request.user = new_session(), user
    login(request, user)
    return TokenStrategy().create_access_token_payload(request)


class Caller:
    """user: the caller; None for a call without a token."""

    def __init__(self, user: User | None = None) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.token = tokens_of(user)["access_token"] if user else None

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> HttpResponse:
        """body is sent as JSON, unless raw is given."""
        sent = dict(headers or {})
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        return self.client.generic(  # type: ignore[return-value]  # the stubs' own kind of response
            method,
            f"/api/{path}",
            data,
            content_type="application/json",
            headers=sent,
            query_params=query or None,
        )

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self("GET", path, **query)

    def post(self, path: str, body: Any = None, **more: Any) -> HttpResponse:
        return self("POST", path, body, **more)


def said(response: Any) -> tuple[int, Any]:
    """`(status, JSON body)` of the response."""
    return response.status_code, json.loads(response.content)


def z(moment: datetime) -> str:
    """The time in the API's format."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
