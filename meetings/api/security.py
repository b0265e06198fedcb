"""Who calls: an access token, or the session of a browser that proves it means it."""

from http import HTTPStatus
from typing import cast

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _
from ninja.security.apikey import APIKeyCookie
from ninja.security.http import HttpAuthBase
from ninja.utils import check_csrf

from accounts import clocks
from accounts.allauth_internals import get_authorization_credential
from accounts.models import User
from accounts.tokens import authenticate_access
from accounts.viewer_locale import language_asked
from meetings.api import limits
from meetings.api.errors import ApiError


class BearerToken(HttpAuthBase):
    """`Authorization: Bearer …`, in any case of letters, and nowhere else."""

    openapi_scheme = "bearer"
    openapi_bearerFormat = "JWT"  # noqa: N815  OpenAPI's name

    def __call__(self, request: HttpRequest) -> SessionBase | None:
        """The session of the token, which is on the request as request.auth from then on."""
        token = get_authorization_credential(request, "bearer")
        holder = authenticate_access(token) if token else None
        if holder is None:
            return None
        request.user, session = holder
        # Programs name the language they want; those that name none get their person's.
        translation.activate(language_asked(request) or caller(request).language)
        clocks.activate(caller(request).clock)
        limits.count_call(request, caller(request))
        return session


class SessionCookie(APIKeyCookie):
    """The cookie of somebody who is logged in on the site, with CSRF protection.

    A call that brings an Authorization header is judged by that alone.
    """

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> User | None:
        if "Authorization" in request.headers or not request.user.is_authenticated:
            return None
        return self.authenticate(request, request.session.session_key)

    def authenticate(self, request: HttpRequest, key: str | None) -> User:
        if check_csrf(request):
            raise ApiError(
                HTTPStatus.FORBIDDEN,
                "csrf_failed",
                _("A call with a session cookie needs the X-CSRFToken header."),
            )
        limits.count_call(request, caller(request))
        return caller(request)


def caller(request: HttpRequest) -> User:
    """The person who calls; only for calls that demand one."""
    return cast(User, request.user)
