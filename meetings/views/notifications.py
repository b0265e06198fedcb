"""The bell, the list of notifications, and the choice of mails."""

import uuid
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.models import User
from meetings.models import Notification
from meetings.notifications.bell import COUNTED, bell_of
from meetings.notifications.unsubscribe import unsubscriber
from meetings.views.objects import viewer_of

ROWS_A_PAGE = 20


@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    shown = Notification.objects.shown_to(viewer, now).with_people()
    page = Paginator(shown, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "bell": bell_of(viewer, now), "now": now.isoformat()}
    return render(request, "meetings/notifications/notifications.html", context)


@login_not_required
@never_cache
@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """The bell, and an event for the page, if its version is not the one in ?seen=; else 204.

    Open pages poll it. Without a log-in it returns 204 and no redirect, so that a page whose
    log-in has ended does not go away while somebody is typing in it.
    """
    seen = request.GET.get("seen", "")
    if not isinstance(request.user, User):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    now_rings = bell_of(request.user, timezone.now())
    if seen == now_rings.version:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    had = seen.partition("-")[0]
    context = {
        "bell": now_rings,
        "most": COUNTED - 1,
        "is_news": had.isdecimal() and now_rings.unread > int(had),
    }
    response = render(request, "meetings/notifications/partials/bell_changed.html", context)
    return trigger_client_event(response, "notifications-changed") if seen else response


@require_POST
def read(request: HttpRequest, notification_id: uuid.UUID) -> HttpResponse:
    """Mark one as read, and redirect to its meeting or the settings, or with `stay` to the list."""
    viewer, now = viewer_of(request), timezone.now()
    mine = Notification.objects.shown_to(viewer, now).filter(pk=notification_id)
    notification = get_object_or_404(mine.select_related("meeting"))
    mine.order_by().mark_read(now)
    if "stay" in request.POST:
        return redirect("meetings:notifications")
    return redirect(notification.meeting or "accounts:settings")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark as read what the list showed; notifications that came later stay unread."""
    now = timezone.now()
    try:
        until = parse_datetime(request.POST.get("until", ""))
    except ValueError:
        until = None
    if until is None or until.tzinfo is None:
        until = now
    Notification.objects.shown_to(viewer_of(request), min(until, now)).order_by().mark_read(now)
    return redirect("meetings:notifications")


@require_POST
def choices(request: HttpRequest) -> HttpResponse:
    """Save which mails the viewer wants, from the form in the settings."""
    wanted = request.POST.getlist("mails")
    viewer_of(request).choose_mails({each: each in wanted for each in User.MailChoice.values})
    messages.success(request, _("Your choice of mails is saved."))
    return redirect("accounts:settings")


# Mail programs send this POST by themselves, without cookies and so without a CSRF token, as RFC
# 8058 demands (section 3.2). The signed token in the URL authorises it, and it can only turn off
# one sort of mail.
@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A page with one button, whose POST turns off a sort of mail; done twice it stays off."""
    found = unsubscriber(token)
    if found is None:
        raise Http404
    person, choice = found
    if request.method == "POST":
        person.choose_mails({choice: False})
    context = {"choice": choice, "is_off": not person.wants_mail(choice)}
    return render(request, "meetings/notifications/unsubscribe.html", context)
