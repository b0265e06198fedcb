"""Book like a page does, two days before Monday."""

from datetime import timedelta

from meetings.booking.book import book as book_meeting
from meetings.models import BusyCell
from tests.factories import MONDAY

NOW = MONDAY - timedelta(days=2)


def book(mentor, learner, start=MONDAY, duration=60, now=NOW, **fields):
    """Book with the mentor of that profile."""
    return book_meeting(
        mentor_id=mentor.pk,
        learner=learner,
        start=start,
        duration=duration,
        now=now,
        **{"subject": "Loops", **fields},
    )


def cells_of(person):
    """The starts of the person's busy cells, soonest first."""
    return sorted(BusyCell.objects.filter(person=person).values_list("starts_at", flat=True))
