"""Admin pages of mentors' hours. Staff's changes pass the same checks as a mentor's."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from meetings.domain.availability import check_ranges, clock
from meetings.domain.errors import AvailabilityError
from meetings.forms.hours import CLOCK
from meetings.forms.messages import text_of
from meetings.models import DayOff, ExtraHours, WeeklyHours
from meetings.scheduling.next_free import refresh_next_free

TIMES = [(minutes, text) for text, minutes in CLOCK.items()]


class RangeForm(forms.ModelForm):  # type: ignore[type-arg]  # only the stubs are generic
    """A range in the mentor's zone that overlaps no other of its day."""

    starts = forms.TypedChoiceField(label=_("From"), choices=TIMES[:-1], coerce=int)
    ends = forms.TypedChoiceField(label=_("To"), choices=TIMES[1:], coerce=int)
    # Ranges with the same value of this field may not overlap: "weekday" or "day".
    day_field: str

    def clean(self) -> None:
        super().clean()
        if self.errors:
            return
        mentor, day = self.cleaned_data["mentor"], self.cleaned_data[self.day_field]
        own = self.cleaned_data["starts"], self.cleaned_data["ends"]
        rows = self._meta.model._default_manager.filter(mentor=mentor, **{self.day_field: day})
        others = rows.exclude(pk=self.instance.pk).values_list("starts", "ends")
        try:
            check_ranges([*others, own])
        except AvailabilityError as error:
            self.add_error("ends", text_of(error))


class WeeklyHoursForm(RangeForm):
    day_field = "weekday"

    class Meta:
        model = WeeklyHours
        fields = ("mentor", "weekday", "starts", "ends")


class ExtraHoursForm(RangeForm):
    day_field = "day"

    class Meta:
        model = ExtraHours
        fields = ("mentor", "day", "starts", "ends")


class DayOffForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = DayOff
        fields = ("mentor", "first_day", "last_day")

    def clean(self) -> None:
        super().clean()
        if not self.errors and self.cleaned_data["last_day"] < self.cleaned_data["first_day"]:
            self.add_error("last_day", _("The last day is before the first one."))


class HoursAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Base of the three: shows the mentor, and refreshes the next free time after a change."""

    list_select_related = ("mentor",)
    list_per_page = 100
    show_full_result_count = False
    search_fields = ("mentor__name", "mentor__email")
    autocomplete_fields = ("mentor",)

    @admin.display(description=_("time zone"), ordering="mentor__timezone")
    def zone(self, row: Any) -> str:
        return str(row.mentor.timezone)

    @admin.display(description=_("from"), ordering="starts")
    def from_time(self, row: Any) -> str:
        return clock(row.starts)

    @admin.display(description=_("to"), ordering="ends")
    def to_time(self, row: Any) -> str:
        return clock(row.ends)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "mentor":
            kwargs["queryset"] = User.objects.filter(mentor_profile__isnull=False)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _refresh_after_commit({obj.mentor_id, form.initial.get("mentor", obj.mentor_id)})

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        _refresh_after_commit({obj.mentor_id})

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        mentors = set(queryset.order_by().values_list("mentor_id", flat=True))
        super().delete_queryset(request, queryset)
        _refresh_after_commit(mentors)


@admin.register(WeeklyHours)
class WeeklyHoursAdmin(HoursAdmin):
    form = WeeklyHoursForm
    list_display = ("mentor", "weekday", "from_time", "to_time", "zone")
    list_filter = ("weekday",)
    ordering = ("mentor__name", "mentor_id", "weekday", "starts")


@admin.register(DayOff)
class DayOffAdmin(HoursAdmin):
    form = DayOffForm
    list_display = ("mentor", "first_day", "last_day", "zone")
    date_hierarchy = "first_day"
    ordering = ("-first_day", "id")


@admin.register(ExtraHours)
class ExtraHoursAdmin(HoursAdmin):
    form = ExtraHoursForm
    list_display = ("mentor", "day", "from_time", "to_time", "zone")
    date_hierarchy = "day"
    ordering = ("-day", "starts", "id")


def _refresh_after_commit(mentors: set[uuid.UUID]) -> None:
    transaction.on_commit(lambda: refresh_next_free(mentors), robust=True)
