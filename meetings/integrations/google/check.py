"""A check of the platform's Google account with real requests, step by step."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import requests
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from googleapiclient.errors import HttpError

from meetings.domain.grid import Interval
from meetings.integrations.calendar import CalendarError, Event, Person
from meetings.integrations.google.account import GoogleAccount
from meetings.integrations.google.backend import GoogleCalendar
from meetings.integrations.google.errors import reason_of
from meetings.integrations.google.listing import our_events

TIMEOUT = timedelta(seconds=5)
# Google refuses signatures and timestamps of a clock that is further off.
CLOCK_TOLERANCE = timedelta(minutes=5)
# So far ahead that the test event is in nobody's way.
FAR_AHEAD = timedelta(days=3650)
DISABLED = {"accessNotConfigured", "SERVICE_DISABLED"}


class Outcome(StrEnum):
    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Step:
    """One step of the check and its outcome. cure: what to do about a failure."""

    title: str
    outcome: Outcome
    detail: str = ""
    cure: str = ""


class StepFailed(Exception):
    def __init__(self, detail: str, cure: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.cure = cure


def check(now: datetime) -> list[Step]:
    """Run all steps in order; after the first that fails, the others are skipped.

    The test event has no guests and is deleted again.
    """
    trial = Trial(now)
    steps: list[Step] = []
    has_failed = False
    for title, attempt in trial.attempts():
        if has_failed:
            steps.append(Step(str(title), Outcome.SKIPPED))
            continue
        try:
            steps.append(Step(str(title), Outcome.OK, attempt()))
        except StepFailed as failure:
            has_failed = True
            steps.append(Step(str(title), Outcome.FAILED, failure.detail, failure.cure))
    return steps


class Trial:
    """One run at now. Each attempt returns what it found, or raises StepFailed."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.answer: dict[str, Any] = {}
        self.date = ""
        account = GoogleAccount("check", settings.GOOGLE_REFRESH_TOKEN)
        self.account = account
        self.calendar = GoogleCalendar(account)

    def attempts(self) -> list[tuple[Promise, Callable[[], str]]]:
        return [
            (gettext_lazy("Settings"), self.find_settings),
            (gettext_lazy("Google is reached"), self.reach_google),
            (gettext_lazy("Clock"), self.compare_clocks),
            (gettext_lazy("Access"), self.look_at_access),
            (gettext_lazy("Scopes"), self.look_at_scopes),
            (gettext_lazy("Google Calendar API"), self.list_events),
            (gettext_lazy("Event with a Meet room"), self.keep_an_event),
            (gettext_lazy("Busy times"), self.read_busy_times),
        ]

    def find_settings(self) -> str:
        names = ("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "GOOGLE_REFRESH_TOKEN")
        missing = [name for name in names if not getattr(settings, name)]
        if missing == ["GOOGLE_REFRESH_TOKEN"]:
            raise StepFailed(
                _("GOOGLE_REFRESH_TOKEN is empty."),
                _(
                    "`manage.py google_token` makes one. Without it, only meetings of mentors who "
                    "have connected their own calendar are on Google Meet."
                ),
            )
        if missing:
            raise StepFailed(
                _("Not set: %(names)s.") % {"names": ", ".join(missing)},
                _("Make an OAuth client and put these into .env; docs/google.md tells how."),
            )
        return _("%(names)s are set.") % {"names": ", ".join(names)}

    def reach_google(self) -> str:
        """Request an access token; the next steps check the response."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": settings.GOOGLE_REFRESH_TOKEN,
            "client_id": settings.GOOGLE_CLIENT_ID,
            "client_secret": settings.GOOGLE_CLIENT_SECRET,
        }
        try:
            answer = requests.post(
                settings.GOOGLE_TOKEN_URI, data=form, timeout=TIMEOUT.total_seconds()
            )
            self.answer = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise StepFailed(
                _("%(address)s did not answer as Google does (%(error)s).")
                % {"address": settings.GOOGLE_TOKEN_URI, "error": type(error).__name__},
                _("See that this machine may reach it: DNS, firewall, proxy."),
            ) from error
        self.date = answer.headers.get("Date", "")
        return settings.GOOGLE_TOKEN_URI

    def compare_clocks(self) -> str:
        try:
            ahead = self.now - parsedate_to_datetime(self.date).astimezone(UTC)
        except ValueError:
            return _("Google did not say what time it is.")
        seconds = round(ahead.total_seconds())
        if abs(ahead) > CLOCK_TOLERANCE:
            raise StepFailed(
                _("This machine's clock is %(n)s s off.") % {"n": seconds},
                _("Let it keep time by NTP, for example with systemd-timesyncd or chrony."),
            )
        return _("Right within %(n)s s.") % {"n": int(CLOCK_TOLERANCE.total_seconds())}

    def look_at_access(self) -> str:
        if "access_token" in self.answer:
            return _("Google has given an access token.")
        error = str(self.answer.get("error", ""))
        cures = {
            "invalid_grant": _(
                "The consent has ended: it was taken back, the password has changed, or it was not "
                "used for six months. While the consent screen is in Testing, refresh tokens die "
                "after 7 days: publish it. Then `manage.py google_token` makes a new one."
            ),
            "invalid_client": _(
                "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET are not those of one OAuth client that "
                "exists. Copy both again from the Google Cloud console, under Credentials."
            ),
            "unauthorized_client": _(
                "The refresh token was made for another OAuth client. `manage.py google_token` "
                "makes one for this."
            ),
        }
        raise StepFailed(
            _("Google answered: %(error)s.") % {"error": error or _("nothing of use")},
            cures.get(error, _("Try again in some minutes; docs/google.md has more.")),
        )

    def look_at_scopes(self) -> str:
        granted = str(self.answer.get("scope", "")).split()
        missing = [scope for scope in settings.GOOGLE_SCOPES if scope not in granted]
        if missing:
            raise StepFailed(
                _("Not granted: %(scopes)s.") % {"scopes": ", ".join(missing)},
                _("Run `manage.py google_token` again, and tick every box at Google."),
            )
        return _("All that is needed is granted.")

    def list_events(self) -> str:
        self._try(lambda: our_events(self.account, self._window(), timeout=TIMEOUT))
        return _("It is enabled and answers.")

    def keep_an_event(self) -> str:
        """Create and delete an event with the code that meetings use. A failed try may have
        created it all the same, so it is always deleted."""
        event = self._event()
        try:
            link = self._try(lambda: self.calendar.put(event, timeout=TIMEOUT))
            if not link.url:
                again = Event(**{**vars(event), "is_new": False})
                link = self._try(lambda: self.calendar.put(again, timeout=TIMEOUT))
        finally:
            self._try(lambda: self.calendar.delete(event.uid, timeout=TIMEOUT))
        if not link.url:
            return _("An event was made and deleted; its Meet room takes a while.")
        return _("An event was made, with its room on Google Meet, and deleted.")

    def read_busy_times(self) -> str:
        self._try(lambda: self.calendar.busy(self._window(), timeout=TIMEOUT))
        return _("They can be read.")

    def _try(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except CalendarError as error:
            raise StepFailed(str(error), _cure(error)) from error

    def _window(self) -> Interval:
        start = (self.now + FAR_AHEAD).replace(minute=0, second=0, microsecond=0)
        return Interval(start, start + timedelta(hours=1))

    def _event(self) -> Event:
        window = self._window()
        nobody = Person("", "")
        return Event(
            uid=uuid.uuid4().hex,
            sequence=0,
            summary=pgettext("calendar event", "Test, deleted at once"),
            description="",
            start=window.start,
            end=window.end,
            organizer=nobody,
            attendees=(),
            room_url="",
            page_url=settings.SITE_URL,
        )


def _cure(error: CalendarError) -> str:
    cause = error.__cause__
    if isinstance(cause, HttpError):
        if reason_of(cause) in DISABLED:
            return _(
                "Enable the Google Calendar API for the project of the OAuth client, in the Google "
                "Cloud console under APIs & Services. It takes some minutes to have effect."
            )
        if int(cause.resp.status) == HTTPStatus.FORBIDDEN and error.is_permanent:
            return _(
                "The account may not do this. Run `manage.py google_token` again with an account "
                "that has a calendar of its own, and tick every box."
            )
    if error.is_permanent or error.is_revoked:
        return _("Google refuses it. docs/google.md goes through the set-up step by step.")
    return _("This passes: try again in some minutes. Meetings follow by themselves.")
