"""What is answered when nothing below has an answer."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults

from meetings.api.errors import server_error as api_server_error
from meetings.integrations.outages import RETRY_AFTER_SECONDS, is_transient


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for a bug; for trouble around the site one that says when to come back.

    Django calls it while it handles what was raised, in a view or in any middleware.
    """
    error = sys.exc_info()[1]
    if request.path.startswith("/api/"):
        return api_server_error(error)
    if not is_transient(error):
        return defaults.server_error(request)
    # As for a bug, without a request: what a page shows of the person may be what is away.
    response = HttpResponse(render_to_string("503.html"), status=HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
