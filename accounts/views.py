from datetime import timedelta
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

from django.conf import settings as site
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.color_scheme import set_scheme_cookie
from accounts.forms import LanguageForm, MentorForm, PhotoForm, UserForm
from accounts.models import CalendarConnection, MentorProfile, User

LANGUAGE_COOKIE_AGE = timedelta(days=365)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    person = _copy_of_viewer(request)
    form = UserForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your settings are saved."))
        return redirect("accounts:settings")
    return settings_page(request, form=form)


def settings_page(
    request: HttpRequest,
    *,
    form: UserForm | None = None,
    photo_form: PhotoForm | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    """The settings page, with the submitted form if one is given."""
    person = form.instance if form else _copy_of_viewer(request)
    profile = _profile_of(person)
    context = {
        "form": form or UserForm(instance=person),
        "photo_form": photo_form or PhotoForm(),
        "profile": profile,
        "room_host": _host(profile.room_url) if profile else "",
        "open_room_host": _host(site.ROOM_URL_TEMPLATE),
        "has_platform_calendar": site.HAS_GOOGLE_CLIENT and bool(site.GOOGLE_REFRESH_TOKEN),
        "is_connected": profile is not None and _has_working_calendar(person),
    }
    return render(request, "accounts/settings.html", context, status=status)


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Store the language in this browser and, if logged in, in the profile; redirect back."""
    form = LanguageForm(request.POST)
    response = HttpResponseRedirect(_back_to(request))
    if not form.is_valid():
        return response
    chosen = form.cleaned_data["language"]
    if isinstance(request.user, User):
        request.user.set_language(chosen)
    response.set_cookie(
        site.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=LANGUAGE_COOKIE_AGE,
        secure=site.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def mentor_profile(request: HttpRequest) -> HttpResponse:
    """Become a mentor, or change the mentor profile."""
    person = _copy_of_viewer(request)
    profile = _profile_of(person) or MentorProfile(user=person)
    is_new = profile._state.adding
    host = _host(site.ROOM_URL_TEMPLATE)
    form = MentorForm(request.POST or None, instance=profile, open_room_host=host)
    if request.method == "POST" and form.is_valid():
        form.save()
        if is_new:
            messages.success(request, _("You are a mentor now. Say when you can be booked."))
            return redirect("meetings:availability")
        messages.success(request, _("Your mentor profile is saved."))
        return redirect("accounts:mentor_profile")
    context = {"form": form, "profile": None if is_new else profile}
    return render(request, "accounts/mentor_profile.html", context)


@login_not_required
@require_POST
def scheme(request: HttpRequest) -> HttpResponse:
    """Store the colour scheme in this browser; redirect back."""
    response = HttpResponseRedirect(_back_to(request))
    set_scheme_cookie(response, request.POST.get("scheme", ""))
    return response


def _back_to(request: HttpRequest) -> str:
    """The Referer if it is on this site, else the home page."""
    to = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(to, {request.get_host()}, request.is_secure())
    return to if is_ours else "/"


def _copy_of_viewer(request: HttpRequest) -> User:
    """A copy of request.user for a form, which writes even invalid values into its instance."""
    people = User.objects.select_related("mentor_profile", "calendar_connection")
    return people.get(pk=cast(User, request.user).pk)


def _profile_of(person: User) -> MentorProfile | None:
    return person.mentor_profile if person.is_mentor else None


def _has_working_calendar(person: User) -> bool:
    connection: CalendarConnection | None = getattr(person, "calendar_connection", None)
    return connection is not None and connection.is_working


def _host(url: str) -> str:
    """The host of a URL, which is all that is shown of a room's; empty without one."""
    return urlsplit(url).hostname or ""
