from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.paginator import Paginator

from meetings.api.requests import Paging


class Cut(NamedTuple):
    """The rows of one page, and the number of all rows and pages."""

    rows: Sequence[Any]
    total: int
    pages: int


def paginate(found: Any, paging: Paging) -> Cut:
    """The requested page of found, a queryset or list; empty beyond the last page."""
    pages = Paginator(found, paging.page_size)
    rows = list(pages.page(paging.page).object_list) if paging.page in pages.page_range else []
    return Cut(rows, pages.count, pages.num_pages)
