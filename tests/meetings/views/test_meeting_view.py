from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from meetings.domain.policy import Status
from meetings.integrations.calendar import RoomProvider
from meetings.views.meeting_view import MeetingView, meeting_views
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

ROOM = "https://video.example.com/room"
CAN = (
    "is_upcoming",
    "is_join_time",
    "can_join",
    "can_reschedule",
    "can_cancel",
    "can_complete",
    "can_rate",
    "needs_answer",
)
MINUTE = timedelta(minutes=1)


def able(meeting, viewer, now):
    """The names of all flags that are true for the viewer at that time."""
    seen = MeetingView(meeting, viewer, now)
    return {name for name in CAN if getattr(seen, name)}


@pytest.mark.parametrize(
    ("status", "after", "expected"),
    [
        (Status.SCHEDULED, -11 * MINUTE, {"is_upcoming", "can_reschedule", "can_cancel"}),
        (
            Status.SCHEDULED,
            -10 * MINUTE,
            {"is_upcoming", "is_join_time", "can_join", "can_reschedule", "can_cancel"},
        ),
        (
            Status.SCHEDULED,
            0 * MINUTE,
            {"is_upcoming", "is_join_time", "can_join", "can_cancel", "can_complete"},
        ),
        (Status.SCHEDULED, 60 * MINUTE, {"can_cancel", "can_complete", "needs_answer"}),
        (Status.IN_PROGRESS, -5 * MINUTE, {"is_upcoming", "is_join_time", "can_join"}),
        (
            Status.IN_PROGRESS,
            59 * MINUTE,
            {"is_upcoming", "is_join_time", "can_join", "can_complete"},
        ),
        (Status.IN_PROGRESS, 60 * MINUTE, {"can_complete"}),
        (Status.COMPLETED, 60 * MINUTE, {"can_rate"}),
        (Status.CANCELLED, -60 * MINUTE, set()),
    ],
)
def test_only_what_is_possible_is_shown(status, after, expected):
    meeting = MeetingFactory(status=status, meeting_link=ROOM)

    assert able(meeting, meeting.learner, MONDAY + after) == expected
    assert able(meeting, meeting.mentor, MONDAY + after) == expected - {"can_rate"}


def test_nobody_joins_a_room_that_is_not_there(calendar):
    meeting = MeetingFactory()

    seen = MeetingView(meeting, meeting.learner, MONDAY)

    assert (seen.is_join_time, seen.is_room_being_made, seen.can_join) == (True, True, False)


def test_a_rated_meeting_asks_for_no_rating():
    meeting = MeetingFactory(status=Status.COMPLETED, rating=4)

    assert able(meeting, meeting.learner, MONDAY + timedelta(hours=2)) == set()


def test_the_two_see_each_other():
    meeting = MeetingFactory()

    (learner_sees,) = meeting_views([meeting], meeting.learner, MONDAY)
    (mentor_sees,) = meeting_views([meeting], meeting.mentor, MONDAY)

    assert (learner_sees.other, learner_sees.other_role) == (meeting.mentor, "mentor")
    assert (mentor_sees.other, mentor_sees.other_role) == (meeting.learner, "learner")


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        ("Europe/Berlin", "Europe/Paris", None),
        ("Europe/Berlin", "Asia/Kolkata", "Asia/Kolkata"),
        ("Europe/London", "UTC", None),  # the same in winter
    ],
)
def test_the_other_zone_is_named_where_the_clock_differs(here, there, expected):
    meeting = MeetingFactory(
        learner=UserFactory(timezone=here), mentor=MentorFactory(user__timezone=there).user
    )

    zone = MeetingView(meeting, meeting.learner, MONDAY).other_zone

    assert (zone and str(zone)) == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (timedelta(hours=13), None),
        (timedelta(minutes=20), 601),
        (timedelta(minutes=10), 70 * 60 + 1),
        (timedelta(0), 3601),
        (timedelta(hours=-1), None),
    ],
)
def test_a_page_waits_for_the_doors_to_open_and_close(before, expected):
    meeting = MeetingFactory()

    assert MeetingView(meeting, meeting.learner, MONDAY - before).renew_after == expected


def test_the_room_is_called_what_it_is():
    meeting = MeetingFactory(
        mentor=MentorFactory(user__name="Ada Lovelace").user,
        meeting_link="https://rooms.example.com/ada?key=1",
    )
    labels = {}

    for provider in RoomProvider:
        meeting.link_provider = provider
        labels[provider] = MeetingView(meeting, meeting.learner, MONDAY).room_label

    assert labels == {
        RoomProvider.MENTOR_ROOM: "Ada's own room on rooms.example.com",
        RoomProvider.OPEN_ROOM: "video room on rooms.example.com",
        RoomProvider.GOOGLE_MEET: "Google Meet",
    }


def test_who_cancelled_is_said():
    meeting = MeetingFactory(mentor=MentorFactory(user__name="Ada").user)
    said = {}

    for who, person in {
        "mentor": meeting.mentor,
        "learner": meeting.learner,
        "staff": UserFactory(is_staff=True),
        "nobody": None,
    }.items():
        meeting.cancelled_by = person
        said[who] = MeetingView(meeting, meeting.learner, MONDAY).cancelled_by

    assert said == {
        "mentor": "Ada cancelled this meeting.",
        "learner": "You cancelled this meeting.",
        "staff": "The team of P2P Learn cancelled this meeting.",
        "nobody": "Cancelled because one of the two accounts was closed.",
    }


def test_the_google_page_is_filled_in(settings):
    settings.SITE_URL = "https://learn.example.com"
    meeting = MeetingFactory(
        mentor=MentorFactory(user__name="Ada").user, subject="A & B", description="é" * 5_000
    )

    url = urlsplit(MeetingView(meeting, meeting.learner, MONDAY).google_calendar_url)

    assert url.hostname == "calendar.google.com"
    join = f"https://learn.example.com/join/{meeting.join_token}/"
    assert parse_qs(url.query) == {
        "action": ["TEMPLATE"],
        "text": ["A & B with Ada"],
        "dates": ["20270301T120000Z/20270301T130000Z"],
        "details": ["é" * 1_000 + f"\n\n{join}"],
        "location": [join],
    }
    assert len(url.query) < 8_000
