"""The JSON API: its routers below /api/ and its OpenAPI schema."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path
from ninja import NinjaAPI

from accounts.models import User
from meetings.api import actions, auth, mentors
from meetings.api.errors import handle_errors, not_found
from meetings.api.parser import StrictParser
from meetings.api.security import BearerToken, SessionCookie
from meetings.api.wrapper import View, as_call

NAMESPACE = "api"
DOCS, ROOT = "openapi-view", "api-root"

api = NinjaAPI(
    title="P2P Learn",
    version="1.0.0",
    description=(
        "Find a mentor, see when they are really free, book, and meet. Log in with "
        "`POST /api/auth/token` and send `Authorization: Bearer <access>` with every other call. "
        "All instants are in UTC with `Z`; those sent in may have any offset, but need one."
    ),
    urls_namespace=NAMESPACE,
    auth=[BearerToken(), SessionCookie()],
    parser=StrictParser(),
)
handle_errors(api)
api.add_router("/auth", auth.router)
api.add_router("/meetings", actions.router)
api.add_router("/mentors", mentors.router)


def _for_staff(view: View) -> View:
    @wraps(view, assigned=())
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not (isinstance(request.user, User) and request.user.is_staff):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return answer


def _view(pattern: URLPattern) -> View:
    """The view of a pattern; 404 for the root, which ninja has only to reverse its URL."""
    if pattern.name == DOCS:
        return _for_staff(pattern.callback)
    return as_call(not_found if pattern.name == ROOT else pattern.callback)


def _patterns() -> list[URLPattern]:
    """All URL patterns: the calls, the OpenAPI schema, and its page for staff."""
    patterns: list[URLPattern] = []
    for pattern in api.urls[0]:
        assert isinstance(pattern, URLPattern)
        patterns.append(URLPattern(pattern.pattern, _view(pattern), name=pattern.name))
    return [*patterns, re_path("", as_call(not_found), name="nothing")]


urls = (_patterns(), NAMESPACE, NAMESPACE)
