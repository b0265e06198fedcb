"""The wrapper around every view below /api/."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from meetings.api.errors import refusal

View = Callable[..., HttpResponse]


def as_call(view: View) -> View:
    """view for programs: no log-in page, a limit on the body, and JSON for every error.

    CSRF protection belongs to the session cookie (meetings.api.security).
    """

    @wraps(view, assigned=())
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = _too_large(request) or view(request, *args, **kwargs)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response = _wrong_method(response["Allow"])
        response["Cache-Control"] = "no-store"
        return response

    # Another site's form cannot send a bearer token, so only the cookie needs the check.
    return login_not_required(csrf_exempt(answer))


def _too_large(request: HttpRequest) -> HttpResponse | None:
    """An error response for a body over the limit; None for others, which are read and cached."""
    length = str(request.META.get("CONTENT_LENGTH", ""))
    if not length.isdecimal() or int(length) <= settings.API_BODY_LIMIT:
        len(request.body)
        return None
    return refusal(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too_large",
        _("The body is larger than %(bytes)s bytes.") % {"bytes": settings.API_BODY_LIMIT},
    )


def _wrong_method(allowed: str) -> HttpResponse:
    methods = ", ".join(sorted(allowed.split(", ")))
    response = refusal(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "method_not_allowed",
        _("This address takes %(methods)s.") % {"methods": methods},
    )
    response["Allow"] = methods
    return response
