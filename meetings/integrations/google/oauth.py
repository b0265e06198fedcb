"""Google's consent: requesting it, redeeming the code, and revoking it.

Source: https://developers.google.com/identity/protocols/oauth2/web-server. Importing this costs
about 100 ms, so it is imported when it is first used.
"""

import secrets
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import jwt
import requests
from django.conf import settings
from google_auth_oauthlib.flow import Flow
from oauthlib.oauth2 import OAuth2Error

from meetings.integrations.google.consent import AuthorizationRequest, ConsentError, Grant

# Seconds to connect, and between two pieces of an answer, while a person waits.
TIMEOUT = 5.0


def authorization_request(scopes: Iterable[str], *, redirect_uri: str) -> AuthorizationRequest:
    """A consent screen for these scopes, which redirects to redirect_uri.

    prompt=consent makes Google issue a refresh token even after an earlier consent.
    """
    flow = _flow(redirect_uri, scopes=list(scopes))
    url, state = flow.authorization_url(
        state=secrets.token_urlsafe(32),
        access_type="offline",
        prompt="consent",
        include_granted_scopes="false",
    )
    return AuthorizationRequest(url, state, flow.code_verifier)


def exchange_code(code: str, *, verifier: str, redirect_uri: str) -> Grant:
    """Exchange the code for a grant; a code works once. Raises ConsentError."""
    # Without scopes, the library leaves it to us to compare granted and requested ones; with
    # them, it raises a bare Warning if they differ.
    flow = _flow(redirect_uri, code_verifier=verifier)
    try:
        answer = flow.fetch_token(code=code, include_client_id=True, timeout=TIMEOUT)
        identity = _identity(answer.get("id_token", ""))
    except OAuth2Error as error:
        raise ConsentError(str(error.error)) from error
    except jwt.InvalidTokenError as error:
        raise ConsentError("unreadable id_token") from error
    except (requests.RequestException, ValueError) as error:
        raise ConsentError(f"not reached ({type(error).__name__})") from error
    return Grant(
        google_id=str(identity.get("sub", "")),
        email=str(identity.get("email", "")),
        scopes=frozenset(answer.get("scope") or ()),
        access_token=answer["access_token"],
        refresh_token=answer.get("refresh_token", ""),
    )


def revoke(token: str) -> None:
    """Revoke the grant that the token belongs to, unless it has ended already.

    Raises ConsentError if Google does not confirm it.
    """
    try:
        answer = requests.post(settings.GOOGLE_REVOKE_URI, data={"token": token}, timeout=TIMEOUT)
        if answer.ok:
            return
        reason = str(answer.json().get("error", ""))
    except (requests.RequestException, ValueError) as error:
        raise ConsentError(f"not reached ({type(error).__name__})") from error
    if answer.status_code != HTTPStatus.BAD_REQUEST or reason != "invalid_token":
        raise ConsentError(f"{answer.status_code} {reason}".strip())


def _flow(redirect_uri: str, scopes: list[str] | None = None, **options: Any) -> Any:
    client = {
        "client_id": settings.GOOGLE_CLIENT_ID,
        "client_secret": settings.GOOGLE_CLIENT_SECRET,
        "auth_uri": settings.GOOGLE_AUTH_URI,
        "token_uri": settings.GOOGLE_TOKEN_URI,
    }
    return Flow.from_client_config({"web": client}, scopes, redirect_uri=redirect_uri, **options)


def _identity(id_token: str) -> dict[str, Any]:
    """Who consented. The signature is not checked: the token came straight from the token
    endpoint over TLS (OpenID Connect Core 1.0, 3.1.3.7, 6)."""
    if not id_token:
        return {}
    claims: dict[str, Any] = jwt.decode(
        id_token,
        options={"verify_signature": False, "verify_aud": True},
        audience=settings.GOOGLE_CLIENT_ID,
    )
    return claims
