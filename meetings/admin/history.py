"""Admin pages of the history of meetings, which is append-only and so read-only here."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.times import time_column
from meetings.models import MeetingEvent

FIELDS = ("kind", "actor", "when", "before", "after")


class ReadOnly:
    """Mixin for admin pages on which nothing can be added, changed or deleted."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class HistoryInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # only stubs are generic
    """The history of one meeting, on its page."""

    model = MeetingEvent
    verbose_name_plural = _("history")
    ordering = ("number", "at", "kind")
    fields = FIELDS
    readonly_fields = FIELDS
    extra = 0

    when = time_column("at", _("at"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[MeetingEvent]:
        return super().get_queryset(request).select_related("actor")


@admin.register(MeetingEvent)
class MeetingEventAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The changes of all meetings, latest first."""

    list_display = ("meeting", *FIELDS)
    list_filter = ("kind", "at")
    list_select_related = ("meeting", "actor")
    list_per_page = 100
    show_full_result_count = False
    search_fields = ("meeting__subject", "actor__name", "actor__email")
    date_hierarchy = "at"
    ordering = ("-at", "-number", "-kind")
    fields = list_display
    readonly_fields = list_display

    when = time_column("at", _("at"))
