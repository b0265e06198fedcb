"""All meetings of one person: the next one, what needs an answer, what is to come and what was."""

from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from meetings.domain.policy import Status
from meetings.models import Meeting
from meetings.models.meeting_queries import MeetingQuerySet
from meetings.views.meeting_view import meeting_views
from meetings.views.objects import viewer_of

ROLES = {"": _("All"), "learner": _("As a learner"), "mentor": _("As a mentor")}
TITLES = {
    "upcoming": _("Upcoming meetings"),
    "unanswered": _("Did it take place?"),
    "unrated": _("How was it?"),
    "past": _("Past and cancelled meetings"),
}
CARDS_A_PAGE = 12
UPCOMING_SHOWN = 12
QUESTIONS_SHOWN = 3


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """?role= narrows it to one role, ?show= to one list, ?page= turns the pages of a list."""
    viewer, now = viewer_of(request), timezone.now()
    role = request.GET.get("role", "")
    role = role if role in ROLES else ""
    lists = _lists(viewer, role, now)
    context: dict[str, Any] = {"roles": ROLES, "role": role, "titles": TITLES}
    show = request.GET.get("show", "")
    if show in lists:
        context |= {"show": show, "title": TITLES[show]}
        page = _nearest_page(lists[show], request)
        return render(
            request, "meetings/dashboard/dashboard_list.html", context | _cards(page, viewer, now)
        )
    return render(
        request, "meetings/dashboard/dashboard.html", context | _overview(request, lists, now)
    )


def _lists(viewer: User, role: str, now: datetime) -> dict[str, MeetingQuerySet]:
    """By the names of TITLES; every meeting is in one, an unrated one in two."""
    mine = Meeting.objects.of(viewer)
    if role:
        mine = mine.filter(**{role: viewer})
    # The worker completes these within a minute; until then they already count as past.
    in_progress = mine.filter(status=Status.IN_PROGRESS, ends_at__lte=now)
    return {
        "upcoming": mine.upcoming(now),
        "unanswered": mine.unanswered(now),
        "unrated": mine.unrated().filter(learner=viewer),
        "past": mine.closed() | in_progress,
    }


def _overview(
    request: HttpRequest, lists: dict[str, MeetingQuerySet], now: datetime
) -> dict[str, Any]:
    """The first few of each list; one more than shown is fetched, to know if there are more."""
    viewer = viewer_of(request)
    upcoming = meeting_views(lists["upcoming"][: 1 + UPCOMING_SHOWN + 1], viewer, now)
    unanswered = meeting_views(lists["unanswered"][: QUESTIONS_SHOWN + 1], viewer, now)
    unrated = meeting_views(lists["unrated"][: QUESTIONS_SHOWN + 1], viewer, now)
    return {
        "next": upcoming[0] if upcoming else None,
        "upcoming": upcoming[1 : 1 + UPCOMING_SHOWN],
        "has_more_upcoming": len(upcoming) > 1 + UPCOMING_SHOWN,
        "unanswered": unanswered[:QUESTIONS_SHOWN],
        "has_more_unanswered": len(unanswered) > QUESTIONS_SHOWN,
        "unrated": unrated[:QUESTIONS_SHOWN],
        "has_more_unrated": len(unrated) > QUESTIONS_SHOWN,
    } | _cards(_nearest_page(lists["past"], request), viewer, now)


def _cards(page: Page[Meeting], viewer: User, now: datetime) -> dict[str, Any]:
    return {"page": page, "cards": meeting_views(page, viewer, now)}


def _nearest_page(meetings: MeetingQuerySet, request: HttpRequest) -> Page[Meeting]:
    """The page that is asked for, or the nearest there is."""
    paginator: Paginator[Meeting] = Paginator(meetings, CARDS_A_PAGE)
    try:
        number = int(request.GET.get("page", 1))
    except ValueError:
        number = 1
    return paginator.page(min(max(number, 1), paginator.num_pages))
