"""Random histories of a person's meetings and their events in Google.

A history is a sequence of random steps. At its end, Google and the meetings must agree.
"""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import CalendarConnection
from meetings.booking import lifecycle, texts
from meetings.booking.book import book as book_meeting
from meetings.calendars.homes import LOCAL, PLATFORM, home_of
from meetings.domain.errors import BookingError
from meetings.integrations.background import run_bounded
from meetings.models import CalendarEvent, Meeting
from meetings.tasks import bring_calendars_up
from tests.e2e.google.calendars import Account
from tests.e2e.google.faults import Fault, Kind
from tests.e2e.google.killed import Death, Killed
from tests.e2e.google.state import Google
from tests.factories import MONDAY, MentorFactory, UserFactory

NOW = MONDAY - timedelta(days=3)
OPERATIONS = ("events.insert", "events.get", "events.patch", "events.delete")
SUBJECTS = ("Loops", "Recursion", "Monads")
# Longer than any stored wait, except those that Retry-After may demand.
LONG = timedelta(minutes=80)
ANSWERS = (
    (500, "backendError", ()),
    (503, "backendError", (("Retry-After", "400"),)),
    (429, "rateLimitExceeded", (("Retry-After", "7"),)),
    (403, "rateLimitExceeded", ()),
    (403, "userRateLimitExceeded", ()),
    (403, "quotaExceeded", ()),
    (403, "forbidden", ()),
    (400, "badRequest", ()),
    (401, "authError", ()),
    (404, "notFound", ()),
    (412, "conditionNotMet", ()),
)
BROKEN: tuple[Kind, ...] = (
    "drop_before",
    "drop_after",
    "reset_before",
    "reset_after",
    "truncate",
    "late",
    "late",
    "late",
)


class History:
    """One mentor and one learner, and random steps with their meetings.

    log: the steps so far, shown when the test fails.
    """

    def __init__(self, seed: int, google: Google, clock: Any, death: Death, settings: Any) -> None:
        self.dice = random.Random(seed)
        # The jitter of waits is random too.
        random.seed(seed)
        self.google, self.clock, self.death = google, clock, death
        self.log: list[str] = []
        self.taken = 0
        self.is_nested = False
        self.mentor = MentorFactory(horizon=60)
        self.learner = UserFactory()
        email = f"{self.mentor.user.pk}@gmail.example.com"
        token = google.consent(email, " ".join(settings.GOOGLE_SCOPES))
        self.account: Account = google.account(email)
        settings.GOOGLE_REFRESH_TOKEN = ""
        if self.dice.random() < 0.5:
            settings.GOOGLE_REFRESH_TOKEN, self.home = token, PLATFORM
        else:
            self.home = home_of(self._connect(email, token))
        settings.CALENDAR_WAIT = timedelta(seconds=self.dice.choice([0, 0, 30]))

    def run(self, steps: int) -> None:
        """Take that many steps, then end all faults and settle."""
        self.fault()
        self.book()
        for _step in range(steps):
            self.clock.shift(self.dice.choice([1, 1, 20, 70, 200, 900]))
            if self.dice.random() < 0.2:
                self.death.after(self.dice.randrange(25))
            self._do(self.dice.choice(self._steps()))
            self.death.after(None)
        self._make_peace()

    def _steps(self) -> list[Callable[[], None]]:
        return [
            *[self.sweep] * 6,
            *[self.fault] * 6,
            *[self.reschedule] * 3,
            *[self.edit] * 2,
            self.cancel,
            self.book,
            self.land,
            self.settle,
            self.touch,
            self.erase,
            self.renew,
        ]

    def _do(self, step: Callable[[], None]) -> None:
        """Take the step, which may be refused or killed half way."""
        self.log.append(f"{timezone.now():%d %H:%M:%S} {step.__name__}")
        try:
            step()
        except BookingError as refusal:
            self.log.append(f"  refused: {refusal.code}")
        except Killed:
            self.log.append("  killed")

    def meetings(self) -> list[Meeting]:
        return list(Meeting.objects.filter(mentor=self.mentor.pk).order_by("created_at"))

    def _any_meeting(self) -> Meeting:
        return self.dice.choice(self.meetings() or [self._booked()])

    def _somebody(self) -> Any:
        return self.dice.choice([self.mentor.user, self.learner])

    def _booked(self) -> Meeting:
        self.taken += 1
        return book_meeting(
            mentor_id=self.mentor.user.pk,
            learner=self.learner,
            subject=self.dice.choice(SUBJECTS),
            start=MONDAY + timedelta(days=10, hours=3 * self.taken),
            duration=60,
        )

    def book(self) -> None:
        if len(self.meetings()) < 2:
            self._booked()

    def reschedule(self) -> None:
        """Move it to one of few times, so that it may return to an earlier one."""
        to = MONDAY + timedelta(days=12, hours=2 * self.dice.randrange(3))
        lifecycle.reschedule(self._any_meeting(), to=to, by=self._somebody())

    def edit(self) -> None:
        texts.edit(self._any_meeting(), by=self._somebody(), subject=self.dice.choice(SUBJECTS))

    def cancel(self) -> None:
        lifecycle.cancel(self._any_meeting(), by=self._somebody())

    def sweep(self) -> None:
        bring_calendars_up(timezone.now())

    def land(self) -> None:
        self.google.land()

    def settle(self) -> None:
        self.account.settle_conferences()

    def touch(self) -> None:
        """A guest answers the invitation, which gives the event a new etag in Google."""
        for uid in self.account.events:
            self.account.answer(uid)

    def erase(self) -> None:
        """The mentor deletes the event by hand, and then changes the meeting here.

        Only a change makes the site restore the event, so it is repeated if it is killed.
        """
        meeting = self._any_meeting()
        self.account.erase(meeting.calendar_uid)
        try:
            self._call_it_anew(meeting)
        except Killed:
            self.log.append("  killed")
            self._call_it_anew(Meeting.objects.get(pk=meeting.pk))

    def _call_it_anew(self, meeting: Meeting) -> None:
        """Unlike the same text again, this is a change."""
        subject = f"{self.dice.choice(SUBJECTS)} {len(self.log)}"
        texts.edit(meeting, by=self.mentor.user, subject=subject)

    def fault(self) -> None:
        """Let the next calls fail in random ways."""
        if self.dice.random() < 0.1:
            self._expect("token", self._bad_token())
        for _number in range(self.dice.choice([1, 1, 2, 3])):
            self._expect("events.*", self._bad_answer())

    def _expect(self, operation: str, fault: Fault) -> None:
        self.google.faults.add(operation, fault)
        self.log.append(f"  {operation}: {fault.kind} {fault.status} {fault.reason}")

    def _bad_token(self) -> Fault:
        kinds: tuple[Kind, ...] = ("answer", "drop_before", "reset_after")
        reason = self.dice.choice(["invalid_grant", "invalid_request"])
        return Fault(self.dice.choice(kinds), 400, reason)

    def _bad_answer(self) -> Fault:
        kind = self.dice.choice(["answer", "broken", "broken", "conference", "meanwhile"])
        if kind == "answer":
            status, reason, headers = self.dice.choice(ANSWERS)
            return Fault("answer", status, reason, headers=headers)
        if kind == "conference":
            return Fault("conference", conference=self.dice.choice(["pending", "failure"]))
        if kind == "meanwhile":
            when: Kind = self.dice.choice(["meanwhile_before", "meanwhile_after"])
            return Fault(when, act=self._meanwhile)
        return Fault(self.dice.choice(BROKEN))

    def _meanwhile(self) -> None:
        """Act as another process while this one waits for Google, perhaps for long."""
        if self.is_nested:
            return
        self.is_nested = True
        if self.dice.random() < 0.5:
            self.clock.shift(61)
        steps = [self.sweep, self.sweep, self.reschedule, self.edit, self.cancel, self.land]
        step = self.dice.choice(steps)
        self.log.append("  meanwhile:")
        assert run_bounded(lambda: self._do(step), wait=timedelta(seconds=60))
        self.is_nested = False

    def _connect(self, email: str, token: str) -> CalendarConnection:
        connection = CalendarConnection(
            user=self.mentor.user,
            google_id=f"sub-{email}",
            google_email=email,
            connected_at=timezone.now(),
        )
        connection.refresh_token = token
        connection.save()
        return connection

    def _make_peace(self) -> None:
        """End all faults, do what the site asks of people, and run the worker a few times."""
        self.google.faults.clear()
        if self.dice.random() < 0.5:
            self.google.land()
        for _round in range(10):
            if not self._behind().exists():
                break
            self.clock.shift(LONG)
            self.renew()
            self.settle()
            self._do(self.sweep)
        # Delayed requests arrive last, when no worker runs any more.
        self.google.land()

    def _behind(self) -> Any:
        return self._events().behind()

    def _events(self) -> Any:
        return CalendarEvent.objects.filter(meeting__mentor=self.mentor.pk)

    def renew(self) -> None:
        """The owner connects again, and staff retry the parked events."""
        broken = CalendarConnection.objects.filter(pk=self.mentor.pk, broken_at__isnull=False)
        broken.update(broken_at=None, connected_at=timezone.now())
        parked = self._behind().filter(due_at=None).exclude(error="")
        CalendarEvent.objects.filter(pk__in=list(parked.values_list("pk", flat=True))).update(
            due_at=timezone.now()
        )

    def complaints(self) -> list[str]:
        """All violations as texts; empty if everything is correct."""
        wrong = [f"{each} is behind: {each.error}" for each in self._behind()]
        wrong += [f"{each} is leased" for each in self._events().filter(lease__isnull=False)]
        due = self._events().filter(due_at__isnull=False, synced=F("sequence"))
        wrong += [f"{each} is due and not behind" for each in due]
        live = {event["id"]: event for event in self.account.live()}
        for meeting in self.meetings():
            event = live.pop(meeting.calendar_uid, None)
            wrong += [f"{meeting.pk}: {each}" for each in self._differences(meeting, event)]
        wrong += [f"{uid} is nobody's" for uid in live]
        invited = [mail.event_id for mail in self.account.mails if mail.kind == "invitation"]
        wrong += [f"{uid} invited twice" for uid in {*invited} if invited.count(uid) > 1]
        return wrong

    def _differences(self, meeting: Meeting, event: dict[str, Any] | None) -> list[str]:
        if not meeting.is_active:
            left = ["is cancelled, and its event lives"] if event else []
            return left + (["is cancelled, and has a room"] if meeting.meeting_link else [])
        kept = meeting.calendar_event
        if kept.home == LOCAL and self.home != PLATFORM:
            # It was booked while the connection was broken.
            return ["has an event elsewhere"] if event else []
        if event is None:
            return ["has no event"]
        pairs = {
            "subject": (meeting.subject, event["summary"]),
            "start": (f"{meeting.scheduled_at:%Y-%m-%dT%H:%M:%SZ}", event["start"]["dateTime"]),
            "end": (f"{meeting.ends_at:%Y-%m-%dT%H:%M:%SZ}", event["end"]["dateTime"]),
            "room": (meeting.meeting_link, event.get("hangoutLink", "")),
            "home": (kept.home, self.home),
            "event": (kept.external_id, event["id"]),
        }
        wrong = [
            f"{name}: {ours} / {theirs}" for name, (ours, theirs) in pairs.items() if ours != theirs
        ]
        return wrong + ([] if meeting.meeting_link else ["has no room"])
