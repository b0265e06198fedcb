"""The change list of all admin pages, those of other packages included."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest


class GuardedChangeList(ChangeList):
    """Treats a filter by a date out of Python's range as an invalid lookup, not as a server error.

    Django does not catch the OverflowError or ValueError.
    """

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        try:
            super().__init__(request, *args)
        except OverflowError as error:
            raise IncorrectLookupParameters(error) from error

    def get_filters(self, request: HttpRequest) -> Any:
        """A date hierarchy ends at the next year, and the year 10000 raises ValueError."""
        try:
            return super().get_filters(request)
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error


def _changelist(self: Any, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
    return GuardedChangeList


admin.ModelAdmin.get_changelist = _changelist  # type: ignore[method-assign]
