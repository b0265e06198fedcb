import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from meetings.domain.policy import Status
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory, change_rules
from tests.meetings.views.answers import essence
from tests.meetings.views.pages import words_of

pytestmark = pytest.mark.django_db

NOW = MONDAY - timedelta(days=2)
NEW = {"start": "2027-03-02T15:00Z"}


@pytest.fixture(autouse=True)
def _two_days_before():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def meeting():
    mentor = MentorFactory(user=UserFactory(name="Ada Byron", timezone="Asia/Kolkata"))
    return MeetingFactory(
        mentor=mentor.user, learner=UserFactory(name="Lena Fischer", timezone="Europe/Berlin")
    )


@pytest.fixture
def as_learner(client, meeting):
    client.force_login(meeting.learner)
    return client


def address(meeting, query=""):
    return reverse("meetings:reschedule", args=[meeting.pk]) + query


def state_of(meeting):
    meeting.refresh_from_db()
    return meeting.status, meeting.scheduled_at


# Looking


def test_the_page_keeps_the_old_time_in_view(as_learner, meeting):
    response = as_learner.get(address(meeting))

    picker = response.context["picker"]
    page = words_of(response)
    assert response.status_code == 200
    assert "Monday 1 March 2027 13:00 – 14:00" in page
    assert "You and Ada keep the old time until you take a new one." in page
    assert (picker.day_text, picker.duration, picker.choices) == ("Monday 1 March", 60, [])
    old = [slot for group in picker.groups for slot in group["slots"] if slot.is_disabled]
    assert [(slot.text, slot.second) for slot in old] == [("13:00", "current")]


def test_the_mentor_sees_the_learners_clock(client, meeting):
    client.force_login(meeting.mentor)

    response = client.get(address(meeting, "?day=2027-03-02"))

    page = words_of(response)
    slots = [slot for group in response.context["picker"].groups for slot in group["slots"]]
    assert "You and Lena keep the old time" in page
    assert "In small: Lena’s, Europe/Berlin" in page
    assert ("17:30", "13:00") in [(slot.text, slot.second) for slot in slots]


def test_only_what_is_free_for_both_is_offered(client, meeting):
    start = datetime(2027, 3, 2, 12, tzinfo=UTC)
    MeetingFactory(mentor=meeting.mentor, scheduled_at=start, duration=60)
    MeetingFactory(learner=meeting.learner, scheduled_at=start + timedelta(hours=2), duration=60)
    client.force_login(meeting.mentor)

    picker = client.get(address(meeting, "?day=2027-03-02")).context["picker"]

    values = {slot.value for group in picker.groups for slot in group["slots"]}
    assert "2027-03-02T11:00Z" in values
    assert "2027-03-02T13:00Z" in values
    for taken in ("11:30", "12:00", "12:30", "13:30", "14:00", "14:30"):
        assert f"2027-03-02T{taken}Z" not in values


def test_a_stranger_finds_nothing(client, meeting):
    client.force_login(UserFactory())
    missing = address(type(meeting)())

    assert essence(client.get(address(meeting))) == essence(client.get(missing))
    assert client.post(address(meeting), NEW).status_code == 404
    assert state_of(meeting) == (Status.SCHEDULED, MONDAY)


def test_looking_changes_nothing(as_learner, meeting):
    as_learner.get(address(meeting, "?start=2027-03-02T15:00Z"))

    assert state_of(meeting) == (Status.SCHEDULED, MONDAY)


# Moving


@pytest.mark.parametrize("role", ["learner", "mentor"])
def test_either_moves_the_meeting(client, meeting, role):
    client.force_login(getattr(meeting, role))

    response = client.post(address(meeting), NEW)

    assert (response.status_code, response["Location"]) == (303, meeting.get_absolute_url())
    assert state_of(meeting) == (Status.SCHEDULED, datetime(2027, 3, 2, 15, tzinfo=UTC))
    assert "The meeting has a new time." in words_of(client.get(response["Location"]))


def test_doing_it_twice_is_harmless(as_learner, meeting):
    for _time in range(2):
        assert as_learner.post(address(meeting), NEW).status_code == 303

    assert state_of(meeting) == (Status.SCHEDULED, datetime(2027, 3, 2, 15, tzinfo=UTC))


def test_it_may_overlap_its_own_old_time(as_learner, meeting):
    response = as_learner.post(address(meeting), {"start": "2027-03-01T12:30Z"})

    assert response.status_code == 303
    assert state_of(meeting) == (Status.SCHEDULED, MONDAY + timedelta(minutes=30))


# What goes wrong


@pytest.mark.parametrize(
    ("start", "complaint"),
    [
        ("", "Please pick a time."),
        ("2027-03-02T15:00", "That time lacks its offset from UTC."),
        ("later", "That is not a time."),
    ],
)
def test_a_start_that_is_none_is_said(as_learner, meeting, start, complaint):
    response = as_learner.post(address(meeting), {"start": start, "day": "2027-03-02"})

    assert response.status_code == 422
    assert complaint in words_of(response)
    assert response.context["picker"].day_text == "Tuesday 2 March"
    assert state_of(meeting) == (Status.SCHEDULED, MONDAY)


def test_a_slot_taken_meanwhile_offers_the_nearest(as_learner, meeting):
    taken = datetime(2027, 3, 2, 15, tzinfo=UTC)
    MeetingFactory(mentor=meeting.mentor, scheduled_at=taken)

    response = as_learner.post(address(meeting), NEW)

    assert response.status_code == 409
    assert "That time has just been taken." in words_of(response)
    assert re.findall(r'name="instead"\s+value="([^"]*)"', response.text) == [
        "2027-03-02T13:30Z",
        "2027-03-02T14:00Z",
        "2027-03-02T16:00Z",
    ]
    assert state_of(meeting) == (Status.SCHEDULED, MONDAY)


def test_a_nearest_time_is_taken_with_one_press(as_learner, meeting):
    response = as_learner.post(address(meeting), NEW | {"instead": "2027-03-02T16:00Z"})

    assert response.status_code == 303
    assert state_of(meeting) == (Status.SCHEDULED, datetime(2027, 3, 2, 16, tzinfo=UTC))


@pytest.mark.parametrize(
    ("status", "complaint"),
    [
        (Status.CANCELLED, "This meeting is cancelled, so it cannot get another time."),
        (Status.IN_PROGRESS, "This meeting is in progress, so it cannot get another time."),
        (Status.COMPLETED, "This meeting is completed, so it cannot get another time."),
    ],
)
def test_what_is_no_longer_scheduled_keeps_its_time(as_learner, meeting, status, complaint):
    type(meeting).objects.filter(pk=meeting.pk).update(status=status)

    looked, sent = as_learner.get(address(meeting)), as_learner.post(address(meeting), NEW)

    for response in (looked, sent):
        assert response.status_code == 409
        assert complaint in words_of(response)
        assert f'href="{meeting.get_absolute_url()}"' in response.text
        assert b'name="start"' not in response.content
    assert state_of(meeting) == (status, MONDAY)


def test_what_has_begun_keeps_its_time(as_learner, meeting):
    with time_machine.travel(MONDAY, tick=False):
        as_learner.force_login(meeting.learner)
        response = as_learner.post(address(meeting), NEW)

    assert response.status_code == 409
    assert "This meeting has already started." in words_of(response)


def test_it_keeps_its_time_where_its_length_is_no_longer_offered(as_learner, meeting):
    change_rules(meeting.mentor, durations=[30])

    response = as_learner.get(address(meeting))

    assert response.status_code == 409
    assert "This mentor does not offer meetings of that length." in words_of(response)


def test_it_keeps_its_time_where_there_is_no_mentor_profile_any_more(as_learner, meeting):
    type(meeting.mentor.mentor_profile).objects.all().delete()

    response = as_learner.post(address(meeting), NEW)

    assert response.status_code == 409
    assert "This mentor does not take bookings at the moment." in words_of(response)
    assert state_of(meeting) == (Status.SCHEDULED, MONDAY)


def test_an_unlisted_mentor_still_moves_what_is_agreed(as_learner, meeting):
    type(meeting.mentor.mentor_profile).objects.update(is_listed=False)

    assert as_learner.post(address(meeting), NEW).status_code == 303


def test_other_verbs_are_refused(as_learner, meeting):
    assert as_learner.delete(address(meeting)).status_code == 405


def test_the_page_takes_few_queries(as_learner, meeting, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        as_learner.get(address(meeting))
