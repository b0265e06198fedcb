"""What goes around every request: its id, its line in the log, and no body where none may be."""

import logging
import re
import uuid
from collections.abc import Callable
from time import monotonic

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.functional import LazyObject

from p2plearn.monitoring.health import PATHS
from p2plearn.monitoring.logs import belongs_to

logger = logging.getLogger(__name__)

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class AccessMiddleware:
    """Gives each request an id, which is in the answer and in every line of the log about it.

    A proxy of ours may name it (X-Request-ID); anybody else could make two requests look like one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = monotonic()
        request_id = _id_of(request)
        # Until this thread has another: Django writes of refusals when all middleware is done.
        belongs_to.set({"request": request_id})
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        _log(request, response, seconds=monotonic() - began)
        return response


class HeadMiddleware:
    """Answers HEAD without the body, whose length it tells: gunicorn drops what views render all
    the same, and writes a warning for each."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method != "HEAD":
            return response
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = ()
        elif isinstance(response, HttpResponse):
            response.setdefault("Content-Length", str(len(response.content)))
            response.content = b""
        return response


def _id_of(request: HttpRequest) -> str:
    told: str = request.headers.get("X-Request-ID", "")
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT and REQUEST_ID.fullmatch(told):
        return told
    return uuid.uuid4().hex


def _log(request: HttpRequest, response: HttpResponseBase, *, seconds: float) -> None:
    """One line. Without the query, which holds what people search for and codes of OAuth."""
    fields = {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "user": _person(request),
    }
    # Whoever watches asks every few seconds.
    level = logging.DEBUG if request.path in PATHS else logging.INFO
    line = "%s %s %s"
    logger.log(
        level, line, request.method, request.path, response.status_code, extra={"fields": fields}
    )


def _person(request: HttpRequest) -> str | None:
    """The id of whoever is logged in, if anything has asked for it; that needs a query."""
    user = request.__dict__.get("user")
    if isinstance(user, LazyObject):
        user = getattr(request, "_cached_user", None)
    key = getattr(user, "pk", None)
    return None if key is None else str(key)
