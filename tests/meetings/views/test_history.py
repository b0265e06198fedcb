"""A meeting's history, as each of its two people reads it."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from meetings.booking import lifecycle, texts
from meetings.domain.policy import Status
from meetings.models import Meeting, MeetingEvent
from meetings.views.history import history_of
from meetings.views.meeting_view import MeetingView
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory
from tests.meetings.views.pages import words_of

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def meeting():
    """Booked a day before it begins, at noon in UTC: 13:00 in Berlin, 17:30 in Kolkata."""
    with time_machine.travel(MONDAY - DAY, tick=False):
        return MeetingFactory(
            mentor=MentorFactory(user__name="Ada Mentor", user__timezone="Asia/Kolkata").user,
            learner=UserFactory(name="Lena Learner", timezone="Europe/Berlin"),
        )


def lines(meeting, viewer):
    return [line.text for line in history_of(MeetingView(meeting, viewer, timezone.now()))]


def test_each_reads_it_from_their_side_and_on_their_clock(meeting):
    mentor, learner = meeting.mentor, meeting.learner
    with time_machine.travel(MONDAY - DAY + HOUR, tick=False):
        texts.edit(meeting, by=mentor, subject="Better loops")
        lifecycle.reschedule(meeting, to=MONDAY + HOUR, by=learner)
    with time_machine.travel(MONDAY + HOUR, tick=False):
        lifecycle.join(meeting, by=mentor)
        lifecycle.complete(meeting, by=mentor)
        texts.rate(meeting, rating=4, by=learner)

    assert lines(meeting, learner) == [
        "You booked it for Mon 1 Mar 2027, 13:00.",
        "Ada Mentor changed the subject.",
        "You moved it from Mon 1 Mar 2027, 13:00 to Mon 1 Mar 2027, 14:00.",
        "Ada Mentor was the first to join.",
        "Ada Mentor said that it took place.",
        "You rated it with 4 of 5.",
    ]
    assert lines(meeting, mentor) == [
        "Lena Learner booked it for Mon 1 Mar 2027, 17:30.",
        "You changed the subject.",
        "Lena Learner moved it from Mon 1 Mar 2027, 17:30 to Mon 1 Mar 2027, 18:30.",
        "You were the first to join.",
        "You said that it took place.",
        "Lena Learner rated it with 4 of 5.",
    ]


def test_staff_are_the_team_and_the_site_itself_is_nobody(meeting):
    staff = UserFactory(name="Sam Staff", is_staff=True)
    lifecycle.cancel(meeting, by=staff, now=MONDAY - HOUR)
    over = MeetingFactory(scheduled_at=MONDAY + DAY, status=Status.IN_PROGRESS)
    lifecycle.complete_overdue(MONDAY + 2 * DAY)
    left = MeetingFactory(scheduled_at=MONDAY + 3 * DAY)
    type(left.mentor).objects.filter(pk=left.mentor_id).update(is_active=False)
    lifecycle.cancel_without_people(MONDAY)

    assert lines(meeting, meeting.learner)[-1] == "The team of P2P Learn cancelled it."
    assert lines(over, over.learner)[-1] == "It took place."
    assert lines(left, left.learner)[-1] == (
        "It was cancelled because one of the two accounts was closed."
    )


def test_no_text_of_people_is_kept(meeting):
    texts.edit(meeting, by=meeting.learner, subject="A secret", description="Another")

    assert "secret" not in str(list(MeetingEvent.objects.values()))
    assert lines(meeting, meeting.learner)[-1] == "You changed subject and description."


def test_the_page_shows_it_to_both_and_to_nobody_else(client, meeting):
    for person, text in (
        (meeting.learner, "You booked it for"),
        (meeting.mentor, "Lena Learner booked it for"),
    ):
        client.force_login(person)

        assert text in words_of(client.get(meeting.get_absolute_url()))

    client.force_login(UserFactory())
    assert client.get(meeting.get_absolute_url()).status_code == 404


def test_what_happened_first_stands_first_whatever_the_clocks_of_two_machines_say(meeting):
    lifecycle.reschedule(meeting, to=MONDAY + HOUR, by=meeting.learner, now=MONDAY - 2 * HOUR)
    lifecycle.cancel(meeting, by=meeting.mentor, now=MONDAY - 2 * HOUR - timedelta(seconds=2))

    assert lines(meeting, meeting.mentor)[-1] == "You cancelled it."


def test_it_takes_one_query_however_long_it_is(meeting, django_assert_num_queries):
    for number in range(6):
        texts.edit(meeting, by=meeting.learner, subject=f"Loops {number}")
    meeting = Meeting.objects.of(meeting.learner).get(pk=meeting.pk)

    with django_assert_num_queries(1):
        assert len(lines(meeting, meeting.learner)) == 7
