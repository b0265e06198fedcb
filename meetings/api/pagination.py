from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.paginator import Paginator

from meetings.api.requests import Paging


class Cut(NamedTuple):
    """The rows of one page, and how many rows and pages there are of all."""

    rows: Sequence[Any]
    total: int
    pages: int


def paginate(found: Any, paging: Paging) -> Cut:
    """The asked page of found, a queryset or list; beyond the last one there are no rows."""
    pages = Paginator(found, paging.page_size)
    rows = list(pages.page(paging.page).object_list) if paging.page in pages.page_range else []
    return Cut(rows, pages.count, pages.num_pages)
