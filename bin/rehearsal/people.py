"""Creates mentors and learners for a load test; the input of `manage.py shell` on that site.

Prints `{"mentors": [id, …], "learners": [session key, …]}` as JSON.
"""

import json

from django.conf import settings
from django.test import Client

from accounts.models import MentorProfile, User
from meetings.models import WeeklyHours

MENTORS = 8
LEARNERS = 60


def mentor(number: int) -> str:
    """Create a mentor who is open round the clock; returns the id."""
    person = User.objects.create_user(f"mentor{number}@example.com", name=f"Mentor {number}")
    MentorProfile.objects.create(user=person, headline="Loops and lists")
    for weekday in range(7):
        WeeklyHours.objects.create(mentor=person, weekday=weekday, starts=0, ends=24 * 60)
    return str(person.pk)


def learner(number: int) -> str:
    """Create a learner who is logged in; returns the session key."""
    person = User.objects.create_user(f"learner{number}@example.com", name=f"Learner {number}")
    client = Client()
    client.force_login(person, "accounts.backends.AccountBackend")
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


print(
    json.dumps(
        {
            "mentors": [mentor(number) for number in range(MENTORS)],
            "learners": [learner(number) for number in range(LEARNERS)],
        }
    )
)
