from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from meetings.booking.hours import remove_days_off, remove_extra_hours
from meetings.forms.availability import (
    DaysOffForm,
    ExtraHoursForm,
    RemoveForm,
    TermsForm,
    WeeklyHoursForm,
)
from meetings.models import DayOff, ExtraHours, SessionType, WeeklyHours
from meetings.scheduling.outside_hours import meetings_outside_hours
from meetings.views.objects import viewer_of


@require_http_methods(["GET", "HEAD", "POST"])
def availability(request: HttpRequest) -> HttpResponse:
    """When and how the viewer can be booked. Each form of the page names its action."""
    viewer = viewer_of(request)
    if request.method == "POST":
        if not viewer.is_mentor:
            return redirect("accounts:mentor_profile")
        if (action := ACTIONS.get(request.POST.get("action", ""))) is None:
            raise BadRequest("no such action")
        return action(request, viewer)
    if not viewer.is_mentor:
        return render(request, "meetings/availability/availability.html", {"profile": None})
    return _page(request, viewer)


def _save_hours(request: HttpRequest, mentor: User) -> HttpResponse:
    if "add" in request.POST or "copy" in request.POST:
        return _page(request, mentor, hours_form=WeeklyHoursForm.reshaped(request.POST))
    form = WeeklyHoursForm(request.POST)
    if not form.is_valid():
        return _page(request, mentor, hours_form=form)
    form.save(mentor)
    return _done(request, _("Your weekly hours are saved."))


def _save_terms(request: HttpRequest, mentor: User) -> HttpResponse:
    form = _terms_form(mentor, request.POST)
    if not form.is_valid():
        return _page(request, mentor, terms_form=form)
    form.save()
    return _done(request, _("Your terms are saved."))


def _add_days_off(request: HttpRequest, mentor: User) -> HttpResponse:
    form = DaysOffForm(request.POST, today=timezone.localdate())
    if not form.is_valid():
        return _page(request, mentor, days_off_form=form)
    form.save(mentor)
    return _done(request, _("Your days off are saved."))


def _add_extra_hours(request: HttpRequest, mentor: User) -> HttpResponse:
    form = ExtraHoursForm(request.POST, today=timezone.localdate())
    if not (form.is_valid() and form.save(mentor)):
        return _page(request, mentor, extra_hours_form=form)
    return _done(request, _("Your extra hours are saved."))


def _remove_days_off(request: HttpRequest, mentor: User) -> HttpResponse:
    form = RemoveForm(request.POST)
    if not form.is_valid():
        raise BadRequest("no such entry")
    remove_days_off(mentor, form.cleaned_data["id"])
    return _done(request, _("Removed. Your weekly hours hold on these days again."))


def _remove_extra_hours(request: HttpRequest, mentor: User) -> HttpResponse:
    form = RemoveForm(request.POST)
    if not form.is_valid():
        raise BadRequest("no such entry")
    remove_extra_hours(mentor, form.cleaned_data["id"])
    return _done(request, _("The extra hours are removed."))


ACTIONS: dict[str, Callable[[HttpRequest, User], HttpResponse]] = {
    "hours": _save_hours,
    "terms": _save_terms,
    "add_days_off": _add_days_off,
    "remove_days_off": _remove_days_off,
    "add_extra_hours": _add_extra_hours,
    "remove_extra_hours": _remove_extra_hours,
}


def _done(request: HttpRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("meetings:availability")


def _terms_form(mentor: User, data: QueryDict | None = None) -> TermsForm:
    """The form of the mentor's booking rules and of the default session type's durations."""
    session_type = SessionType.objects.default_of(mentor.pk)
    assert session_type is not None
    return TermsForm(data, instance=session_type.mentor.booking_rules, session_type=session_type)


def _page(request: HttpRequest, mentor: User, **forms: object) -> HttpResponse:
    """The whole page. forms: those with errors or with changed rows, instead of new ones."""
    today = timezone.localdate()
    fresh = {
        "hours_form": WeeklyHoursForm.of(WeeklyHours.objects.filter(mentor=mentor)),
        "terms_form": forms.get("terms_form") or _terms_form(mentor),
        "days_off_form": DaysOffForm(today=today),
        "extra_hours_form": ExtraHoursForm(today=today),
    }
    context = {
        "profile": mentor.mentor_profile,
        "days_off": DayOff.objects.filter(mentor=mentor, last_day__gte=today),
        "extra_hours": ExtraHours.objects.filter(mentor=mentor, day__gte=today),
        "outside": len(meetings_outside_hours(mentor, timezone.now())),
    }
    return render(request, "meetings/availability/availability.html", context | fresh | forms)
