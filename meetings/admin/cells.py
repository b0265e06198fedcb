from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.times import time_column
from meetings.models import BusyCell


@admin.register(BusyCell)
class BusyCellAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # only the stubs are generic
    """Read-only: busy cells are derived from meetings, and prevent double booking."""

    list_display = ("person", "starts", "owner_kind", "owner_id")
    list_select_related = ("person",)
    list_per_page = 100
    show_full_result_count = False
    search_fields = ("person__name", "person__email")
    search_help_text = _("Name, e-mail address, or the whole id of an owner")
    date_hierarchy = "starts_at"
    ordering = ("starts_at", "id")
    fields = ("person", "starts", "owner_kind", "owner_id")
    readonly_fields = fields

    starts = time_column("starts_at", _("starts"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Finds the cells of one owner by its id, which MongoDB cannot search for a part of."""
        with suppress(ValueError):
            return queryset.filter(owner_id=UUID(search_term.strip())), False
        return super().get_search_results(request, queryset, search_term)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
