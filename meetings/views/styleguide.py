"""Every component in every state, on one page, from the partials that the pages use; not in
production. Its people and meetings are made up here and never stored."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import MentorProfile, User
from accounts.photo_files import PhotoUrls
from meetings.domain.grid import CELL, Interval
from meetings.domain.policy import Status
from meetings.integrations.calendar import RoomProvider
from meetings.models import BookingRules, Meeting, SessionType
from meetings.views.meeting_view import MeetingView
from meetings.views.mentors import MentorCard
from meetings.views.picker import Picker
from meetings.views.picker_context import PickerContext
from meetings.views.picker_query import month_of

COLOURS = [
    "ground",
    "surface",
    "surface-sunken",
    "line",
    "line-mid",
    "line-strong",
    "text",
    "text-muted",
    "accent",
    "accent-hover",
    "on-accent",
    "accent-soft",
    "accent-line",
    "on-accent-soft",
    "danger",
    "danger-soft",
    "on-danger-soft",
    "warning-soft",
    "on-warning-soft",
    "star",
]
SPACES = range(1, 9)
TYPES = ("3xl", "2xl", "xl", "lg", "md", "sm", "xs")
RADII = ("radius-sm", "radius", "radius-lg", "radius-full")
HUES = "0123456789abcdef"


class SampleForm(forms.Form):
    """One field of each kind."""

    line = forms.CharField(label="A line", help_text="Said beneath it.", max_length=40)
    text = forms.CharField(
        label="A text",
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3, "data-counter": "%s characters left"}),
    )
    choice = forms.ChoiceField(label="One of a few", choices=[("a", "First"), ("b", "Second")])
    yes = forms.BooleanField(label="Yes or no")


@login_not_required
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    learner, mentor = _person("Lena Fischer", "3"), _person("Amara Okafor", "8")
    profile = MentorProfile(
        user=mentor,
        headline="Loops, and how to leave them",
        skills=["Python", "Django", "PostgreSQL", "System design", "Testing"],
        languages=["en", "ig"],
        rating_sum=27,
        rating_count=6,
    )
    # This sets mentor.booking_rules, as if it had been fetched with the mentor.
    BookingRules(mentor=mentor)
    session_type = SessionType(mentor=mentor, durations=[30, 60])
    wrong = SampleForm({"line": "", "choice": "c"})
    context = {
        "colours": COLOURS,
        "spaces": SPACES,
        "types": TYPES,
        "radii": RADII,
        "photo": PhotoUrls(*[static("icon.svg")] * 3),
        "people": [_person(f"{hue} {hue}", hue) for hue in HUES],
        "picker": _picker(_picker_context(session_type, learner, now), days=(2, 3, 7, 8, 9)),
        "nothing": _picker(_picker_context(session_type, learner, now), days=()),
        "views": _meetings(learner, mentor, now),
        "cards": [MentorCard(profile, now + timedelta(days=1)), MentorCard(profile, None)],
        "forms": {"Empty": SampleForm(auto_id="empty_%s"), "Refused": wrong},
        "page": Paginator(range(30), 10).page(2),
    }
    return render(request, "styleguide/styleguide.html", context)


def _person(name: str, hue: str) -> User:
    return User(id=uuid.UUID(hue * 32), name=name, email=f"{hue}@example.com", timezone="UTC")


def _picker_context(session_type: SessionType, learner: User, now: datetime) -> PickerContext:
    return PickerContext(
        session_type, learner.pk, learner, session_type.mentor, "/styleguide/", now
    )


def _picker(context: PickerContext, days: tuple[int, ...]) -> Picker:
    """The current month with a few slots on some days. days: counted from 0, the first."""
    month = month_of(context.now.date())
    noon = datetime(month.year, month.month, 1, 11, tzinfo=UTC)
    free = {
        month + timedelta(days=day): [
            Interval(start, start + 4 * CELL)
            for start in (noon + timedelta(days=day, hours=2 * n) for n in range(5))
        ]
        for day in days
    }
    day = min(free, default=None)
    start = free[day][1].start if day else None
    return Picker(context, 60, month, day, start, free, [], is_all=True)


def _meetings(learner: User, mentor: User, now: datetime) -> dict[str, MeetingView]:
    """One meeting in each state, as its learner sees it."""
    hours = timedelta(hours=1)
    states: dict[str, tuple[timedelta, dict[str, Any]]] = {
        "far": (50 * hours, {}),
        "soon": (hours / 12, {}),
        "without_room": (hours / 12, {"meeting_link": ""}),
        "running": (-hours / 4, {"status": Status.IN_PROGRESS}),
        "unanswered": (-30 * hours, {}),
        "unrated": (-30 * hours, {"status": Status.COMPLETED}),
        "rated": (-30 * hours, {"status": Status.COMPLETED, "rating": 4, "feedback": "Clear."}),
        "cancelled": (5 * hours, {"status": Status.CANCELLED, "cancelled_by": mentor}),
    }
    return {
        name: MeetingView(_meeting(learner, mentor, now + ahead, **fields), learner, now)
        for name, (ahead, fields) in states.items()
    }


def _meeting(learner: User, mentor: User, start: datetime, **fields: Any) -> Meeting:
    return Meeting(
        **{
            "mentor": mentor,
            "learner": learner,
            "subject": "How do loops end?",
            "description": "Mine went on until somebody pulled the plug.",
            "scheduled_at": start,
            "ends_at": start + timedelta(hours=1),
            "duration": 60,
            "meeting_link": "https://meet.example.com/loops",
            "link_provider": RoomProvider.OPEN_ROOM,
            **fields,
        }
    )
