"""Middleware for every request: its id, its log line, and no body for HEAD."""

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


class RequestLogMiddleware:
    """Gives each request an id, which its response and all its log lines contain.

    Only a trusted proxy may set it (X-Request-ID): others could make two requests look like one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = monotonic()
        request_id = _id_of(request)
        # Not reset afterwards, since Django logs refused requests after all middleware.
        belongs_to.set({"request": request_id})
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        _log(request, response, seconds=monotonic() - began)
        return response


class HeadMiddleware:
    """Removes the body of a HEAD response, and sets its length as Content-Length.

    gunicorn would drop the body too, but with a warning each time.
    """

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
    """Log one line, without the query string, which contains searches and OAuth codes."""
    fields = {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "user": _person(request),
    }
    # Monitoring requests them every few seconds.
    level = logging.DEBUG if request.path in PATHS else logging.INFO
    line = "%s %s %s"
    logger.log(
        level, line, request.method, request.path, response.status_code, extra={"fields": fields}
    )


def _person(request: HttpRequest) -> str | None:
    """The id of the logged-in person, if the request has loaded it; no query is made for it."""
    user = request.__dict__.get("user")
    if isinstance(user, LazyObject):
        user = getattr(request, "_cached_user", None)
    key = getattr(user, "pk", None)
    return None if key is None else str(key)
