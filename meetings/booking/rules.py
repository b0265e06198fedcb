"""The booking rules of mentors: creating the default ones, and changing them."""

import uuid

from django.db import transaction

from accounts.models import User
from meetings.models import BookingRules, SessionType
from meetings.scheduling.next_free import refresh_next_free


def create_default_rules(mentor: User) -> None:
    """Create booking rules and one session type for a new mentor. A person who was a mentor before
    keeps the old ones."""
    BookingRules.objects.get_or_create(mentor=mentor)
    if not SessionType.objects.filter(mentor=mentor).exists():
        SessionType.objects.create(mentor=mentor)


def change_rules(rules: BookingRules, session_type: SessionType) -> None:
    """Save the rules, and the durations of this type, in one transaction."""
    with transaction.atomic():
        rules.save()
        session_type.save(update_fields=["durations"])
        refresh_next_free_on_commit(rules.mentor_id)


def refresh_next_free_on_commit(mentor_id: uuid.UUID) -> None:
    """Refresh the mentor's next free time after the commit; call it in the rules' transaction."""
    transaction.on_commit(lambda: refresh_next_free([mentor_id]), robust=True)
