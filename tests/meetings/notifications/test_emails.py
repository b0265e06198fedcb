"""The content of mails; nothing that people type can change their structure."""

import re
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from django.core import mail as outgoing
from django.utils import timezone
from icalendar import Calendar

from meetings.booking import lifecycle
from meetings.calendars.homes import PLATFORM
from meetings.models import CalendarEvent, Meeting, Notification
from meetings.notifications.emails import email_for
from meetings.notifications.outbox import send_due
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = MONDAY - timedelta(days=20)
NASTY = (
    'Eve\r\nBcc: victim@example.com\x01\u202e {{7*7}} {% now "Y" %} <b>"x"</b>, http://evil.example'
)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def meeting():
    return MeetingFactory(
        mentor=MentorFactory(user=UserFactory(name="Amara", timezone="Asia/Kolkata")).user,
        learner=UserFactory(name="Ana Keller", timezone="Europe/Zurich"),
    )


def send():
    """Send the due mails; return `{address: parsed mail}`."""
    outgoing.outbox = []
    send_due(timezone.now())
    raw = [mail.message().as_bytes() for mail in outgoing.outbox]
    parsed = [message_from_bytes(each, policy=policy.default) for each in raw]
    return {mail["To"]: mail for mail in parsed}


def body(mail, kind):
    return mail.get_body((kind,)).get_content()


def event_of(mail):
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    return part


def unfold(content):
    """An independent parser (RFC 5545): `{(name, parameters): value}` of the only event."""
    text = content.decode()
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    lines = re.sub("\r\n[ \t]", "", text).split("\r\n")
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1
    found = {}
    for line in lines[lines.index("BEGIN:VEVENT") + 1 : lines.index("END:VEVENT")]:
        ((head, value),) = re.findall(r'^((?:[^":]|"[^"]*")*):(.*)$', line)
        found[head.partition(";")[0]] = value
    return found


def test_each_reads_their_own_time_and_the_others(meeting):
    mails = send()

    text = body(mails[meeting.learner.email], "plain")
    assert "When: Monday 1 March 2027, 13:00 to 14:00 (Europe/Zurich, UTC+1)" in text
    assert "For Amara: Monday 1 March 2027, 17:30 to 18:30 (Asia/Kolkata, UTC+5:30)" in text
    html = body(mails[meeting.mentor.email], "html")
    assert "Monday 1 March 2027, 17:30 to 18:30" in html
    assert "Asia/Kolkata, UTC+5:30" in html
    assert mails[meeting.mentor.email]["Subject"] == "Booked: How to begin, Mon 1 Mar, 17:30"


@pytest.mark.parametrize(
    ("start", "zurich", "new_york"),
    [
        # No DST; DST in America; DST in both; Europe back; the hour that happens twice.
        ("2027-03-13T12:00Z", "13:00 to 14:00 (Europe/Zurich, UTC+1)", "07:00 to 08:00"),
        ("2027-03-14T12:00Z", "13:00 to 14:00 (Europe/Zurich, UTC+1)", "08:00 to 09:00"),
        ("2027-03-28T12:00Z", "14:00 to 15:00 (Europe/Zurich, UTC+2)", "08:00 to 09:00"),
        ("2027-10-31T12:00Z", "13:00 to 14:00 (Europe/Zurich, UTC+1)", "08:00 to 09:00"),
        ("2027-10-31T00:00Z", "02:00 to 02:00 (Europe/Zurich, UTC+2)", "20:00 to 21:00"),
        ("2027-03-28T00:00Z", "01:00 to 03:00 (Europe/Zurich, UTC+1)", "20:00 to 21:00"),
    ],
)
def test_times_are_right_across_clock_changes(start, zurich, new_york):
    """The mail is written in winter, before all of the DST changes."""
    meeting = MeetingFactory(
        mentor=MentorFactory(user=UserFactory(timezone="America/New_York")).user,
        learner=UserFactory(timezone="Europe/Zurich"),
        scheduled_at=datetime.fromisoformat(start),
    )

    mails = send()

    assert zurich in body(mails[meeting.learner.email], "plain")
    assert new_york in body(mails[meeting.mentor.email], "plain").split("When:")[1].split("\n")[0]


def test_who_share_a_clock_read_it_once(meeting):
    meeting.mentor.timezone = "Europe/Berlin"
    meeting.mentor.save()

    assert "For Amara" not in body(send()[meeting.learner.email], "plain")


def test_a_new_time_strikes_the_old(meeting):
    lifecycle.reschedule(meeting, to=MONDAY + timedelta(days=1), by=meeting.mentor)

    mail = send()[meeting.learner.email]

    assert "No longer: Monday 1 March 2027, 13:00 to 14:00" in body(mail, "plain")
    struck = re.findall(r"<s [^>]*>([^<]*)</s>", body(mail, "html"))
    assert struck == ["Monday 1 March 2027, 13:00 to 14:00"]
    assert mail["Subject"] == "Moved: How to begin, now Tue 2 Mar, 13:00"


def test_a_cancellation_says_by_whom_and_why(meeting):
    lifecycle.cancel(meeting, by=meeting.mentor, reason="I have <fever>.")

    mails = send()

    assert "Amara cancelled it." in body(mails[meeting.learner.email], "plain")
    assert "I have &lt;fever&gt;." in body(mails[meeting.learner.email], "html")
    assert "You cancelled it." in body(mails[meeting.mentor.email], "plain")


def test_a_mail_leads_only_to_pages_of_the_site_that_ask(meeting, client, settings):
    html = body(send()[meeting.learner.email], "html")
    links = set(re.findall(r'href="([^"]*)"', html))
    client.force_login(meeting.learner)

    assert f"{settings.SITE_URL}{meeting.join_path}" in links
    for link in links:
        path = link.removeprefix(settings.SITE_URL)
        assert path != link
        assert client.get(path or "/").status_code == 200
    meeting.refresh_from_db()
    assert (meeting.status, meeting.revision) == ("scheduled", 0)
    assert "<img" not in html


def test_a_reminder_can_be_refused_with_one_click_and_a_confirmation_not(meeting, clock):
    booked = send()[meeting.learner.email]
    clock.move_to(MONDAY - timedelta(days=1))
    reminder = send()[meeting.learner.email]

    assert booked["List-Unsubscribe"] is None
    assert re.fullmatch("<http.*/unsubscribe/.*/>", reminder["List-Unsubscribe"].strip())
    assert reminder["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert event_count(reminder) == 0


def event_count(mail):
    return sum(part.get_content_type() == "text/calendar" for part in mail.walk())


def test_the_message_id_is_the_rows(meeting):
    booked = meeting.notifications.filter(kind="booked")
    rows = {each.recipient.email: each.message_id for each in booked}

    assert {to: mail["Message-ID"] for to, mail in send().items()} == rows


def test_the_file_invites_moves_and_removes_one_event(meeting):
    seen = []
    for change in (
        lambda: None,
        lambda: lifecycle.reschedule(meeting, to=MONDAY + timedelta(days=1), by=meeting.mentor),
        lambda: lifecycle.cancel(meeting, by=meeting.learner),
    ):
        change()
        part = event_of(send()[meeting.learner.email])
        event = unfold(part.get_content().encode())
        seen.append((part.get_param("method"), event["SEQUENCE"], event["DTSTART"], event["UID"]))

    uid = f"{meeting.calendar_uid}@127.0.0.1"
    assert seen == [
        ("REQUEST", "0", "20270301T120000Z", uid),
        ("REQUEST", "1", "20270302T120000Z", uid),
        ("CANCEL", "2", "20270302T120000Z", uid),
    ]


def test_no_file_goes_where_the_calendar_invites_by_itself(meeting):
    CalendarEvent.objects.update(provider=PLATFORM.provider, account=PLATFORM.account)

    assert event_count(send()[meeting.learner.email]) == 0


def test_what_people_type_is_text_and_changes_no_shape(meeting):
    meeting.learner.name = NASTY
    meeting.learner.save()
    Meeting.objects.update(subject=NASTY, description=NASTY)

    mail = send()[meeting.mentor.email]

    assert mail["Bcc"] is None
    assert [name for name in mail if name.lower() in ("to", "subject", "from")] == [
        "Subject",
        "From",
        "To",
    ]
    assert mail["Subject"].startswith("Booked: Eve Bcc: victim@example.com {{7*7}} {% now")
    html, text = body(mail, "html"), body(mail, "plain")
    assert "{{7*7}} {% now &quot;Y&quot; %} &lt;b&gt;&quot;x&quot;&lt;/b&gt;" in html
    assert "49" not in text.replace(str(meeting.pk), "").replace(meeting.join_token, "")
    assert 'href="http://evil' not in html
    assert not re.search("[\x01\u202e]", html + text)


def test_two_parsers_see_one_event_with_the_right_people(meeting, settings):
    meeting.mentor.name = NASTY
    meeting.mentor.save()
    Meeting.objects.update(subject=NASTY, description=NASTY)

    content = event_of(send()[meeting.mentor.email]).get_content().encode()

    by_hand = unfold(content)
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert by_hand["ATTENDEE"] == str(event["ATTENDEE"]) == f"mailto:{meeting.mentor.email}"
    assert by_hand["ORGANIZER"] == str(event["ORGANIZER"]) == "mailto:hello@127.0.0.1"
    assert by_hand["DTSTART"] == "20270301T120000Z"
    assert event.decoded("DTSTART") == MONDAY
    assert "{{7*7}}" in by_hand["SUMMARY"]
    assert str(event["SUMMARY"]) == " ".join(re.sub("[\x01\r\n\u202e]", " ", NASTY).split())


def test_a_lost_connection_leads_to_the_settings(settings):
    person = UserFactory(name="Ana Keller")
    lost = Notification(recipient=person, kind="connection_lost", revision=1)

    mail = email_for(lost).mail()

    assert mail.subject == "Your Google Calendar is no longer connected"
    assert f"{settings.SITE_URL}/settings/" in mail.text
    assert "List-Unsubscribe" in mail.headers


def test_each_reads_in_their_own_language_and_on_their_own_clock(meeting):
    for person, language, clock in ((meeting.learner, "de", "24"), (meeting.mentor, "en", "12")):
        person.language, person.clock = language, clock
        person.save()

    mails = send()

    german = mails[meeting.learner.email]
    assert "Montag, 1. März 2027, 13:00" in body(german, "plain")
    assert '<html lang="de" dir="ltr">' in body(german, "html")
    english = mails[meeting.mentor.email]
    assert "Monday 1 March 2027, 5:30 PM to 6:30 PM" in body(english, "plain")
    assert english["Subject"] == "Booked: How to begin, Mon 1 Mar, 5:30 PM"
