from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from accounts.languages import language_name
from accounts.text import validate_line
from meetings.domain.availability import day_start
from meetings.domain.grid import Interval
from meetings.domain.policy import HORIZON_LIMIT
from meetings.scheduling.directory import Facet

BY_RATING, BY_NEXT_FREE = "rating", "next"
SLUG_LIMIT = 60
# The most options of a select; rarer values can be found by word.
MOST_CHOICES = 100


def _with_chosen(facets: list[tuple[str, str]], chosen: str) -> list[tuple[str, str]]:
    """facets and the chosen value, since an old link may name one that nobody has any more."""
    is_known = any(slug == chosen for slug, _label in facets)
    if is_known or not chosen or len(chosen) > SLUG_LIMIT:
        return facets
    try:
        validate_line(chosen)
    except ValidationError:
        return facets
    return [*facets, (chosen, chosen)]


class DirectoryForm(forms.Form):
    """The search form. Invalid fields are left out, and the others still apply."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        validators=[validate_line],
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "placeholder": _("Skill or name"),
                "class": "form-control",
            }
        ),
    )
    skill = forms.ChoiceField(
        label=_("Skill"), required=False, widget=forms.Select(attrs={"class": "form-select"})
    )
    language = forms.ChoiceField(
        label=_("Language"), required=False, widget=forms.Select(attrs={"class": "form-select"})
    )
    day = forms.DateField(
        label=_("Free on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("The day was left out: it is not a date.")},
    )
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[(BY_RATING, _("Best rated")), (BY_NEXT_FREE, _("Next free time"))],
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, data: QueryDict, *, facets: Mapping[str, list[Facet]], today: date) -> None:
        """today: in the viewer's zone, like the day that is asked for."""
        super().__init__(data)
        self.days = (today, today + timedelta(days=HORIZON_LIMIT))
        self._offer(
            "skill", pgettext("skill", "Any"), [(each, each.label) for each in facets["skill"]]
        )
        self._offer(
            "language",
            pgettext("language", "Any"),
            [(each, language_name(each.slug)) for each in facets["language"]],
        )
        first, last = self.days
        self.fields["day"].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        first, last = self.days
        if day and day < first:
            raise ValidationError(_("The day was left out: it is over."))
        if day and day > last:
            raise ValidationError(
                _("The day was left out: mentors plan %(days)s days ahead at most."),
                params={"days": HORIZON_LIMIT},
            )
        return day

    @property
    def is_filtered(self) -> bool:
        """Whether anything is asked for, valid or not."""
        return any(self.data.get(name) for name in ("q", "skill", "language", "day"))

    @property
    def problems(self) -> list[str]:
        """Why fields were left out; an unknown sort order is not reported."""
        lists = [errors for name, errors in self.errors.items() if name != "sort"]
        return [str(error) for errors in lists for error in errors]

    def wanted(self) -> dict[str, Any]:
        """The arguments of meetings.scheduling.directory.search(), except now."""
        self.full_clean()
        valid = self.cleaned_data
        day = valid.get("day")
        return {
            "words": valid.get("q", ""),
            "skill": valid.get("skill", ""),
            "language": valid.get("language", ""),
            "window": _day_of(day) if day else None,
            "is_by_next_free": valid.get("sort") == BY_NEXT_FREE,
        }

    def _offer(self, name: str, anything: Any, found: list[tuple[Facet, str]]) -> None:
        most = [(each.slug, f"{label} ({each.count})") for each, label in found[:MOST_CHOICES]]
        most = _with_chosen(most, self.data.get(name, ""))
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", anything), *sorted(most, key=lambda choice: choice[1].casefold())]


def _day_of(day: date) -> Interval:
    """That date in the viewer's zone, from its first instant to the next day's."""
    zone = timezone.get_current_timezone()
    return Interval(day_start(day, zone), day_start(day + timedelta(days=1), zone))
