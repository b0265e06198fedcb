from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import MentorTag
from meetings.scheduling.directory import facets, search
from meetings.views.mentors import cards_of

MENTORS_SHOWN = 3
SOONEST_SHOWN = 4
SKILLS_SHOWN = 5


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, and the way to a mentor."""
    now = timezone.now()
    soonest = list(search(is_by_next_free=True, now=now)[:SOONEST_SHOWN])
    cards = cards_of([*soonest, *search(now=now)[:MENTORS_SHOWN]], now)
    context = {
        "skills": facets()[MentorTag.Kind.SKILL][:SKILLS_SHOWN],
        # Only mentors whose next free time is known.
        "soonest": [card for card in cards[: len(soonest)] if card.free_at],
        "cards": cards[len(soonest) :],
    }
    return render(request, "meetings/mentors/home.html", context)
