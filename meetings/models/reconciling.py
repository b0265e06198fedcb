"""Holding what Google really has against the meetings, and making the two agree again."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography.fernet import InvalidToken
from django.db.models import F

from accounts.models import CalendarConnection
from meetings.domain.grid import Interval
from meetings.domain.policy import Status
from meetings.models.calendar import WORKER_TIMEOUT
from meetings.models.home import CONNECTED, PLATFORM, account_of, calendar_at, home_of
from meetings.models.meeting import Meeting
from meetings.models.queries import MeetingQuerySet
from meetings.services.calendar import CalendarError
from meetings.services.google.account import GoogleAccount, platform_account
from meetings.services.google.listing import Listed, our_events

# How many meetings one query looks up.
CHUNK = 500


class Kind(StrEnum):
    """missing: the meeting has no event. different: it has, but not as it should be. surplus: the
    meeting is cancelled. stray: a second event of a meeting. unknown: of a meeting that is not
    here, such as another site's that shares the account."""

    MISSING = "missing"
    DIFFERENT = "different"
    SURPLUS = "surplus"
    STRAY = "stray"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """One thing that does not agree in the calendar of that home. sequence: the latest state of
    the meeting that the event has seen."""

    kind: Kind
    home: str
    event_id: str
    meeting: Meeting | None
    detail: str = ""
    sequence: int = -1


@dataclass(frozen=True)
class Comparison:
    """What was found in one calendar. error: why it could not be listed, and so not compared."""

    home: str
    listed: int = 0
    findings: tuple[Finding, ...] = ()
    error: str = ""


def compare_calendars(window: Interval) -> Iterator[Comparison]:
    """The calendars of the platform and of every working connection, one after the other."""
    if (platform := platform_account()) is not None:
        yield _compare(PLATFORM, platform, window)
    for connection in CalendarConnection.objects.working().order_by("pk"):
        home = home_of(connection)
        try:
            account = account_of(connection)
        except InvalidToken:
            yield Comparison(home, error="no key of ENCRYPTION_KEYS fits the stored token")
        else:
            yield _compare(home, account, window)


def out_of_reach(window: Interval) -> int:
    """How many meetings in window live in a calendar that is not connected any more."""
    working = [home_of(each) for each in CalendarConnection.objects.working()]
    if platform_account() is not None:
        working.append(PLATFORM)
    wanted = _wanted(window)
    lost = wanted.filter(calendar_home__startswith=CONNECTED) | wanted.filter(
        calendar_home=PLATFORM
    )
    return lost.exclude(calendar_home__in=working).count()


def repair(finding: Finding, *, now: datetime, is_unknown_ours: bool = False) -> bool | None:
    """Make it agree; whether it does now. None for what is only reported.

    is_unknown_ours: also delete events of meetings that are not here.
    """
    if finding.kind in (Kind.MISSING, Kind.DIFFERENT) and finding.meeting is not None:
        rows = Meeting.objects.filter(pk=finding.meeting.pk)
        # Only a site that was put back to an older copy finds that it counts behind its calendar.
        rows.filter(calendar_revision__lte=finding.sequence).update(
            calendar_revision=finding.sequence + 1
        )
        # Behind again, without a new revision: those are counted by the verbs alone.
        rows.update(calendar_synced=F("calendar_revision") - 1, calendar_due_at=now)
        return finding.meeting.match_calendar()
    if finding.kind == Kind.SURPLUS and finding.meeting is not None:
        return _delete(finding)
    if finding.kind == Kind.UNKNOWN and is_unknown_ours:
        return _delete(finding)
    return None


def _delete(finding: Finding) -> bool:
    try:
        calendar_at(finding.home).delete(finding.event_id, timeout=WORKER_TIMEOUT)
    except CalendarError:
        return False
    return True


def _compare(home: str, account: GoogleAccount, window: Interval) -> Comparison:
    """Google is asked before the database, so that a meeting whose event is listed is seen."""
    try:
        listed = our_events(account, window, timeout=WORKER_TIMEOUT)
    except CalendarError as error:
        return Comparison(home, error=str(error))
    wanted = {each.calendar_uid: each for each in _wanted(window).filter(calendar_home=home)}
    others = _meetings(each.uid for each in listed if each.uid not in wanted)
    there = {each.event_id: each for each in listed}
    missing = [
        Finding(Kind.MISSING, home, uid, meeting)
        for uid, meeting in wanted.items()
        if uid not in there and not meeting.is_calendar_behind
    ]
    judged = (_judge(home, each, wanted.get(each.uid) or others.get(each.uid)) for each in listed)
    return Comparison(home, len(listed), (*missing, *(each for each in judged if each)))


def _judge(home: str, listed: Listed, meeting: Meeting | None) -> Finding | None:
    """What is wrong with an event that is there; None if nothing is, or soon will not be."""
    if meeting is None:
        return Finding(Kind.UNKNOWN, home, listed.event_id, None, listed.start)
    if listed.event_id != meeting.calendar_uid or meeting.calendar_home != home:
        return Finding(Kind.STRAY, home, listed.event_id, meeting, listed.start)
    is_ahead = listed.sequence >= max(meeting.calendar_revision, 1)
    if meeting.is_calendar_behind and not is_ahead:
        return None
    event = meeting.calendar_event()
    if event is None:
        return Finding(Kind.SURPLUS, home, listed.event_id, meeting, listed.start)
    if differences := listed.differences(event):
        detail = ", ".join(differences) + ("; a later state than here" if is_ahead else "")
        return Finding(
            Kind.DIFFERENT, home, listed.event_id, meeting, detail, sequence=listed.sequence
        )
    return None


def _wanted(window: Interval) -> MeetingQuerySet:
    """Meetings in window that are to have an event, with their people."""
    during = Meeting.objects.filter(scheduled_at__lt=window.end, ends_at__gt=window.start)
    return during.exclude(status=Status.CANCELLED).select_related("mentor", "learner")


def _meetings(uids: Iterable[str]) -> dict[str, Meeting]:
    """`{calendar_uid: meeting}` of those that exist."""
    ids = sorted({found for uid in uids if (found := _id_of(uid)) is not None})
    rows = Meeting.objects.select_related("mentor", "learner")
    return {
        each.calendar_uid: each
        for start in range(0, len(ids), CHUNK)
        for each in rows.filter(pk__in=ids[start : start + CHUNK])
    }


def _id_of(uid: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(hex=uid)
    except ValueError:
        return None
