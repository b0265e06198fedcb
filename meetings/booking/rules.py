"""On what terms mentors can be booked: what they begin with, and what they change."""

import uuid

from django.db import transaction

from accounts.models import User
from meetings.models import BookingRules, SessionType
from meetings.scheduling.next_free import refresh_next_free


def begin_with_usual_rules(mentor: User) -> None:
    """Give a new mentor rules of booking and one type of session. Who was a mentor before, and
    becomes one again, finds their own."""
    BookingRules.objects.get_or_create(mentor=mentor)
    if not SessionType.objects.filter(mentor=mentor).exists():
        SessionType.objects.create(mentor=mentor)


def change_rules(rules: BookingRules, session_type: SessionType) -> None:
    """Store what was changed of the rules, and the lengths of this type, together."""
    with transaction.atomic():
        rules.save()
        session_type.save(update_fields=["durations"])
        next_free_follows(rules.mentor_id)


def next_free_follows(mentor_id: uuid.UUID) -> None:
    """Other rules mean other free times; to be called in the transaction of the change."""
    transaction.on_commit(lambda: refresh_next_free([mentor_id]), robust=True)
