from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from meetings.domain.policy import Status
from meetings.models import BusyCell, CalendarEvent, Meeting
from tests.factories import MONDAY, MeetingFactory, UserFactory, completed_meeting
from tests.meetings.admin.calendars import BROKEN
from tests.meetings.matching import match_calendar

pytestmark = pytest.mark.django_db

LIST = reverse("admin:meetings_meeting_changelist")


def change_url(meeting):
    return reverse("admin:meetings_meeting_change", args=[meeting.pk])


def in_trouble(meeting, why):
    CalendarEvent.objects.filter(meeting=meeting).update(error=why)
    return meeting


def act(client, action, meetings, **data):
    """Run the admin action on these meetings, and follow the redirect."""
    selected = [str(each.pk) for each in meetings]
    return client.post(LIST, {"action": action, "_selected_action": selected, **data}, follow=True)


def said(answer):
    return [str(message) for message in answer.context["messages"]]


def subjects(client, **query):
    return [each.subject for each in client.get(LIST, query).context["cl"].result_list]


def test_times_are_in_the_staffs_zone(client, staff):
    meeting = MeetingFactory(scheduled_at=MONDAY)

    for url in (LIST, change_url(meeting)):
        assert "Mon 1 Mar 2027, 13:00 Europe/Berlin" in client.get(url).content.decode()


def test_meetings_are_found_by_subject_and_people(client, staff):
    found = MeetingFactory(
        subject="Violin", learner__name="Ada Bee", mentor=UserFactory(email="cy@example.com")
    )
    MeetingFactory(subject="Chess")

    for words in ("violin", "ada bee", "cy@example.com"):
        assert subjects(client, q=words) == [found.subject]


def test_the_calendar_filter(calendar, client, staff):
    MeetingFactory(subject="behind")
    in_trouble(MeetingFactory(subject="in trouble"), "no answer")
    match_calendar(MeetingFactory(subject="matches"))

    assert set(subjects(client, calendar="behind")) == {"behind", "in trouble"}
    assert subjects(client, calendar="trouble") == ["in trouble"]
    assert subjects(client, calendar="matches") == ["matches"]


def test_the_calendars_state_is_told(calendar, client, staff):
    MeetingFactory(subject="behind")
    in_trouble(MeetingFactory(subject="in trouble"), "no <answer>")
    match_calendar(MeetingFactory(subject="matches"))

    page = client.get(LIST).content.decode()

    assert "behind, next try " in page
    assert "in trouble: no &lt;answer&gt;" in page
    assert "up to date" in page


def test_meetings_cannot_be_added_changed_or_deleted(client, staff):
    meeting = MeetingFactory()

    answers = [
        client.get(reverse("admin:meetings_meeting_add")),
        client.post(change_url(meeting), {"subject": "Another one", "status": "completed"}),
        client.post(reverse("admin:meetings_meeting_delete", args=[meeting.pk]), {"post": "yes"}),
    ]
    act(client, "delete_selected", [meeting], post="yes")

    meeting.refresh_from_db()
    assert [each.status_code for each in answers] == [403, 403, 403]
    assert (meeting.subject, meeting.status) == ("How to begin", Status.SCHEDULED)


def test_a_meeting_is_shown_as_text(client, staff):
    meeting = MeetingFactory(notes="<b>Bring a pen</b>", description="For\nbeginners")

    page = client.get(change_url(meeting)).content.decode()

    assert "&lt;b&gt;Bring a pen&lt;/b&gt;" in page
    assert "For<br>beginners" in page
    assert meeting.join_token not in page


def test_cancelling_asks_for_a_reason_first(client, staff):
    meeting = MeetingFactory(subject="Violin", learner__name="Ada Bee")

    answer = act(client, "cancel", [meeting])

    meeting.refresh_from_db()
    page = answer.content.decode()
    assert meeting.status == Status.SCHEDULED
    assert "“Violin”" in page
    assert "Ada Bee, Mon 1 Mar 2027, 13:00 Europe/Berlin" in page
    assert 'name="reason"' in page


def test_cancelling_calls_the_verb(calendar, client, staff):
    meetings = [MeetingFactory(), MeetingFactory()]

    answer = act(client, "cancel", meetings, confirmed="yes", reason="The house is closed.")

    assert said(answer) == ["2 meetings cancelled."]
    for meeting in Meeting.objects.all():
        assert meeting.status == Status.CANCELLED
        assert (meeting.cancelled_by, meeting.cancel_reason) == (staff, "The house is closed.")
        assert (meeting.calendar_event.sequence, meeting.calendar_event.is_behind) == (2, True)
    assert not BusyCell.objects.exists()
    assert LogEntry.objects.filter(user=staff).count() == 2


def test_what_cannot_be_cancelled_does_not_hold_up_the_rest(client, staff):
    free = MeetingFactory(subject="Free")
    joined = MeetingFactory(subject="Joined", status=Status.IN_PROGRESS)
    over = completed_meeting(UserFactory(), UserFactory(), start=MONDAY, subject="Over")
    gone = MeetingFactory(subject="Gone", status=Status.CANCELLED)

    answer = act(client, "cancel", [free, joined, over, gone], confirmed="yes", reason="")

    for meeting in (free, joined, over, gone):
        meeting.refresh_from_db()
    statuses = [each.status for each in (free, joined, over, gone)]
    refused = "That is not possible any more: the meeting has changed meanwhile."
    told = said(answer)
    assert statuses == [
        Status.CANCELLED,
        Status.IN_PROGRESS,
        Status.COMPLETED,
        Status.CANCELLED,
    ]
    assert len([each for each in told if each.endswith(refused)]) == 2
    assert told[-2:] == ["1 meeting cancelled.", "1 meeting was cancelled already."]


def test_a_reason_with_control_characters_is_refused(client, staff):
    meeting = MeetingFactory()

    answer = act(client, "cancel", [meeting], confirmed="yes", reason="Look \u202eout")

    meeting.refresh_from_db()
    assert meeting.status == Status.SCHEDULED
    assert "Please remove the invisible control characters." in answer.content.decode()


def test_selecting_all_reaches_those_that_are_not_ticked(client, staff):
    meetings = [MeetingFactory(), MeetingFactory()]

    page = act(client, "cancel", meetings[:1], select_across="1")
    act(client, "cancel", meetings[:1], select_across="1", confirmed="yes", reason="")

    assert '<input type="hidden" name="select_across" value="1">' in page.content.decode()
    assert set(Meeting.objects.values_list("status", flat=True)) == {Status.CANCELLED}


def test_who_may_only_look_has_no_actions(client):
    person = UserFactory(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename="view_meeting"))
    client.force_login(person)
    meeting = MeetingFactory()

    act(client, "cancel", [meeting], confirmed="yes", reason="")

    meeting.refresh_from_db()
    assert client.get(change_url(meeting)).status_code == 200
    assert meeting.status == Status.SCHEDULED


def test_the_calendar_can_be_tried_now(calendar, client, staff):
    later = timezone.now() + timedelta(hours=1)
    meeting = in_trouble(MeetingFactory(), "no answer")
    CalendarEvent.objects.update(due_at=later)

    answer = act(client, "try_calendar", [meeting])

    meeting.refresh_from_db()
    assert said(answer) == ["1 event brought up to date."]
    assert not meeting.calendar_event.is_behind
    assert meeting.meeting_link


def test_a_calendar_that_does_not_answer_is_told(client, staff, settings):
    settings.CALENDAR_BACKEND = BROKEN
    meeting = MeetingFactory(subject="Violin")

    answer = act(client, "try_calendar", [meeting])

    told = said(answer)
    assert told[0].startswith("“Violin” of ")
    assert told[0].endswith("in trouble: no answer")
    assert told[1] == "0 events brought up to date."
