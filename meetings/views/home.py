from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import MentorTag
from meetings.scheduling.directory import facets, search
from meetings.views.mentors import MentorCard, cards_of

MENTORS_SHOWN = 3
SOONEST_SHOWN = 4
SKILLS_SHOWN = 5


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, and the way to a mentor."""
    now = timezone.now()
    context = {
        "skills": facets()[MentorTag.Kind.SKILL][:SKILLS_SHOWN],
        "soonest": _soonest(now),
        "cards": cards_of(search(now=now)[:MENTORS_SHOWN], now),
    }
    return render(request, "meetings/mentors/home.html", context)


def _soonest(now: datetime) -> list[MentorCard]:
    """Those who can be met next; none whose time is not known for sure."""
    cards = cards_of(search(is_by_next_free=True, now=now)[:SOONEST_SHOWN], now)
    return [card for card in cards if card.free_at]
