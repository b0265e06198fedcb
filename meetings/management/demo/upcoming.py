"""The meetings of the demo data that are in progress or upcoming."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from operator import itemgetter

from accounts.models import User
from meetings.booking.book import book as book_meeting
from meetings.booking.lifecycle import cancel
from meetings.domain.availability import masks
from meetings.domain.errors import BookingError, SlotTaken
from meetings.domain.grid import CELL, Interval, block, cell_of, cells_in, instant_of
from meetings.domain.policy import DURATIONS, Status
from meetings.management.demo import content
from meetings.management.demo.diary import is_waking_time
from meetings.models import Meeting, SessionType
from meetings.scheduling.free_slots import availabilities, free_slots

# How long after the wanted day a free time is still taken.
WITHIN = timedelta(days=8)


def has_upcoming(person: User, now: datetime) -> bool:
    return Meeting.objects.of(person).upcoming(now).exists()


def book(plans: Iterable[content.Plan], people: Mapping[str, User], now: datetime) -> None:
    """Book each plan that is possible; people may have changed their hours or left since."""
    for plan in plans:
        with suppress(BookingError):
            _book(plan, people[plan.mentor], people[plan.learner], now)


def _book(plan: content.Plan, mentor: User, learner: User, now: datetime) -> None:
    session_type = SessionType.objects.default_of(mentor.pk)
    if session_type is None:
        return
    wanted = now + timedelta(days=plan.days)
    window = Interval(wanted, wanted + WITHIN)
    free = free_slots(session_type, window, learner_id=learner.pk).all(plan.duration, now=now)
    slot = next((each for each in free if is_waking_time(each.start, learner.zone)), None)
    if slot is None:
        return
    meeting = book_meeting(
        mentor_id=mentor.pk,
        learner=learner,
        subject=plan.subject,
        description=plan.description,
        start=slot.start,
        duration=plan.duration,
        now=now,
    )
    if plan.status == Status.CANCELLED:
        by = {"mentor": mentor, "learner": learner}[plan.cancelled_by]
        cancel(meeting, by=by, reason=plan.cancel_reason, now=now)


def start_one(people: Mapping[str, User], now: datetime) -> None:
    """Create a meeting that began a moment ago, with the first mentor who is free."""
    running = content.running()
    start = instant_of(cell_of(now)) - CELL
    for mentor, duration in _hosts(start):
        with suppress(SlotTaken):
            Meeting.objects.create(
                mentor=mentor,
                learner=people[running.learner],
                subject=running.subject,
                description=running.description,
                scheduled_at=start,
                duration=duration,
                status=Status.IN_PROGRESS,
                created_at=now - timedelta(days=2),
            )
            return


def _hosts(start: datetime) -> list[tuple[User, int]]:
    """`[(mentor, minutes)]`: the demo mentors and the length of a meeting from start on.

    Mentors who are open for the whole meeting come first, then those who are awake.
    """
    emails = [each.email for each in content.mentors()]
    types = list(SessionType.objects.bookable().filter(mentor__email__in=emails).with_rules())
    first, length = cell_of(start), cells_in(max(DURATIONS))
    zones = {each.mentor_id: each.mentor.zone for each in types}
    hours = availabilities(zones, Interval(start, instant_of(first + length)))
    hosts = []
    for each in types:
        duration = max(each.durations)
        is_open, _starts = masks(hours[each.mentor_id], first, first + length, 1)
        is_free = not block(0, cells_in(duration)) & ~is_open
        likely = (is_free, is_waking_time(start, each.mentor.zone), duration)
        hosts.append((likely, each.mentor))
    hosts.sort(key=itemgetter(0), reverse=True)
    return [(user, duration) for (_is_free, _is_awake, duration), user in hosts]
