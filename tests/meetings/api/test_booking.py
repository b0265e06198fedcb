import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from meetings.models import Meeting
from tests.factories import MeetingFactory, MentorFactory, UserFactory, soon
from tests.meetings.api.caller import Caller, said, z

pytestmark = pytest.mark.django_db

FIELDS = [
    "_id",
    "mentor",
    "learner",
    "subject",
    "description",
    "scheduledAt",
    "duration",
    "meetingLink",
    "meetingId",
    "status",
    "notes",
    "privateNotes",
    "rating",
    "feedback",
    "createdAt",
    "updatedAt",
]


@pytest.fixture
def start():
    return soon(timezone.now(), minutes=24 * 60)


def booking(mentor, start, **more):
    body = {
        "mentorId": str(mentor.pk),
        "subject": "Loops",
        "scheduledAt": start.isoformat(),
        "duration": 60,
    }
    return body | more


@pytest.mark.django_db(transaction=True)
def test_create_answers_with_the_meeting(start):
    mentor, learner = MentorFactory(), UserFactory()

    status, answer = said(
        Caller(learner).post("meetings/create", booking(mentor, start, description="for?"))
    )

    meeting = Meeting.objects.get()
    assert (status, answer["success"], answer["message"]) == (201, True, "Your session is booked.")
    assert list(answer["meeting"]) == FIELDS
    assert answer["meeting"] | {"createdAt": "", "updatedAt": ""} == {
        "_id": str(meeting.pk),
        "mentor": {"_id": str(mentor.pk), "name": mentor.user.name},
        "learner": {"_id": str(learner.pk), "name": learner.name},
        "subject": "Loops",
        "description": "for?",
        "scheduledAt": z(start),
        "duration": 60,
        "meetingLink": meeting.meeting_link,
        "meetingId": meeting.calendar_event.external_id,
        "status": "scheduled",
        "notes": "",
        "privateNotes": "",
        "rating": None,
        "feedback": "",
        "createdAt": "",
        "updatedAt": "",
    }
    assert meeting.meeting_link
    assert meeting.calendar_event.external_id


def test_there_is_no_link_before_there_is_one(calendar, start):
    meeting = MeetingFactory(scheduled_at=start)

    shown = said(Caller(meeting.learner).get(f"meetings/{meeting.pk}"))[1]["meeting"]

    assert (shown["meetingLink"], shown["meetingId"]) == (None, None)


def test_a_taken_slot_names_the_nearest_free_times(start):
    mentor = MentorFactory()
    MeetingFactory(mentor=mentor.user, scheduled_at=start)

    status, answer = said(Caller(UserFactory()).post("meetings/create", booking(mentor, start)))

    hour = timedelta(hours=1)
    assert (status, answer["success"], answer["code"]) == (409, False, "slot_taken")
    assert answer["errors"] == {"scheduledAt": [answer["message"]]}
    assert answer["nearest"] == [z(start - 1.5 * hour), z(start - hour), z(start + hour)]


@pytest.mark.parametrize(
    "field", ["status", "mentor", "learner", "meetingLink", "meetingId", "rating", "_id", "notes"]
)
def test_what_is_not_the_callers_to_set_is_refused(field, start):
    mentor, meeting = MentorFactory(), MeetingFactory(scheduled_at=start)
    caller = Caller(meeting.learner)

    created = caller.post("meetings/create", booking(mentor, start) | {field: "x"})
    updated = caller("PUT", f"meetings/{meeting.pk}", {"subject": "New", field: "x"})

    for response in (created, updated):
        status, answer = said(response)
        assert (status, answer["code"]) == (400, "invalid")
        assert answer["errors"] == {field: ["There is no such field."]}
    assert Meeting.objects.get().subject == meeting.subject


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "   "}, "subject"),
        ({"subject": "two\nlines"}, "subject"),
        ({"subject": "x" * 201}, "subject"),
        ({"subject": None}, "subject"),
        ({"subject": 7}, "subject"),
        ({"description": "x" * 5001}, "description"),
        ({"description": "bell\u0007"}, "description"),
        ({"description": "\u202egnp"}, "description"),
        ({"duration": 45}, "duration"),
        ({"duration": "60"}, "duration"),
        ({"duration": True}, "duration"),
        ({"duration": None}, "duration"),
        ({"mentorId": "x"}, "mentorId"),
        ({"mentorId": 7}, "mentorId"),
    ],
)
def test_a_field_that_is_not_fit_is_named(change, field, start):
    mentor = MentorFactory()

    response = Caller(UserFactory()).post("meetings/create", booking(mentor, start, **change))

    status, answer = said(response)
    assert (status, answer["code"], list(answer["errors"])) == (400, "invalid", [field])
    assert not Meeting.objects.exists()


@pytest.mark.parametrize("field", ["mentorId", "subject", "scheduledAt", "duration"])
def test_a_field_that_is_missing_is_named(field, start):
    body = booking(MentorFactory(), start)
    del body[field]

    status, answer = said(Caller(UserFactory()).post("meetings/create", body))

    assert (status, answer["errors"]) == (400, {field: ["This field is required."]})


def test_whom_one_cannot_book_is_said(start):
    own = MentorFactory()
    hidden, picky = MentorFactory(is_listed=False), MentorFactory(durations=[30])
    caller = Caller(own.user)

    def refused(body):
        status, answer = said(caller.post("meetings/create", body))
        return status, answer["code"], list(answer["errors"])

    unknown = booking(own, start, mentorId=str(uuid.uuid4()))
    assert refused(booking(own, start)) == (400, "own_mentor", ["mentorId"])
    assert refused(booking(hidden, start)) == (404, "mentor_unavailable", ["mentorId"])
    assert refused(unknown) == (404, "mentor_unavailable", ["mentorId"])
    assert refused(booking(picky, start)) == (400, "duration_not_offered", ["duration"])


def test_too_many_meetings_is_a_limit(start, settings):
    settings.UPCOMING_MEETINGS_LIMIT = 1
    meeting = MeetingFactory(scheduled_at=start + timedelta(days=1))

    response = Caller(meeting.learner).post("meetings/create", booking(MentorFactory(), start))

    assert (response.status_code, said(response)[1]["code"]) == (429, "too_many_meetings")
    assert int(response["Retry-After"]) > 0
