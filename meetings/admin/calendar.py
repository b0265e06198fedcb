"""Admin pages of the connected calendars, and of the calendar events that are out of date."""

from datetime import timedelta
from types import ModuleType
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.times import in_zone, time_column
from accounts.models import CalendarConnection
from meetings.calendars.connection import disconnect
from meetings.calendars.sync import sync_event
from meetings.models import CalendarEvent

# At most this many events are listed; those that nobody retries come first.
SHOWN = 100
# How long staff wait for one try.
PATIENCE = timedelta(seconds=5)
STATE = "admin:calendar_state"


@admin.register(CalendarConnection)
class CalendarConnectionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # only stubs are generic
    """Read-only: who has connected which account, without its token. Deleting disconnects it."""

    list_display = ("user", "google_email", "connected", "ended", "busy_read")
    list_select_related = ("user",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("user__name", "user__email", "google_email")
    ordering = ("user__name", "user_id")
    fields = list_display
    readonly_fields = list_display
    change_list_template = "admin/calendar_list.html"

    connected = time_column("connected_at", _("connected"))
    ended = time_column("broken_at", _("ended"))
    busy_read = time_column("busy_read_at", _("busy times read"))

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        ours = [
            path("state/", guard(self.state), name="calendar_state"),
            path("state/try/", guard(self.try_now), name="calendar_try_now"),
            path("state/check/", guard(self.check_google), name="calendar_check"),
        ]
        return [*ours, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: CalendarConnection) -> None:
        if not disconnect(obj.user):
            text = gettext("Google did not confirm that it has ended the access of %(name)s.")
            self.message_user(request, text % {"name": obj.user}, messages.WARNING)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[CalendarConnection]) -> None:
        for connection in queryset.select_related("user"):
            self.delete_model(request, connection)

    def state(self, request: HttpRequest) -> HttpResponse:
        """The events that are behind, since when and why, and the connections that have ended."""
        _require(request, "meetings.view_meeting")
        return self._page(request)

    def try_now(self, request: HttpRequest) -> HttpResponse:
        """A POST with a meeting's id tries its event now; without, the worker tries all events."""
        _require(request, "meetings.change_meeting")
        if request.method == "POST":
            if pk := request.POST.get("meeting"):
                behind = CalendarEvent.objects.behind()
                self._try(request, get_object_or_404(behind, meeting=pk))
            else:
                count = CalendarEvent.objects.behind().update(due_at=timezone.now())
                text = ngettext(
                    "The worker tries %(n)s event within a minute.",
                    "The worker tries %(n)s events within a minute.",
                    count,
                )
                self.message_user(request, text % {"n": count})
        return redirect(STATE)

    def check_google(self, request: HttpRequest) -> HttpResponse:
        """A POST runs every step of the Google check for real, and shows the results."""
        _require(request, "meetings.change_meeting")
        if request.method != "POST":
            return redirect(STATE)
        return self._page(request, steps=_check().check(timezone.now()))

    def _try(self, request: HttpRequest, event: CalendarEvent) -> None:
        event = sync_event(event.pk, timeout=PATIENCE)
        if event.is_behind:
            text, level = gettext("“%(subject)s” is still behind: %(why)s"), messages.WARNING
        else:
            text, level = gettext("“%(subject)s” is up to date."), messages.SUCCESS
        why = event.error or gettext("it is being worked on")
        self.message_user(request, text % {"subject": event.meeting.subject, "why": why}, level)

    def _page(self, request: HttpRequest, **extra: Any) -> HttpResponse:
        behind = CalendarEvent.objects.behind().select_related("meeting__mentor")
        # Parked events come first. Two queries, since databases sort NULL differently.
        parked = behind.filter(due_at__isnull=True).order_by("meeting__updated_at")
        waiting = behind.filter(due_at__isnull=False).order_by("due_at")
        rows = list(parked[:SHOWN])
        rows += list(waiting[: SHOWN - len(rows)])
        count = behind.count()
        broken = CalendarConnection.objects.broken().select_related("user").order_by("broken_at")
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Calendar state"),
            "opts": self.opts,
            "rows": [_row(event) for event in rows],
            "count": count,
            "more": count - len(rows),
            "ended": [
                (each.user, in_zone(each.broken_at)) for each in broken[:SHOWN] if each.broken_at
            ],
            "may_try": _may(request, "meetings.change_meeting"),
            **extra,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/calendar_state.html", context)


def _row(event: CalendarEvent) -> dict[str, Any]:
    due = event.due_at
    return {
        "event": event,
        "changed": in_zone(event.meeting.updated_at),
        "next_try": in_zone(due) if due else gettext("parked: not before somebody acts"),
    }


def _may(request: HttpRequest, permission: str) -> bool:
    return request.user.has_perm(permission)


def _require(request: HttpRequest, permission: str) -> None:
    if not _may(request, permission):
        raise PermissionDenied


def _check() -> ModuleType:
    # Imported on first use: the client library costs 45 ms and 6 MB.
    from meetings.integrations.google import check  # noqa: PLC0415

    return check
