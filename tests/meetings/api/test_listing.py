from datetime import timedelta

import pytest
from django.utils import timezone

from meetings.domain.policy import Status
from tests.factories import MeetingFactory, MentorFactory, UserFactory, soon
from tests.meetings.api.caller import Caller, said, z

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def start(now):
    return soon(now, minutes=24 * 60)


def test_the_list_has_pages(start):
    learner = UserFactory()
    for day in (2, 0, 1):
        MeetingFactory(learner=learner, scheduled_at=start + timedelta(days=day))
    MeetingFactory(scheduled_at=start)
    caller = Caller(learner)

    status, first = said(caller.get("meetings", pageSize=2))
    second, beyond = (said(caller.get("meetings", pageSize=2, page=page))[1] for page in (2, 9))

    assert (status, list(first)) == (200, ["success", "count", "page", "pages", "meetings"])
    assert [first[name] for name in ("success", "count", "page", "pages")] == [True, 3, 1, 2]
    starts = [each["scheduledAt"] for each in first["meetings"] + second["meetings"]]
    assert starts == [z(start + timedelta(days=day)) for day in range(3)]
    assert (beyond["count"], beyond["page"], beyond["meetings"]) == (3, 9, [])


def test_the_list_can_be_narrowed(start, now):
    person, mentor = MentorFactory().user, MentorFactory().user
    learns = MeetingFactory(learner=person, mentor=mentor, scheduled_at=start)
    teaches = MeetingFactory(mentor=person, scheduled_at=start + timedelta(days=1))
    done = MeetingFactory(
        learner=person, scheduled_at=now - timedelta(days=9), status=Status.COMPLETED
    )
    off = MeetingFactory(
        learner=person, scheduled_at=start + timedelta(days=2), status=Status.CANCELLED
    )
    names = {
        str(row.pk): name
        for row, name in [(learns, "learns"), (teaches, "teaches"), (done, "done"), (off, "off")]
    }
    caller = Caller(person)

    def found(**query):
        rows = said(caller.get("meetings", **query))[1]["meetings"]
        return [names[row["_id"]] for row in rows]

    assert found() == ["done", "learns", "teaches", "off"]
    assert found(upcoming="true") == ["learns", "teaches"]
    assert found(upcoming="false") == ["done", "off"]
    assert found(status="cancelled") == ["off"]
    assert found(upcoming="true", status="scheduled", role="mentor") == ["teaches"]
    assert found(role="learner") == ["done", "learns", "off"]
    assert found(mentorId=str(mentor.pk)) == ["learns"]
    assert found(**{"from": z(start)}) == ["learns", "teaches", "off"]
    assert found(to=z(start)) == ["done"]
    day = start.date().isoformat()
    assert found(**{"from": day, "to": day}) == ["learns"]


def test_days_are_those_of_the_zone_that_is_asked_for():
    start = soon(timezone.now(), 24 * 60).replace(hour=15)
    meeting = MeetingFactory(scheduled_at=start)
    caller = Caller(meeting.learner)
    here, there = start.date(), start.date() + timedelta(days=1)

    def count(day, **query):
        days = {"from": day.isoformat(), "to": day.isoformat()}
        return said(caller.get("meetings", **days, **query))[1]["count"]

    assert (count(here), count(there)) == (1, 0)
    assert (count(here, tz="Pacific/Auckland"), count(there, tz="Pacific/Auckland")) == (0, 1)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"upcoming": "yes"}, "upcoming"),
        ({"status": "open"}, "status"),
        ({"role": "staff"}, "role"),
        ({"mentorId": "7"}, "mentorId"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2027-02-30"}, "from"),
        ({"to": "2027-03-01T10:00:00"}, "to"),
        ({"tz": "Mars/Olympus"}, "tz"),
        ({"page": "0"}, "page"),
        ({"page": "9" * 30}, "page"),
        ({"pageSize": "101"}, "pageSize"),
        ({"pageSize": "ten"}, "pageSize"),
    ],
)
def test_a_filter_that_makes_no_sense_is_named(query, field):
    status, answer = said(Caller(UserFactory()).get("meetings", **query))

    assert (status, answer["code"], list(answer["errors"])) == (400, "invalid", [field])
