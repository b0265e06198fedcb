import codecs
from collections.abc import Callable
from http import HTTPStatus

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_cache_control

from accounts.viewer_locale import ViewerLocale

# A limit counts by the minute or longer; this is when the next try is worth it.
RETRY_AFTER_SECONDS = 60


class UTF8Middleware:
    """Refuses what calls itself something else than UTF-8, which no browser sends here: some
    encodings, UTF-7 for one, yield halves of characters that can be neither stored nor answered.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.encoding and codecs.lookup(request.encoding).name != "utf-8":
            raise BadRequest("The site speaks UTF-8.")
        return self.get_response(request)


class ReaderMiddleware:
    """Shows pages in the reader's language, on their clock and in their zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with ViewerLocale.of(request).activate():
            response = self.get_response(request)
            # A call of the API may have found out only on the way who reads.
            response.setdefault("Content-Language", translation.get_language())
        return response


class PrivatePagesMiddleware:
    """Keeps what is made for one person out of caches that others share."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True)
        return response


class ImmutableMiddleware:
    """Says that what never changes is the same for everybody: on their way out, sessions and
    languages make every answer depend on cookies, and no cache keeps such a one for long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "immutable" in response.get("Cache-Control", ""):
            del response["Vary"]
        return response


class RetryAfterMiddleware:
    """Tells with every 429 when to come back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            response.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
        return response
