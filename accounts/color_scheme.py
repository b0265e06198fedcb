"""The colour scheme chosen for this browser: one cookie, which the page's script sets too."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

SCHEME_COOKIE = "scheme"
SCHEMES = ("light", "dark")
KEPT_FOR_SECONDS = 365 * 24 * 60 * 60


def chosen_scheme(request: HttpRequest) -> str:
    """One of SCHEMES; empty if the system decides."""
    told = request.COOKIES.get(SCHEME_COOKIE, "")
    return told if told in SCHEMES else ""


def set_scheme_cookie(response: HttpResponse, scheme: str) -> None:
    """Store the scheme in the cookie; a value outside SCHEMES deletes it."""
    if scheme not in SCHEMES:
        response.delete_cookie(SCHEME_COOKIE, samesite="Lax")
        return
    response.set_cookie(
        SCHEME_COOKIE,
        scheme,
        max_age=KEPT_FOR_SECONDS,
        secure=settings.IS_HTTPS,
        samesite="Lax",
    )
