"""Authentication of calls: an access token, or a session cookie with a CSRF token."""

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
    """`Authorization: Bearer …`, where the case of "Bearer" does not matter."""

    openapi_scheme = "bearer"
    openapi_bearerFormat = "JWT"  # noqa: N815  OpenAPI's name

    def __call__(self, request: HttpRequest) -> SessionBase | None:
        """The session of the token, which ninja stores as request.auth; None if it is invalid."""
        token = get_authorization_credential(request, "bearer")
        holder = authenticate_access(token) if token else None
        if holder is None:
            return None
        request.user, session = holder
        # The language is that of Accept-Language, else the person's own.
        translation.activate(language_asked(request) or caller(request).language)
        clocks.activate(caller(request).clock)
        limits.count_call(request, caller(request))
        return session


class SessionCookie(APIKeyCookie):
    """The session cookie of somebody who is logged in on the site, with CSRF protection.

    It is ignored in a request with an Authorization header.
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
    """The authenticated person; only for calls that require authentication."""
    return cast(User, request.user)
