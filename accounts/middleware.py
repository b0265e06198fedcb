import codecs
from collections.abc import Callable
from http import HTTPStatus

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_cache_control

from accounts.viewer_locale import ViewerLocale

# Rate limits count per minute or longer, so an earlier retry is pointless.
RETRY_AFTER_SECONDS = 60


class UTF8Middleware:
    """Refuses requests in another encoding than UTF-8, which no browser sends here.

    Some, such as UTF-7, decode to lone surrogates, which can be neither stored nor sent back.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.encoding and codecs.lookup(request.encoding).name != "utf-8":
            raise BadRequest("The site speaks UTF-8.")
        return self.get_response(request)


class ViewerLocaleMiddleware:
    """Shows pages in the reader's language, on their clock and in their zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with ViewerLocale.of(request).activate():
            response = self.get_response(request)
            # The API activates a person's language inside the view, after it has read the token.
            response.setdefault("Content-Language", translation.get_language())
        return response


class PrivatePagesMiddleware:
    """Keeps the pages of logged-in people out of shared caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True)
        return response


class ImmutableMiddleware:
    """Removes Vary from immutable responses, which are the same for everybody.

    Session and locale middleware add it to every response, and caches could hardly reuse them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "immutable" in response.get("Cache-Control", ""):
            del response["Vary"]
        return response


class RetryAfterMiddleware:
    """Adds Retry-After to every 429 response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            response.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
        return response
