"""What holds for every list of staff's pages, those of packages too."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest


class GuardedChangeList(ChangeList):
    """Refuses filters with moments that nothing can be reckoned from, as it does other odd ones.

    Django lets through what Python raises of them.
    """

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        try:
            super().__init__(request, *args)
        except OverflowError as error:
            raise IncorrectLookupParameters(error) from error

    def get_filters(self, request: HttpRequest) -> Any:
        """The year 9999 has no next one to end before."""
        try:
            return super().get_filters(request)
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error


def _changelist(self: Any, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
    return GuardedChangeList


admin.ModelAdmin.get_changelist = _changelist  # type: ignore[method-assign]
