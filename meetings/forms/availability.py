from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from meetings.booking.hours import add_days_off, add_extra_hours, replace_weekly_hours
from meetings.booking.rules import change_rules
from meetings.domain.availability import MinuteRange, check_ranges
from meetings.domain.errors import AvailabilityError
from meetings.domain.policy import HORIZON_LIMIT
from meetings.forms.hours import (
    BLANK,
    FROM_TIMES,
    TO_TIMES,
    RangesField,
    RangesWidget,
    TypedRange,
    parse_range,
    split_at_midnight,
    typed,
)
from meetings.forms.messages import text_of
from meetings.models import BookingRules, SessionType, WeeklyHours
from meetings.models.hours import WEEKDAYS
from meetings.models.session_type import DURATION_CHOICES

# A date further ahead is more likely a typing error.
PLANNED_AHEAD = timedelta(days=3 * 365)


def _name(weekday: int) -> str:
    return f"day{weekday}"


class WeeklyHoursForm(forms.Form):
    """Several ranges a weekday. Those that cross midnight become two, one on each day."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for weekday, label in WEEKDAYS:
            self.fields[_name(weekday)] = RangesField(label=label, required=False)

    @classmethod
    def of(cls, rows: Iterable[WeeklyHours]) -> "WeeklyHoursForm":
        """A form of the stored hours, soonest first, with one blank row a day."""
        shown: dict[str, list[TypedRange]] = {_name(day): [] for day, _label in WEEKDAYS}
        for row in sorted(rows, key=lambda each: each.starts):
            shown[_name(row.weekday)].append(typed(row.minutes))
        return cls(initial={name: [*ranges, BLANK] for name, ranges in shown.items()})

    @classmethod
    def reshaped(cls, data: QueryDict) -> "WeeklyHoursForm":
        """A form of the rows as typed, not validated yet: with a blank row more on the weekday
        data["add"], or with Monday's rows copied to Tuesday to Friday if data has "copy"."""
        widget = RangesWidget()
        rows = {
            _name(day): widget.value_from_datadict(data, None, _name(day)) for day, _l in WEEKDAYS
        }
        if (name := f"day{data.get('add', '')}") in rows:
            rows[name].append(BLANK)
        if "copy" in data:
            rows |= {_name(day): list(rows[_name(0)]) for day in range(1, 5)}
        return cls(initial=rows)

    def clean(self) -> dict[str, Any]:
        """Adds weekly: `{weekday: [range]}`, each range within its day."""
        valid = super().clean() or self.cleaned_data
        own: dict[int, list[MinuteRange]] = {day: [] for day, _label in WEEKDAYS}
        late: dict[int, list[MinuteRange]] = {day: [] for day, _label in WEEKDAYS}
        for weekday in own:
            for minutes in valid.get(_name(weekday), ()):
                today, tomorrow = split_at_midnight(minutes)
                own[weekday].append(today)
                if tomorrow:
                    late[(weekday + 1) % 7].append(tomorrow)
        for weekday in own:
            self._check(weekday, own[weekday], late[weekday])
        valid["weekly"] = {day: own[day] + late[day] for day in own if own[day] or late[day]}
        return valid

    def save(self, mentor: User) -> None:
        replace_weekly_hours(mentor, self.cleaned_data["weekly"])

    def _check(self, weekday: int, own: Sequence[MinuteRange], late: Sequence[MinuteRange]) -> None:
        """Add an error to the day if its ranges are invalid, or overlap hours of the day before."""
        try:
            check_ranges(own)
        except AvailabilityError as error:
            self.add_error(_name(weekday), text_of(error))
            return
        try:
            check_ranges([*own, *late])
        except AvailabilityError as error:
            before = WEEKDAYS[weekday - 1][1]
            text = gettext("The hours over midnight from %(day)s reach into these: %(error)s")
            self.add_error(_name(weekday), text % {"day": before, "error": text_of(error)})


class TermsForm(forms.ModelForm):  # type: ignore[type-arg]  # only the stubs are generic
    """The rules by which a mentor can be booked."""

    field_order = ("durations",)

    durations = forms.TypedMultipleChoiceField(
        label=_("Lengths you offer"),
        choices=DURATION_CHOICES,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Offer at least one length.")},
    )
    horizon = forms.IntegerField(
        label=_("Days ahead"),
        min_value=1,
        max_value=HORIZON_LIMIT,
        help_text=_("How many days ahead you can be booked."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    class Meta:
        model = BookingRules
        fields = ("step", "notice", "gap_after", "horizon")
        labels = {
            "step": _("Meetings start"),
            "notice": _("Shortest notice"),
            "gap_after": _("Break after a meeting"),
        }
        help_texts = {
            "step": _("Counted from the start of each range."),
            "notice": _("How long before the start you can still be booked."),
            "gap_after": "",
        }

    def __init__(self, *args: Any, session_type: SessionType, **kwargs: Any) -> None:
        """session_type: the one whose lengths are chosen here."""
        super().__init__(*args, **kwargs)
        self.session_type = session_type
        self.initial["durations"] = session_type.durations

    def clean_durations(self) -> list[int]:
        return sorted(set(self.cleaned_data["durations"]))

    def save(self, commit: bool = True) -> BookingRules:
        """Save rules and durations in one transaction."""
        self.session_type.durations = self.cleaned_data["durations"]
        change_rules(self.instance, self.session_type)
        return self.instance


class _Dated(forms.Form):
    """A form about days to come. today: in the mentor's zone, like all days here."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        for field in self.fields.values():
            if isinstance(field, forms.DateField):
                field.widget.attrs["min"] = today.isoformat()

    def check_planned(self, day: date) -> date:
        """Return day. Raises ValidationError if it is past, or further ahead than PLANNED_AHEAD."""
        if day < self.today:
            raise ValidationError(_("That day is over."))
        if day > self.today + PLANNED_AHEAD:
            raise ValidationError(_("That is too far ahead: three years at most."))
        return day


def _date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DaysOffForm(_Dated):
    """Days without the weekly hours, first and last included."""

    first_day = forms.DateField(label=_("First day"), widget=_date_input())
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=_date_input(),
        help_text=_("Leave it empty for one day."),
    )

    def clean(self) -> dict[str, Any]:
        valid = super().clean() or self.cleaned_data
        first = valid.get("first_day")
        if first is None or "last_day" not in valid:
            return valid
        last = valid["last_day"] = valid["last_day"] or first
        if last < first:
            self.add_error("last_day", _("The last day lies before the first one."))
            return valid
        try:
            self.check_planned(last)
        except ValidationError as error:
            self.add_error("last_day" if self.data.get("last_day") else "first_day", error)
        return valid

    def save(self, mentor: User) -> None:
        add_days_off(mentor, self.cleaned_data["first_day"], self.cleaned_data["last_day"])


class ExtraHoursForm(_Dated):
    """Hours on one date in addition to the weekly ones, over midnight if the end is earlier."""

    day = forms.DateField(label=_("Day"), widget=_date_input())
    starts = forms.ChoiceField(
        label=_("From"), choices=[("", "–"), *((time, time) for time in FROM_TIMES)]
    )
    ends = forms.ChoiceField(
        label=_("To"), choices=[("", "–"), *((time, time) for time in TO_TIMES)]
    )

    def clean_day(self) -> date:
        return self.check_planned(self.cleaned_data["day"])

    def clean(self) -> dict[str, Any]:
        """Adds range: in minutes; an end beyond 1440 is on the next day."""
        valid = super().clean() or self.cleaned_data
        if "starts" in valid and "ends" in valid:
            try:
                valid["range"] = parse_range((valid["starts"], valid["ends"]))
            except ValidationError as error:
                self.add_error("ends", error)
        return valid

    def save(self, mentor: User) -> bool:
        """Add the hours; if they overlap others of the day, add an error and return False."""
        day = self.cleaned_data["day"]
        first, second = split_at_midnight(self.cleaned_data["range"])
        try:
            with transaction.atomic():
                add_extra_hours(mentor, day, [first])
                if second:
                    add_extra_hours(mentor, day + timedelta(days=1), [second])
        except AvailabilityError as error:
            self.add_error("ends", text_of(error))
            return False
        return True


class RemoveForm(forms.Form):
    """The id of the entry to remove."""

    id = forms.UUIDField()
