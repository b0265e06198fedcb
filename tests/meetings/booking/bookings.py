"""Booking as a page does it, two days before Monday."""

from datetime import timedelta

from meetings.booking.book import book as book_meeting
from meetings.models import BusyCell
from tests.factories import MONDAY

NOW = MONDAY - timedelta(days=2)


def book(mentor, learner, start=MONDAY, duration=60, now=NOW, **fields):
    """mentor: their profile."""
    return book_meeting(
        mentor_id=mentor.pk,
        learner=learner,
        start=start,
        duration=duration,
        now=now,
        **{"subject": "Loops", **fields},
    )


def cells_of(person):
    """When the person is busy: the starts of their cells, soonest first."""
    return sorted(BusyCell.objects.filter(person=person).values_list("starts_at", flat=True))
