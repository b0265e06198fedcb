from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.confirm import CONFIRMED, confirm_page
from accounts.admin.times import in_zone, time_column
from accounts.models import User
from accounts.text import validate_text
from meetings.admin.history import HistoryInline
from meetings.booking.lifecycle import cancel
from meetings.calendars.sync import sync_event
from meetings.domain.errors import BookingError
from meetings.domain.policy import REASON_LIMIT, Status
from meetings.forms.messages import count_refusal, text_of
from meetings.models import CalendarEvent, Meeting

# Events per click, since each may take as long as the timeout of its calendar.
CALENDAR_BATCH = 20
SHOWN = (
    (None, ("subject", "description", "mentor", "learner")),
    (_("When"), ("starts", "ends", "duration", "status")),
    (_("Cancelled"), ("cancelled_by", "cancel_reason")),
    (_("Afterwards"), ("notes", "rating", "feedback")),
    (_("Calendar"), ("calendar", "why", "tries", "next_try")),
    (_("Room"), ("meeting_link", "link_provider", "external_id")),
    (_("Dates"), ("created", "updated")),
)


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason, shown to both"),
        required=False,
        max_length=REASON_LIMIT,
        validators=[validate_text],
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
    )


class CalendarFilter(admin.SimpleListFilter):
    title = _("calendar")
    parameter_name = "calendar"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("matches", _("Up to date")), ("behind", _("Behind")), ("trouble", _("In trouble"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        behind = CalendarEvent.objects.behind()
        match self.value():
            case "matches":
                return queryset.exclude(pk__in=behind.values("meeting"))
            case "behind":
                return queryset.filter(pk__in=behind.values("meeting"))
            case "trouble":
                return queryset.filter(pk__in=behind.exclude(error="").values("meeting"))
        return queryset


@admin.register(Meeting)
class MeetingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # only the stubs are generic
    """Read-only: meetings change only through meetings.booking, which the actions call."""

    list_display = ("subject", "mentor", "learner", "starts", "status", "calendar", "duration")
    list_filter = ("status", "scheduled_at", CalendarFilter)
    list_select_related = ("mentor", "learner", "calendar_event")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("subject", "mentor__name", "mentor__email", "learner__name", "learner__email")
    date_hierarchy = "scheduled_at"
    ordering = ("-scheduled_at", "id")
    actions = ("cancel", "try_calendar")
    inlines = (HistoryInline,)
    # Only its two participants may open the page of a meeting.
    view_on_site = False
    fieldsets = tuple((title, {"fields": names}) for title, names in SHOWN)
    readonly_fields = tuple(name for _title, names in SHOWN for name in names)

    starts = time_column("scheduled_at", _("starts"))
    ends = time_column("ends_at", _("ends"))
    created = time_column("created_at", _("created"))
    updated = time_column("updated_at", _("updated"))

    @admin.display(description=_("calendar"))
    def calendar(self, meeting: Meeting) -> str:
        event = meeting.calendar_event
        if not event.is_behind:
            return gettext("up to date")
        if event.error:
            return gettext("in trouble: %(error)s") % {"error": event.error}
        if event.due_at is None:
            return gettext("behind")
        return gettext("behind, next try %(when)s") % {"when": in_zone(event.due_at)}

    @admin.display(description=_("calendar trouble"))
    def why(self, meeting: Meeting) -> str:
        return meeting.calendar_event.error

    @admin.display(description=_("calendar tries"))
    def tries(self, meeting: Meeting) -> int:
        return meeting.calendar_event.tries

    @admin.display(description=_("next calendar try"))
    def next_try(self, meeting: Meeting) -> str:
        due = meeting.calendar_event.due_at
        return in_zone(due) if due else ""

    @admin.display(description=_("calendar event"))
    def external_id(self, meeting: Meeting) -> str:
        return meeting.calendar_event.external_id

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_verbs_permission(self, request: HttpRequest) -> bool:
        """The permission of the actions: to change meetings."""
        return super().has_change_permission(request)

    @admin.action(description=_("Cancel the selected meetings"), permissions=["verbs"])
    def cancel(self, request: HttpRequest, meetings: QuerySet[Meeting]) -> HttpResponse | None:
        form = CancelForm(request.POST if CONFIRMED in request.POST else None)
        if not form.is_valid():
            return confirm_page(
                self,
                request,
                meetings,
                action="cancel",
                title=_("Cancel meetings"),
                explanation=_(
                    "Their time becomes free, and the calendar drops them. Meetings that somebody "
                    "has joined, or that are over, stay as they are."
                ),
                button=_("Cancel the meetings"),
                form=form,
                describe=_describe,
            )
        assert isinstance(request.user, User)
        done, already = 0, 0
        for meeting in meetings:
            if meeting.status == Status.CANCELLED:
                already += 1
                continue
            try:
                cancel(meeting, by=request.user, reason=form.cleaned_data["reason"])
            except BookingError as error:
                count_refusal(error)
                self._report(request, meeting, text_of(error))
            else:
                self.log_change(request, meeting, gettext("Cancelled."))
                done += 1
        if done:
            text = ngettext("%(n)s meeting cancelled.", "%(n)s meetings cancelled.", done)
            self.message_user(request, text % {"n": done}, messages.SUCCESS)
        if already:
            text = ngettext(
                "%(n)s meeting was cancelled already.",
                "%(n)s meetings were cancelled already.",
                already,
            )
            self.message_user(request, text % {"n": already}, messages.INFO)
        return None

    @admin.action(description=_("Try the calendar now"), permissions=["verbs"])
    def try_calendar(self, request: HttpRequest, meetings: QuerySet[Meeting]) -> None:
        behind = [each for each in meetings if each.calendar_event.is_behind]
        done = 0
        for meeting in behind[:CALENDAR_BATCH]:
            event = sync_event(meeting.calendar_event.pk)
            if event.is_behind:
                self._report(request, event.meeting, self.calendar(event.meeting))
            else:
                done += 1
        text = ngettext("%(n)s event brought up to date.", "%(n)s events brought up to date.", done)
        self.message_user(request, text % {"n": done}, messages.SUCCESS)
        if left := len(behind[CALENDAR_BATCH:]):
            text = ngettext("%(n)s more is left.", "%(n)s more are left.", left)
            self.message_user(request, text % {"n": left}, messages.WARNING)

    def _report(self, request: HttpRequest, meeting: Meeting, reason: str) -> None:
        text = gettext("%(meeting)s: %(reason)s")
        values = {"meeting": _describe(meeting), "reason": reason}
        self.message_user(request, text % values, messages.WARNING)


def _describe(meeting: Meeting) -> str:
    return gettext("“%(subject)s” of %(mentor)s and %(learner)s, %(when)s") % {
        "subject": meeting.subject,
        "mentor": meeting.mentor,
        "learner": meeting.learner,
        "when": in_zone(meeting.scheduled_at),
    }
