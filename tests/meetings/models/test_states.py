"""The state table: every verb, in every status, by everybody, at every time."""

from datetime import timedelta
from itertools import product

import pytest

from meetings.domain.errors import BookingError, NotAllowed, WrongStatus
from meetings.models import BusyCell, Meeting, PrivateNote
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

STATUSES = ("scheduled", "in-progress", "completed", "cancelled")
TIMES = {
    "long before": MONDAY - timedelta(hours=2),
    "joinable": MONDAY - timedelta(minutes=10),
    "running": MONDAY,
    "over": MONDAY + timedelta(hours=1),
}
VERBS = {
    "reschedule": lambda meeting, by, now: meeting.reschedule(
        to=MONDAY + timedelta(hours=5), by=by, now=now
    ),
    "edit": lambda meeting, by, now: meeting.edit(by=by, subject="Something else", now=now),
    "cancel": lambda meeting, by, now: meeting.cancel(by=by, reason="Ill", now=now),
    "join": lambda meeting, by, now: meeting.join(by=by, now=now),
    "complete": lambda meeting, by, now: meeting.complete(by=by, now=now),
    "rate": lambda meeting, by, now: meeting.rate(by=by, rating=5, feedback="Good"),
    "notes": lambda meeting, by, now: meeting.write_notes("Ours", by=by, seen=0),
    "private note": lambda meeting, by, now: meeting.write_private_note("Mine", by=by),
}
BOTH = {"mentor", "learner"}
WHO = {"cancel": BOTH | {"staff"}, "rate": {"learner"}}

ANY_TIME = set(TIMES)
# What each verb leads to, by status and time; what is not named is refused.
LEADS_TO = {
    "reschedule": {
        ("scheduled", "long before"): "scheduled",
        ("scheduled", "joinable"): "scheduled",
    },
    "edit": {("scheduled", time): "scheduled" for time in ANY_TIME},
    "cancel": {
        (status, time): "cancelled" for status in ("scheduled", "cancelled") for time in ANY_TIME
    },
    "join": {
        (status, time): "in-progress"
        for status in ("scheduled", "in-progress")
        for time in ("joinable", "running")
    },
    "complete": {
        (status, time): "completed"
        for status in ("scheduled", "in-progress")
        for time in ("running", "over")
    }
    | {("completed", time): "completed" for time in ANY_TIME},
    "rate": {("completed", time): "completed" for time in ANY_TIME},
    "notes": {(status, time): status for status in STATUSES for time in ANY_TIME},
    "private note": {(status, time): status for status in STATUSES for time in ANY_TIME},
}
# Done already, so that nothing changes at all.
REPEATS = {("cancel", "cancelled"), ("join", "in-progress"), ("complete", "completed")}


@pytest.fixture
def people():
    return {
        "mentor": MentorFactory().user,
        "learner": UserFactory(),
        "stranger": UserFactory(),
        "staff": UserFactory(is_staff=True),
    }


def everything():
    """All that a verb could change."""
    return [
        list(Meeting.objects.values()),
        sorted(BusyCell.objects.values_list("person", "starts_at", "meeting")),
        list(PrivateNote.objects.values_list("author", "text")),
    ]


@pytest.mark.parametrize("role", ["mentor", "learner", "stranger", "staff"])
@pytest.mark.parametrize(("verb", "status"), list(product(VERBS, STATUSES)))
def test_every_verb_in_every_status_by_everybody_at_every_time(verb, status, role, people):
    for time, now in TIMES.items():
        Meeting.objects.all().delete()
        meeting = MeetingFactory(
            mentor=people["mentor"],
            learner=people["learner"],
            status=status,
            meeting_link="https://rooms.example.com/1",
        )
        before = everything()

        error = error_of(VERBS[verb], meeting, people[role], now)

        leads_to = LEADS_TO[verb].get((status, time))
        if role not in WHO.get(verb, BOTH):
            assert isinstance(error, NotAllowed)
        elif leads_to is None:
            assert isinstance(error, WrongStatus)
            assert str(error)
        else:
            assert error is None
            assert Meeting.objects.get().status == leads_to
        is_repeat = (verb, status) in REPEATS
        assert (everything() == before) is (error is not None or is_repeat)


def error_of(verb, *arguments):
    try:
        verb(*arguments)
    except BookingError as error:
        return error
    return None
