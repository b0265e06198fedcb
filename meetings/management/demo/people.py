"""The people of the demo data."""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from accounts.models import MentorProfile, User
from meetings.booking.hours import add_days_off, add_extra_hours, replace_weekly_hours
from meetings.management.demo import content
from meetings.management.demo.scenery import scenery
from meetings.models import BookingRules, SessionType

# Public, since the command refuses to run in production.
PASSWORD = "learn-together"  # noqa: S105


def find_people() -> dict[str, User]:
    """`{key: person}` of those who exist."""
    keys = {
        each.email: each.key for each in [*content.mentors(), *content.learners(), *content.staff()]
    }
    found = User.objects.filter(email__in=keys).select_related("mentor_profile")
    return {keys[person.email]: person for person in found}


def add_people(there: dict[str, User], now: datetime) -> dict[str, User]:
    """Create the people who are missing in there; returns `{key: person}` of everybody."""
    people = dict(there)
    # Hashing is slow on purpose, and the hash is the same for all: compute it once, if at all.
    password = ""
    for each in [*content.mentors(), *content.learners(), *content.staff()]:
        if each.key in people:
            continue
        password = password or make_password(PASSWORD)
        person = people[each.key] = _add_person(each, password, now)
        if isinstance(each, content.Mentor):
            _add_profile(each, person, now)
    return people


def _add_person(each: content.Person, password: str, now: datetime) -> User:
    is_staff = each.key == content.STAFF
    person = User.objects.create(
        email=each.email,
        name=each.name,
        timezone=each.timezone,
        password=password,
        is_staff=is_staff,
        is_superuser=is_staff,
        date_joined=now - timedelta(days=200),
    )
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    if each.key in content.WITH_PHOTO:
        person.set_photo(scenery(each.key))
    return person


def _add_profile(each: content.Mentor, person: User, now: datetime) -> None:
    MentorProfile.objects.create(user=person, **each.profile)
    BookingRules.objects.filter(mentor=person).update(**each.rules)
    SessionType.objects.filter(mentor=person).update(durations=each.durations)
    replace_weekly_hours(person, each.weekly)
    today = now.astimezone(person.zone).date()
    if each.days_off:
        first, last = (today + timedelta(days=day) for day in each.days_off)
        add_days_off(person, first, last)
    for ahead, ranges in each.extra.items():
        add_extra_hours(person, today + timedelta(days=ahead), ranges)
