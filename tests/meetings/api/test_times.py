"""Which date-times the API accepts, and how it returns them."""

import pytest
from time_machine import travel

from tests.factories import MentorFactory, UserFactory
from tests.meetings.api.caller import Caller, said

pytestmark = pytest.mark.django_db

# A Wednesday; in Berlin, DST begins on the following Sunday at 01:00 UTC.
NOW = "2027-03-24T12:00:00Z"


@pytest.fixture(autouse=True)
def clock():
    with travel(NOW, tick=False) as clock:
        yield clock


def book(scheduled_at, *, zone="Europe/Berlin"):
    learner = UserFactory(timezone=zone)
    body = {
        "mentorId": str(MentorFactory(notice=120, horizon=30).pk),
        "subject": "Loops",
        "scheduledAt": scheduled_at,
        "duration": 60,
    }
    return said(Caller(learner).post("meetings/create", body))


@pytest.mark.parametrize(
    "moment",
    [
        "2027-03-26T14:00:00Z",
        "2027-03-26T14:00Z",
        "2027-03-26t14:00:00z",
        "2027-03-26T14:00:00.000Z",
        "2027-03-26T14:00:00+00:00",
        "2027-03-26T14:00:00-00:00",
        "2027-03-26T15:00:00+01:00",
        "2027-03-26T19:45:00+05:45",
        "2027-03-27T04:00:00+14:00",
        "2027-03-26T02:00:00-12:00",
    ],
)
def test_any_offset_is_the_same_instant(moment):
    status, answer = book(moment)

    assert (status, answer["meeting"]["scheduledAt"]) == (201, "2027-03-26T14:00:00Z")


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        ("2027-03-26T14:00:00", "The offset from UTC is missing: add Z or one like +01:00."),
        (
            "2027-03-28T02:30:00",
            "In Europe/Berlin the clocks skip that time. Send a date-time with an offset.",
        ),
        ("2027-10-31T02:30:00", "The offset from UTC is missing: add Z or one like +01:00."),
        ("2027-02-30T14:00:00Z", "There is no such date or time."),
        ("2027-03-26T24:30:00Z", "There is no such date or time."),
        ("2027-03-26T14:00:60Z", "There is no such date or time."),
        ("2027-03-26T14:00:00+25:00", "There is no such date or time."),
        ("9999-12-31T23:45:00Z", "That time is out of reach."),
        ("0001-01-01T00:00:00+14:00", "That time is out of reach."),
    ],
)
def test_what_is_no_instant_is_refused_with_the_reason(moment, reason):
    status, answer = book(moment)

    assert (status, answer["code"]) == (400, "invalid")
    assert answer["errors"] == {"scheduledAt": [reason]}


@pytest.mark.parametrize(
    "moment",
    [
        "",
        "tomorrow",
        "2027-03-26",
        "2027-W12-5T14:00:00Z",
        "20270326T140000Z",
        "2027-03-26 14:00:00Z",
        "2027-03-26T14:00:00Z ",
        "2027-03-26T14:00:00[Europe/Berlin]",
        "٢٠٢٧-03-26T14:00:00Z",
        1_806_069_600,
        None,
        ["2027-03-26T14:00:00Z"],
    ],
)
def test_other_spellings_are_refused(moment):
    status, answer = book(moment)

    assert (status, list(answer["errors"])) == (400, ["scheduledAt"])


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("2027-03-26T14:10:00Z", "off_grid"),
        ("2027-03-26T14:00:01Z", "off_grid"),
        ("2027-03-26T14:00:00.000001Z", "off_grid"),
        ("2027-03-26T14:00:00+01:07", "off_grid"),
        ("2027-03-24T11:00:00Z", "too_soon"),
        ("1999-03-24T11:00:00Z", "too_soon"),
        ("2027-03-24T13:00:00Z", "too_soon"),
        ("2027-04-24T12:00:00Z", "beyond_horizon"),
        ("8999-12-31T23:45:00Z", "beyond_horizon"),
    ],
)
def test_an_instant_that_cannot_be_had_is_refused_with_the_reason(moment, code):
    status, answer = book(moment)

    assert (status, answer["code"]) == (400, code)
    assert answer["errors"] == {"scheduledAt": [answer["message"]]}


def test_an_hour_that_happens_twice_is_two_instants(clock):
    clock.move_to("2027-10-25T12:00:00Z")

    first, second = book("2027-10-31T02:30:00+02:00"), book("2027-10-31T02:30:00+01:00")

    assert [answer["meeting"]["scheduledAt"] for _status, answer in (first, second)] == [
        "2027-10-31T00:30:00Z",
        "2027-10-31T01:30:00Z",
    ]


def test_rescheduling_reads_times_the_same_way():
    status, answer = book("2027-03-26T14:00:00Z")
    caller = Caller(UserFactory())
    path = f"meetings/{answer['meeting']['_id']}"

    assert status == 201
    assert caller("PUT", path, {"scheduledAt": "2027-03-26T16:00"}).status_code == 400
    assert caller("PUT", path, {"scheduledAt": "2027-03-26T16:00Z"}).status_code == 404


def slots(mentor, **query):
    caller = Caller(UserFactory(timezone="Europe/Berlin"))
    return said(caller.get(f"mentors/{mentor.pk}/slots", **query))


def test_slots_are_instants_of_the_days_in_the_zone_that_is_asked_for():
    mentor = MentorFactory(step=60, durations=[60])
    day = {"from": "2027-03-28", "to": "2027-03-28"}

    status, here = slots(mentor, duration=60, **day)
    there = slots(mentor, duration=60, tz="Asia/Kathmandu", **day)[1]

    assert (status, list(here)) == (200, ["success", "slots"])
    # The day has 23 hours in Berlin.
    assert len(here["slots"]) == 23
    assert here["slots"][0] == {"start": "2027-03-27T23:00:00Z", "end": "2027-03-28T00:00:00Z"}
    assert here["slots"][-1]["start"] == "2027-03-28T21:00:00Z"
    assert there["slots"][0]["start"] == "2027-03-27T19:00:00Z"


def test_slots_begin_today_and_last_a_week():
    mentor = MentorFactory(durations=[90, 30])

    found = slots(mentor)[1]["slots"]

    assert found[0] == {"start": "2027-03-24T12:00:00Z", "end": "2027-03-24T12:30:00Z"}
    assert found[-1]["start"] == "2027-03-30T21:30:00Z"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2027-03-26", "to": "2027-03-25"}, "to"),
        ({"from": "2027-03-26", "to": "2027-05-27"}, "to"),
        ({"from": "26.3.2027"}, "from"),
        ({"from": "2027-02-30"}, "from"),
        ({"to": "1806069600"}, "to"),
        ({"duration": "45"}, "duration"),
        ({"tz": "Berlin"}, "tz"),
    ],
)
def test_days_that_make_no_sense_are_named(query, field):
    status, answer = slots(MentorFactory(), **query)

    assert (status, list(answer["errors"])) == (400, [field])


@pytest.mark.parametrize(
    "day", ["0001-01-01", "1970-01-01", "2026-01-01", "2028-01-01", "8999-12-31", "9999-12-31"]
)
def test_days_that_hold_nothing_are_fine(day):
    mentor = MentorFactory()

    assert slots(mentor, **{"from": day, "to": day}) == (200, {"success": True, "slots": []})
    assert slots(mentor, **{"from": day})[0] == 200


def test_62_days_are_the_most():
    status, answer = slots(MentorFactory(), **{"from": "2027-03-26", "to": "2027-05-26"})

    assert status == 200
    assert len(answer["slots"]) > 1000


def test_slots_leave_out_when_the_caller_is_busy():
    mentor, other = MentorFactory(step=60), MentorFactory()
    learner = UserFactory()
    caller = Caller(learner)
    start = "2027-03-26T14:00:00Z"
    caller.post(
        "meetings/create",
        {"mentorId": str(other.pk), "subject": "x", "scheduledAt": start, "duration": 60},
    )

    day = {"from": "2027-03-26", "to": "2027-03-26", "duration": 60}
    found = said(caller.get(f"mentors/{mentor.pk}/slots", **day))[1]["slots"]

    assert len(found) == 23
    assert start not in [each["start"] for each in found]
