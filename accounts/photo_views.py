"""The photo of a person: shown to everybody, changed and removed by its owner."""

from http import HTTPStatus
from typing import cast

from allauth.core.ratelimit import consume
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from accounts.forms import PhotoForm
from accounts.models import User
from accounts.photo_files import path_of
from accounts.views import settings_page

A_YEAR = 365 * 24 * 60 * 60


@login_not_required
@require_safe
def photo(request: HttpRequest, name: str, side: str) -> HttpResponse:
    """One square of a photo in use. It may be cached, since a new photo has a new name."""
    if not User.objects.filter(photo=name, is_active=True).exists():
        raise Http404
    try:
        with default_storage.open(path_of(name, int(side))) as file:
            response = HttpResponse(file.read(), content_type="image/webp")
    except FileNotFoundError as error:
        raise Http404 from error
    response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response


@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Replace the viewer's photo."""
    viewer = cast(User, request.user)
    form = PhotoForm(request.POST, request.FILES)
    if not consume(request, action="photo", user=viewer):
        form.add_error("photo", _("That was a lot at once. Please wait a while and try again."))
        return _answer(request, form, status=HTTPStatus.TOO_MANY_REQUESTS)
    if not form.is_valid():
        return _answer(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    viewer.set_photo(form.cleaned_data["photo"])
    return _done(request, _("Your photo is saved."))


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    cast(User, request.user).remove_photo()
    return _done(request, _("Your photo is removed."))


def _done(request: HttpRequest, text: str) -> HttpResponse:
    if HtmxDetails(request):
        return _answer(request, PhotoForm(), done=text)
    messages.success(request, text)
    return HttpResponseRedirect(
        f"{reverse('accounts:settings')}#photo", status=HTTPStatus.SEE_OTHER
    )


def _answer(
    request: HttpRequest, form: PhotoForm, *, done: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    """For htmx only the photo's part of the settings, so that other input stays; else the page."""
    if form.errors:
        form.fields["photo"].widget.attrs["autofocus"] = True
    if not HtmxDetails(request):
        return settings_page(request, photo_form=form, status=status)
    context = {"person": request.user, "form": form, "done": done}
    return render(request, "accounts/partials/photo.html", context, status=status)
