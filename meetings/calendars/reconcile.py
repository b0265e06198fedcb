"""Comparing the events that Google has with the meetings, and repairing the differences."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import F

from accounts.models import CalendarConnection
from meetings.calendars.homes import PLATFORM, account_of, calendar_at, home_of
from meetings.calendars.sync import WORKER_TIMEOUT, event_of, sync_event
from meetings.domain.grid import Interval
from meetings.domain.policy import Status
from meetings.integrations.calendar import CalendarError
from meetings.integrations.google.account import GoogleAccount, platform_account
from meetings.integrations.google.listing import Listed, our_events
from meetings.models import CalendarEvent
from meetings.models.calendar_event import CalendarEventQuerySet, CalendarHome

# How many events one query looks up.
CHUNK = 500


class Kind(StrEnum):
    """missing: the meeting has no event. different: its event does not match. surplus: the meeting
    is cancelled. stray: a second event of a meeting. unknown: its meeting is not in this database,
    such as one of another site that shares the account."""

    MISSING = "missing"
    DIFFERENT = "different"
    SURPLUS = "surplus"
    STRAY = "stray"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """One difference in that calendar. event: our row with its meeting, if there is one. sequence:
    the version of the meeting that the calendar has; -1 if it does not matter."""

    kind: Kind
    home: CalendarHome
    event_id: str
    event: CalendarEvent | None
    detail: str = ""
    sequence: int = -1


@dataclass(frozen=True)
class Comparison:
    """What was found in one calendar. error: why it could not be listed, and so not compared."""

    home: CalendarHome
    listed: int = 0
    findings: tuple[Finding, ...] = ()
    error: str = ""


def compare_calendars(window: Interval) -> Iterator[Comparison]:
    """Compare the platform's calendar and those of all working connections, one by one."""
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
    lost = _wanted(window).outside()
    for home in working:
        lost = lost.exclude(provider=home.provider, account=home.account)
    return lost.count()


def repair(finding: Finding, *, now: datetime, is_unknown_ours: bool = False) -> bool | None:
    """Repair a difference; returns whether that worked, None if the kind is only reported.

    is_unknown_ours: also delete events of meetings that are not here.
    """
    if finding.kind in (Kind.MISSING, Kind.DIFFERENT) and finding.event is not None:
        rows = CalendarEvent.objects.filter(pk=finding.event.pk)
        with transaction.atomic():
            # Only a site restored from an older copy can have a lower sequence than its calendar.
            rows.filter(sequence__lte=finding.sequence).update(sequence=finding.sequence + 1)
            # Mark it as behind by lowering synced: only changes of the meeting raise sequence.
            rows.update(synced=F("sequence") - 1, due_at=now)
        return not sync_event(finding.event.pk).is_behind
    if finding.kind == Kind.SURPLUS and finding.event is not None:
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


def _compare(home: CalendarHome, account: GoogleAccount, window: Interval) -> Comparison:
    """Compare one calendar. Google is read first, so that each listed event's meeting is found."""
    try:
        listed = our_events(account, window, timeout=WORKER_TIMEOUT)
    except CalendarError as error:
        return Comparison(home, error=str(error))
    wanted = {each.meeting.calendar_uid: each for each in _wanted(window).at(home)}
    others = _events(each.uid for each in listed if each.uid not in wanted)
    there = {each.event_id: each for each in listed}
    missing = [
        Finding(Kind.MISSING, home, uid, event)
        for uid, event in wanted.items()
        if uid not in there and not event.is_behind
    ]
    judged = (_judge(home, each, wanted.get(each.uid) or others.get(each.uid)) for each in listed)
    return Comparison(home, len(listed), (*missing, *(each for each in judged if each)))


def _judge(home: CalendarHome, listed: Listed, ours: CalendarEvent | None) -> Finding | None:
    """What is wrong with a listed event; None if nothing is, or the worker will repair it."""
    if ours is None:
        return Finding(Kind.UNKNOWN, home, listed.event_id, None, listed.start)
    if listed.event_id != ours.meeting.calendar_uid or ours.home != home:
        return Finding(Kind.STRAY, home, listed.event_id, ours, listed.start)
    is_ahead = listed.sequence >= max(ours.sequence, 1)
    if ours.is_behind and not is_ahead:
        return None
    if ours.meeting.status == Status.CANCELLED:
        return Finding(Kind.SURPLUS, home, listed.event_id, ours, listed.start)
    if differences := listed.differences(event_of(ours.meeting, ours)):
        detail = ", ".join(differences) + ("; a later state than here" if is_ahead else "")
        return Finding(
            Kind.DIFFERENT, home, listed.event_id, ours, detail, sequence=listed.sequence
        )
    return None


def _wanted(window: Interval) -> CalendarEventQuerySet:
    """The events that should exist in window, with their meetings."""
    events: CalendarEventQuerySet = CalendarEvent.objects.with_meeting().filter(
        meeting__scheduled_at__lt=window.end, meeting__ends_at__gt=window.start
    )
    return events.exclude(meeting__status=Status.CANCELLED)


def _events(uids: Iterable[str]) -> dict[str, CalendarEvent]:
    """`{calendar_uid: event}` of those whose meeting exists."""
    ids = sorted({found for uid in uids if (found := _id_of(uid)) is not None})
    rows = CalendarEvent.objects.with_meeting()
    return {
        each.meeting.calendar_uid: each
        for start in range(0, len(ids), CHUNK)
        for each in rows.filter(meeting__in=ids[start : start + CHUNK])
    }


def _id_of(uid: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(hex=uid)
    except ValueError:
        return None
