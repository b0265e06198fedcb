"""Factories of valid objects; a test sets only the fields that matter to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from django.db import transaction
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import MentorProfile, User
from meetings.calendars.sync import plan_event
from meetings.domain.policy import Status
from meetings.models import BookingRules, Meeting, SessionType, WeeklyHours
from meetings.notifications.notify import notify_booked

PASSWORD = "a-good-enough-passphrase"

# A Monday. MentorFactory's mentors are open then.
MONDAY = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


class UserFactory(DjangoModelFactory[User]):
    """A person whose password is PASSWORD."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person-{n}@example.com")
    timezone = "UTC"

    @factory.post_generation
    def password(self: User, create: bool, extracted: str | None, **kwargs: Any) -> None:
        self.set_password(extracted or PASSWORD)
        if create:
            self.save()


class MentorFactory(DjangoModelFactory[MentorProfile]):
    """A mentor without notice who is open round the clock; weekly={} leaves the hours empty.

    durations are those of the default session type; fields of BookingRules can be given by name.
    """

    class Meta:
        model = MentorProfile
        skip_postgeneration_save = True

    user = factory.SubFactory(UserFactory)
    headline = "Teaches what others want to learn"
    durations = [30, 60, 90, 120]
    notice = 0

    @classmethod
    def _create(cls, model_class: type[MentorProfile], *args: Any, **fields: Any) -> MentorProfile:
        named = {each.name for each in BookingRules._meta.concrete_fields}
        rules = {name: fields.pop(name) for name in named & fields.keys()}
        durations = fields.pop("durations")
        profile: MentorProfile = super()._create(model_class, *args, **fields)
        change_rules(profile.user, durations=durations, **rules)
        return profile

    @factory.post_generation
    def weekly(self: MentorProfile, create: bool, extracted: Any, **kwargs: Any) -> None:
        weekly = {day: [(0, 1440)] for day in range(7)} if extracted is None else extracted
        WeeklyHours.objects.bulk_create(
            WeeklyHours(mentor=self.user, weekday=day, starts=start, ends=end)
            for day, ranges in weekly.items()
            for start, end in ranges
        )


def change_rules(mentor: User, *, durations: list[int] | None = None, **rules: Any) -> None:
    """Let the mentor be booked on these terms from now on."""
    if rules:
        BookingRules.objects.filter(mentor=mentor).update(**rules)
    if durations is not None:
        SessionType.objects.filter(mentor=mentor).update(durations=durations)
    # The cached rules are outdated.
    mentor._state.fields_cache.pop("booking_rules", None)


class MeetingFactory(DjangoModelFactory[Meeting]):
    """A scheduled meeting of an hour, stored with busy cells and notifications as by a booking."""

    class Meta:
        model = Meeting

    @classmethod
    def _create(cls, model_class: type[Meeting], *args: Any, **fields: Any) -> Meeting:
        meeting = model_class(**fields)
        if meeting.session_type is None:
            meeting.session_type = SessionType.objects.filter(mentor=meeting.mentor).first()
        if meeting.is_active:
            plan_event(meeting)
            room = fields.keys() & {"meeting_link", "link_provider"}
            vars(meeting).update({name: fields[name] for name in room})
            _leave_to_the_worker(meeting)
        with transaction.atomic():
            meeting.save(force_insert=True)
            if meeting.is_active:
                notify_booked(meeting, timezone.now())
        return meeting

    mentor = factory.LazyFunction(lambda: MentorFactory().user)
    learner = factory.SubFactory(UserFactory)
    subject = "How to begin"
    scheduled_at = MONDAY
    duration = 60


def _leave_to_the_worker(meeting: Meeting) -> None:
    """Release the claim on the event, since no page waits for the calendar here."""
    event = meeting.planned_event
    assert event is not None
    if event.lease:
        event.lease, event.due_at = None, timezone.now()


def completed_meeting(mentor: User, learner: User, *, start: datetime, **fields: Any) -> Meeting:
    """A meeting that took place."""
    meeting: Meeting = MeetingFactory(
        mentor=mentor, learner=learner, scheduled_at=start, status=Status.COMPLETED, **fields
    )
    return meeting


def soon(now: datetime, minutes: int = 60) -> datetime:
    """The first full hour at least that many minutes after now."""
    ahead = now + timedelta(minutes=minutes)
    return ahead.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
