"""Getting, renewing and ending tokens."""

from http import HTTPStatus
from typing import cast

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from accounts.login import log_in
from accounts.tokens import Tokens, TokenStrategy, end
from meetings.api import limits, responses
from meetings.api.errors import ApiError
from meetings.api.openapi import UNSAFE, WITH_BODY, call
from meetings.api.requests import LoginBody, RefreshBody
from meetings.api.security import BearerToken

router = Router(tags=["Log-in"])


@router.post("/token", auth=None, **call(200, responses.Tokens, *WITH_BODY, *UNSAFE))
def token(request: HttpRequest, body: LoginBody) -> responses.Tokens:
    """Log in with address and password, and the code of the second factor if there is one."""
    limits.count_anonymous(request)
    limits.count_login(request)
    return _answer(log_in(request, email=body.email, password=body.password, code=body.code))


@router.post("/refresh", auth=None, **call(200, responses.Tokens, *WITH_BODY))
def refresh(request: HttpRequest, body: RefreshBody) -> responses.Tokens:
    """New tokens for the newest refresh token.

    Using an older one ends all tokens that came of its log-in.
    """
    limits.count_anonymous(request)
    tokens = TokenStrategy().refresh_token(body.refresh)
    if tokens is None:
        raise ApiError(
            HTTPStatus.UNAUTHORIZED,
            "invalid_refresh",
            _("This refresh token is not valid any more. Please log in again."),
        )
    return _answer(tokens)


@router.post("/logout", auth=BearerToken(), **call(200, responses.Success))
def logout(request: HttpRequest) -> responses.Success:
    """End all tokens that came of the log-in that this access token comes from."""
    end(cast(SessionBase, request.auth))  # type: ignore[attr-defined]
    return responses.Success()


def _answer(tokens: Tokens) -> responses.Tokens:
    return responses.Tokens(
        access=tokens.access,
        refresh=tokens.refresh,
        expires_in=settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN,
    )
