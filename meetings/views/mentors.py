import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import MentorProfile, User
from accounts.text import slug_of
from meetings.calendars.stale_calendars import stale_calendars
from meetings.domain.grid import Interval
from meetings.domain.slots import by_day
from meetings.forms.directory import DirectoryForm
from meetings.models import Meeting, SessionType
from meetings.scheduling.directory import facets, search
from meetings.scheduling.free_slots import free_slots
from meetings.scheduling.next_free import upcoming_free
from meetings.views.objects import session_type_or_404

MENTORS_A_PAGE = 12
REVIEWS_A_PAGE = 10
NEXT_TIMES = 6


@dataclass(frozen=True)
class MentorCard:
    """A mentor in a list. free_at: when they can be met next, None if that is not known."""

    profile: MentorProfile
    free_at: datetime | None


def cards_of(profiles: Iterable[MentorProfile], now: datetime) -> list[MentorCard]:
    """One card for each, in their order; one query for all of them."""
    found = list(profiles)
    types = SessionType.objects.defaults_of([profile.pk for profile in found])
    return [
        MentorCard(profile, upcoming_free(profile, types.get(profile.pk), now)) for profile in found
    ]


@login_not_required
@require_safe
def mentors(request: HttpRequest) -> HttpResponse:
    """The directory; invalid filters in the query string are ignored."""
    now = timezone.now()
    form = DirectoryForm(request.GET, facets=facets(), today=timezone.localdate(now))
    found = search(**form.wanted(), now=now)
    page = Paginator(found, MENTORS_A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "cards": cards_of(page, now)}
    return render(request, "meetings/mentors/mentors.html", context)


@login_not_required
@require_safe
def mentor(request: HttpRequest, mentor_id: uuid.UUID) -> HttpResponse:
    session_type, now = session_type_or_404(mentor_id), timezone.now()
    profile = session_type.mentor.mentor_profile
    people = [each for each in (profile.user, request.user) if isinstance(each, User)]
    reviews = Paginator(Meeting.objects.reviews_of(profile.user), REVIEWS_A_PAGE)
    context = {
        "profile": profile,
        "is_own": request.user.pk == profile.pk,
        "skills": [(name, slug_of(name)) for name in profile.skills],
        "reviews": reviews.get_page(request.GET.get("page")),
        "days": by_day(_next_times(session_type, request, now), timezone.get_current_timezone()),
        "duration": min(session_type.durations),
        "durations": sorted(session_type.durations),
        "notice": session_type.notice_label,
        "stale_calendars": stale_calendars(people, now=now),
        "now": now,
    }
    return render(request, "meetings/mentors/mentor.html", context)


def _next_times(session_type: SessionType, request: HttpRequest, now: datetime) -> list[Interval]:
    """The first free slots of the shortest duration, for both if somebody is logged in."""
    window = Interval(now, now + session_type.slot_rules.horizon + timedelta(days=1))
    learner_id = request.user.pk if request.user.is_authenticated else None
    found = free_slots(session_type, window, learner_id=learner_id)
    return found.all(min(session_type.durations), now=now)[:NEXT_TIMES]
