"""Admin pages of the booking rules. Staff's changes pass the same checks as a mentor's."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from meetings.booking.rules import refresh_next_free_on_commit
from meetings.models import BookingRules, SessionType
from meetings.models.session_type import DURATION_CHOICES


class SessionTypeForm(forms.ModelForm):  # type: ignore[type-arg]  # only the stubs are generic
    durations = forms.TypedMultipleChoiceField(
        label=_("Durations"),
        choices=DURATION_CHOICES,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = SessionType
        fields = (
            *("mentor", "title", "position", "durations"),
            *("notice", "gap_before", "gap_after", "most_a_day"),
        )


class RulesAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # only the stubs are generic
    """Base of both: shows the mentor, and refreshes the next free time after a change. Rows are
    neither added nor deleted here: a mentor has them from the start."""

    list_select_related = ("mentor",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("mentor__name", "mentor__email")
    readonly_fields = ("mentor",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        refresh_next_free_on_commit(obj.mentor_id)


@admin.register(BookingRules)
class BookingRulesAdmin(RulesAdmin):
    list_display = ("mentor", "step", "horizon", "notice", "gap_before", "gap_after", "most_a_day")
    ordering = ("mentor__name", "mentor_id")
    fields = list_display


@admin.register(SessionType)
class SessionTypeAdmin(RulesAdmin):
    form = SessionTypeForm
    list_display = ("mentor", "title", "lengths", "notice", "gap_before", "gap_after", "most_a_day")
    ordering = ("mentor__name", "mentor_id", "position")

    @admin.display(description=_("durations"))
    def lengths(self, session_type: SessionType) -> str:
        return ", ".join(str(each) for each in sorted(session_type.durations))
