from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.paginator import Paginator

from meetings.api.requests import Paging


class PageSlice(NamedTuple):
    """The rows of one page, and the number of all rows and pages."""

    rows: Sequence[Any]
    total: int
    pages: int


def paginate(found: Any, paging: Paging) -> PageSlice:
    """The requested page of found, a queryset or list; empty beyond the last page."""
    pages = Paginator(found, paging.page_size)
    rows = list(pages.page(paging.page).object_list) if paging.page in pages.page_range else []
    return PageSlice(rows, pages.count, pages.num_pages)
