"""The calendar's side of a meeting: made to match, whatever happened."""

import logging
import uuid
from copy import copy
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import MentorProfile, User
from meetings.calendars.external_busy import read_again
from meetings.calendars.homes import calendar_at, home_for, is_working, mark_broken
from meetings.domain.policy import Status
from meetings.integrations.background import run_bounded
from meetings.integrations.calendar import (
    CalendarError,
    Event,
    Link,
    Person,
    calendar_backend,
)
from meetings.models import CalendarEvent, Meeting
from meetings.models.calendar_event import CalendarEventQuerySet
from meetings.models.claims import LEASE, backoff

logger = logging.getLogger(__name__)

# Each wait is a quarter of all that went before it: after ten minutes of trouble the next try is
# within four, and after a day it is one in an hour.
FIRST_RETRY = timedelta(seconds=30)
GROWTH = 1.25
LONGEST_RETRY = timedelta(hours=1)
# For each call of the calendar, of which one try makes several.
WORKER_TIMEOUT = timedelta(seconds=10)
# How often in a row an event is tried whose meeting changes all the while; then others have their
# turn.
ROUNDS = 3


def plan_event(meeting: Meeting) -> None:
    """Choose where the event of a new meeting lives, before the meeting is stored.

    Where nothing is kept, the room follows from the meeting and is stored with it. Elsewhere this
    process claims the event, if a page may still wait for it, and bring_up() makes it.
    """
    event = meeting.planned_event = CalendarEvent(sequence=1)
    event.home = home = home_for(meeting.mentor)
    if home.keeps_nothing:
        event.synced = 1
        link = calendar_backend().put(event_of(meeting, event), timeout=WORKER_TIMEOUT)
        event.external_id = link.event_id
        meeting.meeting_link, meeting.link_provider = link.url, link.provider
        return
    now = timezone.now()
    event.due_at = now
    if time_left(meeting):
        event.lease = event.due_at = now + LEASE


def room_now(meeting: Meeting) -> dict[str, str]:
    """The room to store with a change of the meeting, where it follows from the meeting and is
    another one by now, since the mentor has named another; else nothing."""
    event = meeting.calendar_event
    if not event.follows_by_itself:
        return {}
    link = calendar_backend().put(event_of(meeting, event), timeout=WORKER_TIMEOUT)
    if link.url == meeting.meeting_link:
        return {}
    return {"meeting_link": link.url, "link_provider": link.provider}


def event_of(meeting: Meeting, event: CalendarEvent) -> Event:
    """What a calendar should show of the meeting, which comes with its people."""
    profile: MentorProfile | None = getattr(meeting.mentor, "mentor_profile", None)
    return Event(
        uid=meeting.calendar_uid,
        sequence=event.version,
        summary=meeting.subject,
        description=meeting.description,
        start=meeting.scheduled_at,
        end=meeting.ends_at,
        organizer=_person(meeting.mentor),
        attendees=[_person(each) for each in (meeting.mentor, meeting.learner)],
        room_url=profile.room_url if profile else "",
        page_url=f"{settings.SITE_URL}{meeting.get_absolute_url()}",
        is_new=not event.external_id,
    )


def time_left(meeting: Meeting) -> timedelta:
    """How long a page may still wait for calendars; zero leaves the rest to the worker."""
    wait: timedelta = settings.CALENDAR_WAIT
    return max(wait - meeting.waited, timedelta())


def bring_up(meeting: Meeting) -> None:
    """Try once, for as long as a page may wait, to make the event match; the worker does the rest.

    Called after the commit of a change. What came of it in time is on the meeting afterwards.
    """
    event, wait = meeting.calendar_event, time_left(meeting)
    claimed = _claimed_with(meeting)
    meeting.waited = timedelta()
    if not wait:
        return
    begun: list[bool] = []
    done: list[CalendarEvent] = []

    def work() -> None:
        begun.append(True)
        done.append(match(event.pk, timeout=wait, claimed=claimed))

    if (event.home or home_for(meeting.mentor)).is_local:
        work()
    else:
        run_bounded(work, wait=wait)
    if claimed and not begun:
        # All who could do it wait for calendars: the worker need not wait for the lease to end.
        _give_back(claimed)
    if done:
        after = done[0]
        meeting.meeting_link = after.meeting.meeting_link
        meeting.link_provider = after.meeting.link_provider
        after.meeting = meeting


def match(
    pk: uuid.UUID,
    *,
    timeout: timedelta = WORKER_TIMEOUT,
    claimed: CalendarEvent | None = None,
) -> CalendarEvent:
    """Make this event match its meeting as it is now; returns it as it is in the end.

    Only one process works on an event at a time; claimed: the event, if this process has the claim
    on it already. What cannot be done now is due again later; nothing is raised but by a bug.
    """
    for _round in range(ROUNDS):
        event = claimed or _claim(pk)
        if event is None:
            break
        if _try(event, timeout):
            return event
        # The meeting has changed meanwhile, so that what was done may be wrong by now.
        _give_back(event)
        claimed = None
    return CalendarEvent.objects.with_meeting().get(pk=pk)


def _person(user: User) -> Person:
    return Person(user.name, user.email)


def _claimed_with(meeting: Meeting) -> CalendarEvent | None:
    """The event that this process has claimed with the INSERT of the meeting, once; None for any
    other: the lease of a row that was read is somebody else's.

    A copy, since who works on it may go on after the page has gone on.
    """
    event, planned = meeting.calendar_event, meeting.planned_event
    meeting.planned_event = None
    if event is not planned or event.lease is None:
        return None
    own = copy(event)
    own.meeting = copy(meeting)
    return own


def _claim(pk: uuid.UUID) -> CalendarEvent | None:
    """The event, for this process alone, and settled where it lives before it is made; None if
    there is nothing to do, or somebody does it."""
    lease = CalendarEvent.objects.filter(pk=pk).behind().claim(timezone.now())
    if lease is None:
        return None
    # Who was so slow that another one has taken it over since has nothing to do either.
    held = CalendarEvent.objects.filter(pk=pk).claimed_until(lease)
    event: CalendarEvent | None = held.with_meeting().first()
    if event is not None and event.home is None:
        event.home = home_for(event.meeting.mentor)
        if not held.update(provider=event.provider, account=event.account):
            return None
    return event


def _give_back(event: CalendarEvent) -> None:
    """Let anybody take it at once."""
    _held(event).update(lease=None, due_at=timezone.now())


def _held(event: CalendarEvent) -> CalendarEventQuerySet:
    """The row, as long as nobody else has taken it over from a process that was too slow."""
    assert event.lease is not None
    return CalendarEvent.objects.filter(pk=event.pk).claimed_until(event.lease)


def _try(event: CalendarEvent, timeout: timedelta) -> bool:
    """Do what is to be done and mark it; False if the meeting has changed meanwhile."""
    try:
        link = _put_or_delete(event, timeout)
    except CalendarError as error:
        return _mark_failed(event, error)
    is_marked = _mark_done(event, link)
    meeting = event.meeting
    # What was read of a calendar before a change may show the event where it was.
    if event.sequence > 1 and not (event.home and event.home.is_local):
        read_again([meeting.mentor_id, meeting.learner_id])
    return is_marked


def _put_or_delete(event: CalendarEvent, timeout: timedelta) -> Link | None:
    assert event.home is not None
    backend = calendar_at(event.home)
    if event.meeting.status == Status.CANCELLED:
        backend.delete(event.meeting.calendar_uid, timeout=timeout)
        return None
    return backend.put(event_of(event.meeting, event), timeout=timeout)


def _mark_done(event: CalendarEvent, link: Link | None) -> bool:
    """Store what the calendar gave.

    While the room is still being made the event stays behind, to be looked at again, soon at
    first. A cancelled meeting keeps no room, since nobody is to meet there.
    """
    meeting, wait = event.meeting, link.ask_again if link else None
    meeting.meeting_link = link.url if link else ""
    meeting.link_provider = link.provider if link else ""
    values = {
        "synced": event.sequence - 1 if wait else event.sequence,
        "due_at": timezone.now() + _backoff(event, wait) if wait else None,
        "lease": None,
        "tries": event.tries + 1 if wait else 0,
        "error": "",
        "external_id": link.event_id if link else event.external_id,
    }
    # In the order in which the meeting's own changes lock these rows.
    with transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).update(
            meeting_link=meeting.meeting_link, link_provider=meeting.link_provider
        )
        marked = _held(event).filter(sequence=event.sequence).update(**values)
        if not marked:
            transaction.set_rollback(True)
    if marked:
        vars(event).update(values)
    return bool(marked)


def _mark_failed(event: CalendarEvent, error: CalendarError) -> bool:
    """Try again later; not before somebody has done something about it where that is needed.

    False, and nothing is put off, if the meeting has changed meanwhile: that may help.
    """
    logger.warning("calendar of meeting %s not matched: %s", event.meeting_id, error)
    home, lease, now = event.home, event.lease, timezone.now()
    assert home is not None
    assert lease is not None
    needs_owner = error.is_revoked and home.is_connected
    if needs_owner:
        mark_broken(home, before=lease - LEASE)
    is_parked = error.is_permanent or needs_owner
    wait = None if is_parked else error.retry_after or _backoff(event, FIRST_RETRY)
    seen = _held(event).filter(sequence=event.sequence)
    marked = seen.mark_failed(str(error), wait=wait, now=now)
    if not marked:
        return False
    if needs_owner and is_working(home):
        # The owner has renewed it meanwhile, and what waits was called before this one waited.
        waiting = CalendarEvent.objects.filter(pk=event.pk, due_at=None).behind()
        waiting.update(due_at=timezone.now())
    event.error, event.lease = str(error)[:300], None
    return True


def _backoff(event: CalendarEvent, first: timedelta) -> timedelta:
    """How long to wait after so many tries, first after the first one."""
    return backoff(event.tries, first=first, growth=GROWTH, longest=LONGEST_RETRY)
