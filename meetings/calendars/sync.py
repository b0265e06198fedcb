"""Making calendar events match their meetings, with retries until they do."""

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

# Each wait is about a quarter of all waits before it: after ten minutes of failures the next try is
# within four, and after a day there is one try an hour.
FIRST_RETRY = timedelta(seconds=30)
GROWTH = 1.25
LONGEST_RETRY = timedelta(hours=1)
# The timeout of each request to a calendar; one try makes several requests.
WORKER_TIMEOUT = timedelta(seconds=10)
# Tries in a row of an event whose meeting keeps changing; after that, others have their turn.
ROUNDS = 3


def plan_event(meeting: Meeting) -> None:
    """Choose the calendar of a new meeting's event, before the meeting is stored.

    If that calendar keeps nothing, the room is computed and stored with the meeting. Otherwise
    this process claims the event, if a page may still wait for it, and sync_now() creates it.
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
    """The fields of a new room, to store with a change of the meeting: if the room is computed,
    and the mentor has entered another since. Empty otherwise."""
    event = meeting.calendar_event
    if not event.follows_by_itself:
        return {}
    link = calendar_backend().put(event_of(meeting, event), timeout=WORKER_TIMEOUT)
    if link.url == meeting.meeting_link:
        return {}
    return {"meeting_link": link.url, "link_provider": link.provider}


def event_of(meeting: Meeting, event: CalendarEvent) -> Event:
    """The event that a calendar should show of the meeting, which comes with its people."""
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


def sync_now(meeting: Meeting) -> None:
    """Try once, for as long as a page may wait, to make the event match; the worker retries.

    Called after the commit of a change. A room that arrives in time is set on the meeting.
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
        done.append(sync_event(event.pk, timeout=wait, claimed=claimed))

    if (event.home or home_for(meeting.mentor)).is_local:
        work()
    else:
        run_bounded(work, wait=wait)
    if claimed and not begun:
        # No thread was free. Release the lease, so that the worker need not wait for its end.
        _give_back(claimed)
    if done:
        after = done[0]
        meeting.meeting_link = after.meeting.meeting_link
        meeting.link_provider = after.meeting.link_provider
        after.meeting = meeting


def sync_event(
    pk: uuid.UUID,
    *,
    timeout: timedelta = WORKER_TIMEOUT,
    claimed: CalendarEvent | None = None,
) -> CalendarEvent:
    """Make this event match its meeting as it is now; returns the event afterwards.

    Only one process works on an event at a time. claimed: the event, if this process already has
    its lease. A CalendarError is not raised: the event is due again later.
    """
    for _round in range(ROUNDS):
        event = claimed or _claim(pk)
        if event is None:
            break
        if _try(event, timeout):
            return event
        # The meeting has changed meanwhile, so the event may be out of date again.
        _give_back(event)
        claimed = None
    return CalendarEvent.objects.with_meeting().get(pk=pk)


def _person(user: User) -> Person:
    return Person(user.name, user.email)


def _claimed_with(meeting: Meeting) -> CalendarEvent | None:
    """The event that this process claimed when it inserted the meeting; None if called again, and
    for any other event: a lease read from the database belongs to another process.

    It is a copy, since the thread that works on it may outlast the page.
    """
    event, planned = meeting.calendar_event, meeting.planned_event
    meeting.planned_event = None
    if event is not planned or event.lease is None:
        return None
    own = copy(event)
    own.meeting = copy(meeting)
    return own


def _claim(pk: uuid.UUID) -> CalendarEvent | None:
    """Claim the event, and choose its calendar if that is still open; None if there is nothing to
    do, or another process has the lease."""
    lease = CalendarEvent.objects.filter(pk=pk).behind().claim(timezone.now())
    if lease is None:
        return None
    # Nothing to do either if this process was so slow that another one has claimed it since.
    held = CalendarEvent.objects.filter(pk=pk).claimed_until(lease)
    event: CalendarEvent | None = held.with_meeting().first()
    if event is not None and event.home is None:
        event.home = home_for(event.meeting.mentor)
        if not held.update(provider=event.provider, account=event.account):
            return None
    return event


def _give_back(event: CalendarEvent) -> None:
    """Release the lease, and make the event due now."""
    _held(event).update(lease=None, due_at=timezone.now())


def _held(event: CalendarEvent) -> CalendarEventQuerySet:
    """The row, unless the lease has expired and another process has claimed it."""
    assert event.lease is not None
    return CalendarEvent.objects.filter(pk=event.pk).claimed_until(event.lease)


def _try(event: CalendarEvent, timeout: timedelta) -> bool:
    """Send the event to its calendar and store the result; False if the meeting has changed."""
    try:
        link = _put_or_delete(event, timeout)
    except CalendarError as error:
        return _mark_failed(event, error)
    is_marked = _mark_done(event, link)
    meeting = event.meeting
    # Busy times that were read before a change may still contain the event's old time.
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
    """Store the calendar's result; False if the meeting has changed meanwhile.

    While the room is pending, the event stays behind and is due again, soon at first. A cancelled
    meeting loses its room.
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
    # In the order in which the meeting's own changes lock these rows, against deadlocks.
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
    """Schedule the next try, or park the event if somebody has to act first.

    False, and nothing is scheduled, if the meeting has changed meanwhile: try again now.
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
        # The owner has renewed the consent meanwhile, before this event was parked: it is due.
        waiting = CalendarEvent.objects.filter(pk=event.pk, due_at=None).behind()
        waiting.update(due_at=timezone.now())
    event.error, event.lease = str(error)[:300], None
    return True


def _backoff(event: CalendarEvent, first: timedelta) -> timedelta:
    """How long to wait before the next try; first: the wait after the first try."""
    return backoff(event.tries, first=first, growth=GROWTH, longest=LONGEST_RETRY)
