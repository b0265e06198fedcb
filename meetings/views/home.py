from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import MentorTag
from meetings.models.directory import facets, search
from meetings.views.mentors import cards_of

MENTORS_SHOWN = 3
SKILLS_SHOWN = 5


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, and the way to a mentor."""
    now = timezone.now()
    context = {
        "skills": facets()[MentorTag.Kind.SKILL][:SKILLS_SHOWN],
        "cards": cards_of(search(now=now)[:MENTORS_SHOWN], now),
    }
    return render(request, "meetings/home.html", context)
