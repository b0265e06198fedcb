"""Valid objects; a test sets only what matters to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.models import MentorProfile, User
from meetings.domain.policy import Status
from meetings.models import Meeting, WeeklyHours

PASSWORD = "a-good-enough-passphrase"

# A Monday; open_all_week() mentors are open then.
MONDAY = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


class UserFactory(DjangoModelFactory[User]):
    """A person who can log in with PASSWORD."""

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
    """A mentor without notice who is open round the clock; weekly={} leaves the hours empty."""

    class Meta:
        model = MentorProfile
        skip_postgeneration_save = True

    user = factory.SubFactory(UserFactory)
    headline = "Teaches what others want to learn"
    durations = [30, 60, 90, 120]
    notice = 0

    @factory.post_generation
    def weekly(self: MentorProfile, create: bool, extracted: Any, **kwargs: Any) -> None:
        weekly = {day: [(0, 1440)] for day in range(7)} if extracted is None else extracted
        WeeklyHours.objects.bulk_create(
            WeeklyHours(mentor=self.user, weekday=day, starts=start, ends=end)
            for day, ranges in weekly.items()
            for start, end in ranges
        )


class MeetingFactory(DjangoModelFactory[Meeting]):
    """A scheduled meeting of an hour, stored as Meeting.save() stores it, busy cells and all."""

    class Meta:
        model = Meeting

    mentor = factory.LazyFunction(lambda: MentorFactory().user)
    learner = factory.SubFactory(UserFactory)
    subject = "How to begin"
    scheduled_at = MONDAY
    duration = 60


def completed_meeting(mentor: User, learner: User, *, start: datetime, **fields: Any) -> Meeting:
    """One that took place."""
    meeting: Meeting = MeetingFactory(
        mentor=mentor, learner=learner, scheduled_at=start, status=Status.COMPLETED, **fields
    )
    return meeting


def soon(now: datetime, minutes: int = 60) -> datetime:
    """The first full hour at least so many minutes after now."""
    ahead = now + timedelta(minutes=minutes)
    return ahead.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
