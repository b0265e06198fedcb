"""Makes first_version.json: the rows of a site that ran the first version.

It was run with the code of that version, commit 7a72643, whose verbs made the rows. It is kept as
documentation; later code cannot run it, and the file is never made again:

    DJANGO_SETTINGS_MODULE=tests.settings python manage.py shell --verbosity=0 \
        -c "from tests.migrations.make_rows import main; main()"

Its output is the same each time. States that only time, Google or a mail server brings about are
written into the rows: on_google(), set_mail().
"""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db.models import F
from django.test import override_settings

from accounts.models import CalendarConnection, MentorProfile, MentorTag, TokenFamily, User
from meetings.domain.policy import Status
from meetings.models import (
    BusyCell,
    BusyTime,
    DayOff,
    ExtraHours,
    Heartbeat,
    Meeting,
    Notification,
    PrivateNote,
    RequestKey,
    SettledCopy,
    WeeklyHours,
)
from meetings.models.availability import add_days_off, add_extra_hours, replace_weekly_hours
from meetings.models.home import home_of, mark_broken
from meetings.models.outbox import outbox
from meetings.models.settling import settle
from meetings.services import worker
from tests.e2e.races.database import as_default

FILE = Path(__file__).parent / "first_version.json"
# Each model after those that it refers to.
MODELS = (
    User,
    MentorProfile,
    MentorTag,
    CalendarConnection,
    TokenFamily,
    WeeklyHours,
    DayOff,
    ExtraHours,
    BusyTime,
    Meeting,
    PrivateNote,
    BusyCell,
    Notification,
    RequestKey,
    SettledCopy,
    Heartbeat,
)
ALL_DAY = {day: [(0, 1440)] for day in range(7)}
MINUTE = timedelta(minutes=1)


def main() -> None:
    """Fill an empty SQLite database, and write all rows of our apps to the file."""
    ours = {*apps.get_app_config("accounts").get_models()}
    ours |= {*apps.get_app_config("meetings").get_models()}
    assert ours == set(MODELS)
    # Mail is sent by send() only, not after each change.
    with (
        patch.object(worker, "_answers", []),
        TemporaryDirectory() as folder,
        as_default(f"sqlite:///{folder}/first.sqlite3"),
    ):
        call_command("migrate", verbosity=0)
        with always_the_same():
            Site().live()
        FILE.write_text("".join(written()), encoding="utf-8")


@contextmanager
def always_the_same() -> Iterator[None]:
    """Make random values reproducible: ids, tokens, salts, waits."""
    dice = random.Random(2027)
    random.seed(2027)
    with patch("os.urandom", dice.randbytes), patch("random._urandom", dice.randbytes):
        yield


def written() -> Iterator[str]:
    """`{model: {"fields": [...], "rows": [[...], ...]}}` as JSON, a row on each line."""
    opening = "{"
    for model in MODELS:
        fields = [field.attname for field in model._meta.concrete_fields]
        rows = model._base_manager.order_by("pk").values_list(*fields)
        lines = [json.dumps([plain(each) for each in row], ensure_ascii=False) for row in rows]
        assert lines
        yield f'{opening}\n"{model._meta.label}": {{"fields": {json.dumps(fields)}, "rows": [\n'
        yield ",\n".join(lines)
        yield "\n]}"
        opening = ","
    yield "\n}\n"


def plain(value: Any) -> Any:
    """The value for JSON. Times have whole seconds, which all databases store."""
    match value:
        case datetime():
            assert not value.microsecond
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case UUID():
            return value.hex
    return value


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@contextmanager
def at(text: str) -> Iterator[datetime]:
    """Stop the clock at that time."""
    now = moment(text)
    with time_machine.travel(now, tick=False):
        yield now


def without_google() -> override_settings:
    """Pages do not wait for the calendar, so no request to Google is made."""
    return override_settings(CALENDAR_WAIT=timedelta())


def on_google(meeting: Meeting, home: str, **columns: Any) -> None:
    """The state of a meeting whose event is in Google, except for these columns."""
    done = {
        "calendar_home": home,
        "calendar_synced": F("calendar_revision"),
        "calendar_due_at": None,
        "meeting_id": meeting.calendar_uid,
        "meeting_link": f"https://meet.google.com/{meeting.calendar_uid[:10]}",
        "link_provider": Meeting.RoomProvider.GOOGLE_MEET,
    }
    Meeting.objects.filter(pk=meeting.pk).update(**{**done, **columns})
    meeting.refresh_from_db()


def set_mail(meeting: Meeting, kind: str, person: User, **columns: Any) -> None:
    """The state of a mail after the given reply of the mail server."""
    mail = Notification.objects.filter(meeting=meeting, kind=kind, recipient=person)
    assert mail.update(**columns) == 1


class Site:
    """A small site from August 2026 to noon of the 15th of March 2027, a Monday."""

    def live(self) -> None:
        self.people()
        self.mentors()
        self.hours()
        self.long_ago()
        self.before_the_copy()
        self.connect()
        self.upcoming()
        self.moved()
        self.cancelled()
        self.done()
        self.at_google()
        self.behind()
        self.with_keys()
        self.closed_accounts()
        self.mails()
        self.now()

    def people(self) -> None:
        with at("2026-07-01 08:00"):
            self.amara = self.person("Amara Okafor", "Europe/Berlin", language="de")
            self.bruno = self.person("Bruno Díaz", "America/New_York", clock="12")
            self.chandra = self.person("Chandra Rao", "Asia/Kolkata")
            self.dalia = self.person("Dalia Mansour", "Europe/Madrid", language="es")
            self.emil = self.person("Emil Novák", "UTC")
            self.farid = self.person("Farid Amini", "Europe/Berlin")
            self.greta = self.person("Greta Former", "UTC")
            self.lena = self.person("Lena Vogt", "Europe/Berlin", language="de")
            self.jonas = self.person("Jonas Li", "UTC")
            self.mei = self.person("Mei 陳", "Asia/Tokyo")
            self.gone = self.person("Hugo Gone", "Europe/London")
            self.staff = self.person("Olga Team", "UTC", is_staff=True)
            self.jonas.choose_mails({User.MailChoice.REMINDERS: False})
            self.farid.choose_mails({User.MailChoice.BELL: False})
            # The name of a photo; its files are not part of the data.
            User.objects.filter(pk=self.amara.pk).update(photo="0123456789abcdef0123456789abcdef")
            User.objects.filter(pk=self.staff.pk).update(last_login=moment("2026-07-02 08:00"))

    def person(self, name: str, zone: str, **fields: Any) -> User:
        address = f"{name.split()[0].lower()}@example.com"
        person: User = User.objects.create_user(
            address, "learn-together", name=name, timezone=zone, **fields
        )
        return person

    def mentors(self) -> None:
        self.mentor(
            self.amara,
            bio="Ten years of compilers.\nNo question is too small.",
            skills=["Rust", "C++", "Ünïcode"],
            languages=["de", "en"],
            durations=[30, 60, 90, 120],
            notice=0,
            gap=15,
            horizon=60,
            slot_step=15,
        )
        self.mentor(self.bruno, skills=["Go"], languages=["es"], durations=[30])
        self.mentor(
            self.chandra, durations=[60, 120], notice=1440, gap=60, horizon=180, slot_step=60
        )
        self.mentor(
            self.dalia,
            skills=["Rust"],
            room_url="https://rooms.example.com/dalia",
            durations=[30, 60],
            notice=60,
            gap=30,
            horizon=14,
        )
        self.mentor(self.emil, durations=[90, 30], gap=45)
        self.mentor(self.farid)
        self.mentor(self.greta)

    def mentor(self, person: User, **terms: Any) -> None:
        with at("2026-07-02 08:00"):
            MentorProfile(user=person, headline=f"Ask {person.short_name}", **terms).save()

    def hours(self) -> None:
        with at("2026-07-03 08:00"):
            replace_weekly_hours(self.amara, {day: [(420, 720), (765, 1200)] for day in range(5)})
            for mentor in (self.bruno, self.chandra, self.dalia):
                replace_weekly_hours(mentor, ALL_DAY)
            replace_weekly_hours(self.greta, {0: [(540, 600)]})
            replace_weekly_hours(self.emil, {3: [(0, 780), (1170, 1440)]})
        with at("2027-03-01 08:00"):
            add_days_off(self.amara, date(2027, 3, 22), date(2027, 3, 26))
            add_days_off(self.bruno, date(2027, 4, 1), date(2027, 4, 1))
            add_extra_hours(self.amara, date(2027, 3, 20), [(600, 720), (780, 840)])
            add_extra_hours(self.bruno, date(2027, 4, 1), [(0, 1440)])

    def book(
        self, booked: str, mentor: User, learner: User, subject: str, start: str, **fields: Any
    ) -> Meeting:
        """Book at the time `booked`, for half an hour unless fields say otherwise."""
        with at(booked):
            meeting: Meeting = Meeting.book(
                mentor=mentor,
                learner=learner,
                subject=subject,
                start=moment(start),
                **{"duration": 30, **fields},
            )
            return meeting

    def long_ago(self) -> None:
        """Old meetings, whose notifications have been deleted since."""
        rated = self.book("2026-08-03 09:00", self.amara, self.lena, "Long ago", "2026-08-10 09:00")
        off = self.book("2026-08-03 10:00", self.bruno, self.jonas, "Long off", "2026-08-12 09:00")
        self.send("2026-08-03 10:01")
        with at("2026-08-04 10:00"):
            off.cancel(by=self.jonas)
        self.send("2026-08-10 08:30")
        with at("2026-08-10 08:55"):
            rated.join(by=self.lena)
        with at("2026-08-10 09:31") as now:
            Meeting.objects.complete_overdue(now)
            rated.refresh_from_db()
        self.send("2026-08-10 09:40")
        with at("2026-08-11 07:00"):
            rated.rate(rating=5, feedback="Grand.\nI understood it at last.", by=self.lena)

    def before_the_copy(self) -> None:
        """A meeting with a high sequence, since an older copy of the site was restored."""
        ahead = self.book(
            "2027-02-20 09:00", self.amara, self.mei, "From before the copy", "2027-03-18 09:00"
        )
        self.send("2027-02-20 09:01")
        settle(
            copied_at=moment("2027-02-21 03:00"),
            stopped_at=moment("2027-02-21 11:00"),
            now=moment("2027-02-21 12:00"),
        )
        with at("2027-03-05 09:00"):
            ahead.refresh_from_db()
            ahead.edit(by=self.mei, subject="From before the copy, edited")

    def connect(self) -> None:
        """Connections: Dalia's consent ended once and was renewed, Emil's has ended."""
        self.room = self.book(
            "2027-03-01 17:00", self.dalia, self.lena, "In the mentor’s room", "2027-03-15 16:00"
        )
        for person, google_id in ((self.dalia, "g-1001"), (self.emil, "g-1002")):
            with at("2027-03-02 08:00") as now:
                self.connection(person, google_id, now)
        with at("2027-03-03 08:00") as now:
            mark_broken("google:g-1001", before=now)
        with at("2027-03-04 08:00") as now:
            again = CalendarConnection.objects.get(user=self.dalia)
            again.refresh_token, again.connected_at, again.broken_at = "1//anew", now, None
            again.busy_read_at = again.busy_tried_at = moment("2027-03-15 11:55")
            again.save()
        for day, hours in ((16, 2), (17, 26)):
            start = moment(f"2027-03-{day} 10:20")
            BusyTime.objects.create(
                person=self.dalia, starts_at=start, ends_at=start + timedelta(hours=hours)
            )

    def connection(self, person: User, google_id: str, now: datetime) -> None:
        connection = CalendarConnection(
            user=person,
            google_id=google_id,
            google_email=f"{person.short_name.lower()}.calendar@example.com",
            connected_at=now,
        )
        connection.refresh_token = f"1//{google_id}"
        connection.save()

    def upcoming(self) -> None:
        self.book(
            "2027-03-08 09:00",
            self.amara,
            self.mei,
            "To come",
            "2027-03-17 08:00",
            duration=60,
            description="“Quotes” & \\ <b>,\n東京 🦉",
        )
        edited = self.book(
            "2027-03-08 09:05", self.amara, self.jonas, "To be edited", "2027-03-17 10:00"
        )
        with at("2027-03-09 09:00"):
            edited.edit(by=self.amara, subject="Edited twice", description="First")
        with at("2027-03-09 09:30"):
            edited.edit(by=self.jonas, description="Second")
            edited.write_notes("Bring a laptop", by=self.jonas, seen=0)
            edited.write_notes("Bring a laptop\nand a charger", by=self.amara, seen=1)
            edited.write_private_note("Charger is in the drawer", by=self.jonas)
        self.book("2027-03-14 07:55", self.amara, self.jonas, "Nobody joined", "2027-03-15 09:00")
        under_way = self.book(
            "2027-03-15 08:30",
            self.amara,
            self.lena,
            "Under way",
            "2027-03-15 11:45",
            duration=60,
        )
        with at("2027-03-15 11:40"):
            under_way.join(by=self.lena)

    def moved(self) -> None:
        once = self.book(
            "2027-03-08 10:00", self.bruno, self.lena, "Moved once", "2027-03-17 15:00"
        )
        self.send("2027-03-08 10:01")
        with at("2027-03-10 10:00"):
            once.reschedule(to=moment("2027-03-18 15:00"), by=self.lena)
        twice = self.book(
            "2027-03-08 11:00",
            self.chandra,
            self.jonas,
            "Moved twice",
            "2027-03-17 06:30",
            duration=60,
        )
        self.send("2027-03-08 11:01")
        with at("2027-03-10 11:00"):
            twice.reschedule(to=moment("2027-03-19 06:30"), by=self.chandra)
        self.send("2027-03-10 11:01")
        with at("2027-03-11 11:00"):
            twice.reschedule(to=moment("2027-03-19 07:30"), by=self.jonas)
        with at("2027-03-12 11:00") as now:
            # Read later than written; otherwise it would look as if she had moved it.
            Notification.objects.filter(recipient=self.chandra, due_at__lte=now).mark_read(now)

    def cancelled(self) -> None:
        start = "2027-03-16 17:00"
        learner = self.book("2027-03-08 12:00", self.amara, self.lena, "Off by learner", start)
        with at("2027-03-09 12:00"):
            learner.cancel(by=self.lena, reason="I am ill.\nSorry!")
        mentor = self.book("2027-03-09 12:05", self.amara, self.jonas, "Off by mentor", start)
        with at("2027-03-09 13:00"):
            mentor.cancel(by=self.amara)
        team = self.book("2027-03-09 13:05", self.amara, self.mei, "Off by the team", start)
        with at("2027-03-10 12:00"):
            team.cancel(by=self.staff, reason="The account was stolen")
        moved = self.book("2027-03-10 12:05", self.amara, self.bruno, "Moved, then off", start)
        with at("2027-03-11 12:00"):
            moved.reschedule(to=moment("2027-03-16 18:00"), by=self.bruno)
        with at("2027-03-12 12:00"):
            moved.cancel(by=self.amara, reason="Double booked")

    def done(self) -> None:
        unrated = self.took_place(self.amara, self.jonas, "Done, not rated", 10)
        with at("2027-03-12 10:31") as now:
            Meeting.objects.complete_overdue(now)
        self.send("2027-03-12 10:40")
        with at("2027-03-12 20:00"):
            unrated.write_notes("Homework: chapter 3", by=self.amara, seen=0)
        rated = self.took_place(self.bruno, self.mei, "Done and rated", 12)
        with at("2027-03-12 12:31") as now:
            Meeting.objects.complete_overdue(now)
        self.send("2027-03-12 12:40")
        with at("2027-03-12 21:00"):
            rated.refresh_from_db()
            rated.rate(rating=4, feedback="“Clear” – 👍", by=self.mei)
            rated.write_private_note("Ask about channels", by=self.mei)
            rated.write_private_note("Quick learner", by=self.bruno)
        at_once = self.took_place(self.amara, self.bruno, "Rated at once", 14)
        with at("2027-03-12 14:20"):
            at_once.complete(by=self.bruno)
        with at("2027-03-12 14:21"):
            at_once.rate(rating=2, by=self.bruno)
        with at("2027-03-12 14:25"):
            at_once.write_notes("Try again", by=self.bruno, seen=0)
        with at("2027-03-12 15:00"):
            self.store_as_done(self.chandra, self.lena, "Stored as done")
            self.store_as_done(self.greta, self.mei, "With a former mentor")
            MentorProfile.objects.filter(user=self.greta).delete()

    def store_as_done(self, mentor: User, learner: User, subject: str) -> None:
        """Store the meeting in its final state without notifications, as the demo data does."""
        Meeting(
            mentor=mentor,
            learner=learner,
            subject=subject,
            scheduled_at=moment("2027-03-02 07:30"),
            duration=120,
            status=Status.COMPLETED,
            rating=3,
            notes="From the old site",
        ).save()

    def took_place(self, mentor: User, learner: User, subject: str, hour: int) -> Meeting:
        """A completed meeting on the 12th of March, booked an hour and a half before."""
        start = moment(f"2027-03-12 {hour}:00")
        booked = (start - 90 * MINUTE if mentor == self.amara else start - 180 * MINUTE).isoformat()
        meeting = self.book(booked[:16], mentor, learner, subject, f"2027-03-12 {hour}:00")
        with at(f"2027-03-12 {hour}:02"):
            meeting.join(by=mentor)
        return meeting

    def at_google(self) -> None:
        """Meetings with an up-to-date event, in Dalia's calendar and in the platform's."""
        with without_google():
            own = self.book("2027-03-13 08:00", self.dalia, self.mei, "On Meet", "2027-03-16 20:00")
            on_google(own, "google:g-1001")
            moved = self.book(
                "2027-03-13 08:05", self.dalia, self.mei, "On Meet, moved", "2027-03-16 22:00"
            )
            on_google(moved, "google:g-1001")
            with at("2027-03-13 09:00"):
                moved.reschedule(to=moment("2027-03-18 22:00"), by=self.mei)
            on_google(moved, "google:g-1001")
            platform = self.book(
                "2027-03-15 08:10", self.bruno, self.mei, "On the platform", "2027-03-16 01:00"
            )
            on_google(platform, "platform")
            off = self.book(
                "2027-03-15 08:15", self.bruno, self.jonas, "Off the platform", "2027-03-16 02:00"
            )
            on_google(off, "platform")
            with at("2027-03-15 10:00"):
                off.cancel(by=self.bruno)
            on_google(off, "platform", meeting_link="", link_provider="")

    def behind(self) -> None:
        """Events that are behind, one for each reason."""
        with without_google():
            self.book("2027-03-15 08:20", self.bruno, self.lena, "No home yet", "2027-03-16 03:00")
            due = self.book("2027-03-14 08:05", self.dalia, self.jonas, "Due", "2027-03-18 18:00")
            not_yet = {"calendar_synced": 0, "meeting_id": "", "meeting_link": ""}
            not_yet |= {"link_provider": ""}
            on_google(
                due,
                "google:g-1001",
                **not_yet,
                calendar_due_at=moment("2027-03-15 12:03"),
                calendar_tries=7,
                calendar_error="Google answered 503: backendError",
            )
            leased = self.book(
                "2027-03-15 08:25", self.bruno, self.mei, "Just being made", "2027-03-16 04:00"
            )
            lease = moment("2027-03-15 12:00") + timedelta(seconds=42)
            on_google(leased, "platform", **not_yet, calendar_due_at=lease, calendar_lease=lease)
            parked = self.book(
                "2027-03-14 08:15", self.emil, self.jonas, "Parked", "2027-03-18 10:00"
            )
            on_google(parked, "google:g-1002")
            with at("2027-03-14 09:00") as now:
                parked.reschedule(to=moment("2027-03-18 20:30"), by=self.emil)
                mark_broken(home_of(self.emil.calendar_connection), before=now)
            Meeting.objects.filter(pk=parked.pk).update(
                calendar_due_at=None,
                calendar_tries=1,
                calendar_error="the Google calendar is not connected any more",
            )
            refused = self.book(
                "2027-03-15 08:30", self.bruno, self.lena, "Refused", "2027-03-16 05:00"
            )
            on_google(refused, "platform")
            with at("2027-03-15 10:05"):
                refused.cancel(by=self.lena)
            Meeting.objects.filter(pk=refused.pk).update(
                calendar_due_at=None,
                calendar_tries=3,
                calendar_error="Google answered 403: forbidden",
            )

    def with_keys(self) -> None:
        """Request keys of a form, of a program, and of a program that died during the request."""
        self.book(
            "2027-03-14 11:00",
            self.amara,
            self.lena,
            "From a form",
            "2027-03-19 08:00",
            form_key=uuid4(),
        )
        with at("2027-03-14 13:00") as now:
            key = RequestKey.objects.claim(self.mei, "booking-1", "ab" * 32, now=now)
        meeting = self.book(
            "2027-03-14 13:00",
            self.amara,
            self.mei,
            "From a program",
            "2027-03-19 09:00",
            form_key=key.pk,
        )
        key.remember(json.dumps({"success": True, "id": str(meeting.pk)}))
        with at("2027-03-15 11:59") as now:
            RequestKey.objects.claim(self.jonas, "a key of Jonas’", "cd" * 32, now=now)
        TokenFamily.objects.create(
            session_key="s0123456789abcdefghijklmnopqrstu",
            person=self.mei,
            current=str(uuid4()),
            expires_at=moment("2027-03-28 12:00"),
        )

    def closed_accounts(self) -> None:
        """A learner leaves, so the worker cancels their meetings; a mentor is unlisted."""
        self.book("2027-03-12 16:00", self.amara, self.gone, "Learner left", "2027-03-18 10:00")
        with at("2027-03-13 16:00") as now:
            self.gone.is_active = False
            self.gone.save(update_fields=["is_active"])
            Meeting.cancel_without_people(now)
        with at("2027-03-13 16:10"):
            # She can no longer be found, but booked meetings stay.
            MentorProfile.objects.filter(user=self.chandra).update(is_listed=False)

    def mails(self) -> None:
        """Mails in all states that the outbox itself has not produced."""
        self.send("2027-03-15 11:45")
        kinds, states = Notification.Kind, Notification.MailState
        room, sent = self.room, {"sent_at": None}
        set_mail(
            room,
            kinds.BOOKED,
            self.lena,
            mail_state=states.FAILED,
            tries=16,
            mail_error="the server refused it: 550",
            try_at=moment("2027-03-04 08:00"),
            **sent,
        )
        set_mail(
            room,
            kinds.REMINDER_24H,
            self.lena,
            mail_state=states.WAITING,
            tries=2,
            mail_error="the server cannot be reached",
            try_at=moment("2027-03-15 12:04"),
            **sent,
        )
        under_way = Meeting.objects.get(subject="Under way")
        set_mail(under_way, kinds.BOOKED, self.lena, **sent, mail_state=states.SENDING)

    def send(self, text: str) -> None:
        """Send the mails that are due then."""
        with at(text) as now:
            outbox.send_due(now)

    def now(self) -> None:
        """Run the worker's round, without mail and calendars."""
        with at("2027-03-15 12:00") as now:
            self.new_mails()
            Heartbeat.objects.beat(now)
            for purge in (BusyCell.objects.purge, RequestKey.objects.purge):
                purge(now)
            assert Notification.objects.purge(now)

    def new_mails(self) -> None:
        """New mails that nobody has begun to send."""
        self.book("2027-03-15 11:58", self.amara, self.jonas, "Just booked", "2027-03-15 13:00")
