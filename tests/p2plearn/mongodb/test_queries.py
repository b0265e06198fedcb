"""Queries have the same results as on the other databases, and use indexes."""

from typing import Any, cast

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from accounts.models import MentorProfile, User
from meetings.models import BusyCell, CalendarEvent, Meeting, Notification
from tests.factories import MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

ADDRESS = "a+b.c@example.com"


@pytest.mark.parametrize(
    ("lookup", "found"),
    [
        ({"email__iexact": ADDRESS.upper()}, True),
        ({"email__iexact": ".*"}, False),
        ({"email__iexact": "a+b_c@example.com"}, False),
        ({"email__iexact": "a+b.c@example.co"}, False),
        ({"email__icontains": "B.C"}, True),
        ({"email__icontains": "a.b"}, False),
        ({"email__istartswith": "A+B"}, True),
        ({"email__istartswith": "."}, False),
        ({"email__iendswith": ".COM"}, True),
        ({"email__iendswith": ".*"}, False),
        ({"email__contains": "+b.c"}, True),
        ({"email__contains": "B"}, False),
        ({"email__startswith": "a+"}, True),
        ({"email__endswith": "$"}, False),
        ({"name__iexact": "ana (the 1st) [of 2]"}, True),
        ({"name__iexact": "ana"}, False),
    ],
)
def test_what_is_looked_for_is_text_and_no_pattern(lookup, found):
    UserFactory(email=ADDRESS, name="Ana (the 1st) [of 2]")

    assert User.objects.filter(**lookup).exists() is found


def test_a_line_break_at_the_end_is_no_end():
    UserFactory(name="Ana\n")

    assert not User.objects.filter(name__iexact="ana").exists()
    assert not User.objects.filter(name__endswith="Ana").exists()


@pytest.mark.parametrize(
    ("table", "criteria", "index"),
    [
        ("accounts_user", {"email": ADDRESS}, "accounts_user_email"),
        ("accounts_user", {"id": "0" * 32}, "accounts_user_id"),
        ("django_session", {"session_key": "0" * 32}, "django_session_session_key"),
        ("meetings_meeting", {"join_token": "0" * 43}, "meetings_meeting_join_token"),
        ("meetings_busycell", {"person_id": "0", "starts_at": {"$gte": 0}}, "busy_cell_once"),
    ],
)
def test_an_index_that_keeps_things_unique_also_finds_them(table, criteria, index):
    collection = cast(Any, connection).get_collection(table)
    plan = str(collection.find(criteria).explain()["queryPlanner"])

    assert "COLLSCAN" not in plan
    assert index in plan


@pytest.mark.parametrize("change", [{"name": None}, {"email": None}, {"is_active": None}])
def test_what_is_never_null_cannot_be_made_null(change):
    person = UserFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=person.pk).update(**change)


def test_a_count_does_not_go_below_nothing():
    profile = MentorFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        MentorProfile.objects.filter(pk=profile.pk).update(rating_count=-1)


def test_a_refusal_does_not_quote_what_was_refused():
    UserFactory(email=ADDRESS)

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        UserFactory(email=ADDRESS)

    assert ADDRESS not in str(caught.value)


def test_changes_and_deletions_can_look_into_other_collections():
    meeting, other = MeetingFactory(), MeetingFactory()
    mine = {"meeting__mentor__email": meeting.mentor.email}

    changed = Notification.objects.filter(**mine).update(error="seen")
    gone = CalendarEvent.objects.filter(**mine).delete()[0]
    freed = BusyCell.objects.filter(person__email=meeting.mentor.email).delete()[0]

    seen = Notification.objects.filter(error="seen").values_list("meeting", flat=True)
    assert changed == Notification.objects.filter(meeting=meeting).count() > 0
    assert set(seen) == {meeting.pk}
    assert gone == 1
    assert CalendarEvent.objects.get().meeting == other
    theirs = {cell for cell in meeting.cells() if cell[0] == meeting.mentor_id}
    assert freed == len(theirs)
    assert BusyCell.objects.count() == len(meeting.cells() - theirs) + len(other.cells())


def test_people_take_what_is_theirs_along():
    meeting = MeetingFactory()
    person = UserFactory()
    person.groups.create(name="helpers")
    Meeting.objects.all().delete()

    deleted = User.objects.filter(pk__in=[person.pk, meeting.learner_id]).delete()[1]

    assert deleted["accounts.User"] == 2
    assert deleted["accounts.User_groups"] == 1
    assert not BusyCell.objects.exists()


def test_the_migrations_are_complete():
    """Including those for Django's and allauth's apps, which are in this repository."""
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
