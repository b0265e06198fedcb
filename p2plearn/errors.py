"""The response to an unhandled exception."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults

from meetings.api.errors import server_error as api_server_error
from meetings.integrations.outages import RETRY_AFTER_SECONDS, is_transient


def server_error(request: HttpRequest) -> HttpResponse:
    """500 for a bug; 503 with Retry-After if a database, Redis or disk fails.

    Django calls it while it handles an exception from a view or a middleware.
    """
    error = sys.exc_info()[1]
    if request.path.startswith("/api/"):
        return api_server_error(error)
    if not is_transient(error):
        return defaults.server_error(request)
    # Rendered without the request, as for a bug: a query for the person may fail again.
    response = HttpResponse(render_to_string("503.html"), status=HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
