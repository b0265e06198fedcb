"""manage.py calendar_reconcile, with a fake Google on loopback."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import CalendarConnection
from meetings.booking import lifecycle
from meetings.models import CalendarEvent, Meeting
from tests.e2e.google.faults import Fault
from tests.e2e.google.killed import Killed, dying_at_change
from tests.factories import MeetingFactory, MentorFactory, soon
from tests.meetings.matching import match_calendar

pytestmark = pytest.mark.django_db

PLATFORM = "platform@gmail.example.com"


@pytest.fixture
def platform(google, settings):
    """The calendar of the platform's account, in use by the site."""
    scope = " ".join(settings.GOOGLE_SCOPES)
    settings.GOOGLE_REFRESH_TOKEN = google.consent(PLATFORM, scope)
    return google.account(PLATFORM)


@pytest.fixture
def reconcile(capsys):
    """Run it, and return its output with event ids cut to eight digits."""

    def run(*options):
        capsys.readouterr()
        call_command("calendar_reconcile", *options)
        return capsys.readouterr().out

    return run


def a_meeting(**fields):
    """A meeting whose event is in the calendar."""
    hours = Meeting.objects.count() * 3 + 24
    fields = {"scheduled_at": soon(timezone.now(), hours * 60), **fields}
    meeting = MeetingFactory(**fields)
    assert match_calendar(meeting)
    return meeting


def test_calendars_that_agree_are_left_alone(google, platform, reconcile):
    a_meeting()
    mails = list(platform.mails)

    told = reconcile("--fix")

    assert told == "platform: 1 events listed, 0 do not agree.\n"
    assert platform.mails == mails


def test_a_missing_event_is_reported_and_put_back_by_fix(google, platform, reconcile):
    meeting = a_meeting()
    platform.delete(meeting.calendar_uid, send=False)

    told = reconcile()
    nothing_yet = platform.live()
    fixed = reconcile("--fix")

    assert f"missing   {meeting.calendar_uid}\n" in told
    assert nothing_yet == []
    assert f"missing   {meeting.calendar_uid}: repaired" in fixed
    assert [each["id"] for each in platform.live()] == [meeting.calendar_uid]
    assert "0 do not agree" in reconcile()


def test_a_different_event_is_made_equal(google, platform, reconcile):
    meeting = a_meeting()
    later = {"dateTime": f"{meeting.ends_at:%Y-%m-%dT%H:%M:%SZ}", "timeZone": "UTC"}
    platform.events[meeting.calendar_uid] |= {"summary": "Something else", "start": later}

    told = reconcile("--fix")

    assert f"different {meeting.calendar_uid} (summary, start): repaired" in told
    assert platform.events[meeting.calendar_uid]["summary"] == meeting.subject


def test_a_repair_that_dies_half_way_has_not_begun(google, platform, reconcile):
    """Otherwise the event would stay behind, with no process to update it."""
    meeting = a_meeting()
    event = platform.events[meeting.calendar_uid]
    event["summary"] = "Something else"
    event["extendedProperties"]["private"]["p2plearnSequence"] = "7"

    with pytest.raises(Killed), dying_at_change(2):
        reconcile("--fix")

    kept = CalendarEvent.objects.get()
    assert (kept.sequence, kept.synced, kept.due_at) == (1, 1, None)
    assert ": repaired" in reconcile("--fix")
    assert event["summary"] == meeting.subject


def test_an_event_moved_out_of_the_window_comes_back(google, platform, reconcile):
    meeting = a_meeting()
    for edge in ("start", "end"):
        platform.events[meeting.calendar_uid][edge] = {"dateTime": "2020-01-01T10:00:00Z"}

    assert "missing" in reconcile("--fix")

    assert "0 do not agree" in reconcile()


def test_the_event_of_a_cancelled_meeting_is_surplus(google, platform, reconcile):
    meeting = a_meeting()
    lifecycle.cancel(meeting, by=meeting.mentor)
    match_calendar(meeting)
    platform.events[meeting.calendar_uid]["status"] = "confirmed"

    told = reconcile()
    still = len(platform.live())
    fixed = reconcile("--fix")

    assert f"surplus   {meeting.calendar_uid}" in told
    assert still == 1
    assert ": repaired" in fixed
    assert platform.live() == []


def an_event(platform, meeting, **changes):
    """A second event of the meeting, made by somebody else."""
    event = {**platform.events[meeting.calendar_uid], "id": "copied123", **changes}
    platform.events[event["id"]] = event
    return event


def test_a_copy_of_an_event_is_reported_and_kept(google, platform, reconcile):
    an_event(platform, a_meeting())

    told = reconcile("--fix", "--fix-unknown")

    assert "stray     copied123" in told
    assert ": left alone" in told
    assert len(platform.live()) == 2


def test_an_event_of_an_unknown_meeting_goes_only_when_asked(google, platform, reconcile):
    ours = {"private": {"p2plearn": "1", "p2plearnMeeting": "0" * 32}}
    an_event(platform, a_meeting(), extendedProperties=ours)

    kept = reconcile("--fix")
    count = len(platform.live())
    gone = reconcile("--fix-unknown")

    assert "unknown   copied123" in kept
    assert ": left alone" in kept
    assert count == 2
    assert ": repaired" in gone
    assert len(platform.live()) == 1


def test_other_peoples_events_are_never_seen(google, platform, reconcile):
    an_event(platform, a_meeting(), extendedProperties={})

    assert "1 events listed, 0 do not agree" in reconcile("--fix-unknown")

    assert len(platform.live()) == 2


def test_meetings_that_wait_for_the_worker_are_its_own_matter(google, platform, reconcile):
    MeetingFactory(scheduled_at=soon(timezone.now(), 24 * 60))

    assert "0 events listed, 0 do not agree" in reconcile("--fix")


@pytest.mark.parametrize("fault", [Fault("answer"), Fault("truncate"), Fault("reset_before")])
def test_a_failed_listing_changes_nothing_and_says_so(google, platform, capsys, fault):
    meeting = a_meeting()
    platform.delete(meeting.calendar_uid, send=False)
    google.faults.keep("events.list", fault)

    with pytest.raises(SystemExit) as ended:
        call_command("calendar_reconcile", "--fix", "--fix-unknown")

    assert ended.value.code == 1
    told = capsys.readouterr().out
    assert "platform: could not be listed" in told
    assert "nothing was compared or changed there" in told
    assert platform.live() == []


def test_a_listing_that_fails_on_its_second_page_changes_nothing(google, platform, capsys):
    meeting = a_meeting()
    for number in range(300):
        an_event(platform, meeting, id=f"copied{number}")
    google.faults.add("events.list", Fault("delay"), Fault("answer"))

    with pytest.raises(SystemExit):
        call_command("calendar_reconcile", "--fix", "--fix-unknown")

    assert "could not be listed" in capsys.readouterr().out
    assert len(platform.live()) == 301


def test_all_pages_are_read(google, platform, reconcile):
    meeting = a_meeting()
    for number in range(600):
        an_event(platform, meeting, id=f"copied{number}")

    assert "601 events listed, 600 do not agree" in reconcile()


def test_every_connection_is_compared_and_one_that_fails_holds_no_other(
    google, platform, settings, capsys
):
    mentor = MentorFactory().user
    connection = CalendarConnection(
        user=mentor, google_id="sub-mentor", google_email="m@x.example", connected_at=timezone.now()
    )
    connection.refresh_token = google.consent("m@x.example", " ".join(settings.GOOGLE_SCOPES))
    connection.save()
    here, there = a_meeting(mentor=mentor), a_meeting()
    google.account("m@x.example").delete(here.calendar_uid, send=False)
    platform.delete(there.calendar_uid, send=False)
    google.end_consent(settings.GOOGLE_REFRESH_TOKEN)

    with pytest.raises(SystemExit):
        call_command("calendar_reconcile", "--fix")

    told = capsys.readouterr().out
    assert "platform: could not be listed" in told
    assert f"missing   {here.calendar_uid}: repaired" in told
    assert there.calendar_uid not in told


def test_meetings_of_ended_connections_are_counted(google, platform, reconcile):
    meeting = a_meeting()
    CalendarEvent.objects.filter(meeting=meeting).update(account="gone")

    assert "1 meetings are in calendars that are not connected any more" in reconcile()


def test_a_site_without_google_has_nothing_to_compare(reconcile):
    assert "nothing to compare" in reconcile("--fix")


def test_meetings_beyond_the_window_are_left_out(google, platform, reconcile):
    a_meeting(scheduled_at=soon(timezone.now() + timedelta(days=20)))

    assert "0 events listed" in reconcile("--days", "10")
    assert "1 events listed" in reconcile("--days", "30")
