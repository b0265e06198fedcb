"""Repeats a request whose transaction lost a conflict with another."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from django.db import connection
from django.http import HttpRequest, HttpResponse

from p2plearn.mongodb.errors import TransactionConflict

TIMES = 5


class RepeatMiddleware:
    """Comes last, so that only the view is repeated.

    A view that had already committed something is not repeated: that would be stored twice.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        ours = cast(Any, connection)
        for left in reversed(range(TIMES)):
            commits, conflicts = ours.commits, ours.conflicts
            request.commits_to_repeat_at = commits if left else None  # type: ignore[attr-defined]
            response = self._get_response(request)
            has_lost = ours.conflicts > conflicts and ours.commits == commits
            if not has_lost or response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                break
            for name in request.FILES:
                for file in request.FILES.getlist(name):
                    file.seek(0)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a lost transaction with 503 for now, since __call__() repeats the request."""
        commits = request.commits_to_repeat_at  # type: ignore[attr-defined]
        if isinstance(exception, TransactionConflict) and commits == cast(Any, connection).commits:
            return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)
        return None
