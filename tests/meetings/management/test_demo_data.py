from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db.models import Count, Sum
from django.forms.models import model_to_dict

from accounts.languages import language_codes
from accounts.models import MentorProfile, User
from accounts.photo_files import path_of
from meetings.booking import lifecycle
from meetings.domain.policy import Status
from meetings.management.demo.people import PASSWORD
from meetings.models import (
    BookingRules,
    BusyCell,
    CalendarEvent,
    DayOff,
    ExtraHours,
    Meeting,
    MeetingEvent,
    SessionType,
    WeeklyHours,
)

pytestmark = pytest.mark.django_db

SUNDAY = datetime(2026, 11, 22, 16, 7, tzinfo=UTC)


def make(now):
    """Run the command at that time, and return its output."""
    out = StringIO()
    with time_machine.travel(now, tick=False):
        call_command("demo_data", stdout=out)
    return out.getvalue()


def everything():
    """All rows that the command makes, as plain values."""
    people = (User, EmailAddress, MentorProfile, BookingRules, SessionType)
    times = (WeeklyHours, DayOff, ExtraHours, Meeting, MeetingEvent, CalendarEvent, BusyCell)
    models = (*people, *times)
    return {each: list(each._default_manager.values().order_by("pk")) for each in models}


def test_mentors_are_all_over_the_world_and_valid():
    make(SUNDAY)

    profiles = list(MentorProfile.objects.select_related("user"))
    zones = {each.user.timezone for each in profiles}
    assert len(profiles) == 18
    assert {"Asia/Kolkata", "Pacific/Auckland", "Pacific/Kiritimati"} <= zones
    assert len(zones) >= 10
    assert [each.user.email for each in profiles if not each.is_listed] == ["ingrid@example.com"]
    for profile in profiles:
        profile.full_clean()
        profile.user.booking_rules.full_clean()
        profile.user.session_types.get().full_clean()
        assert set(profile.languages) <= set(language_codes())


def test_next_free_times_are_known_after_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        make(SUNDAY)

    assert not MentorProfile.objects.filter(next_free_at=None).exists()
    assert not CalendarEvent.objects.behind().exists()


def test_some_have_a_photo_and_each_another_one():
    make(SUNDAY)

    names = User.objects.exclude(photo="").values_list("photo", flat=True)
    files = {default_storage.open(path_of(name, 384)).read() for name in names}
    assert len(names) == len(files) == 9


def test_ratings_add_up():
    make(SUNDAY)

    sums = {
        row["mentor"]: (row["total"], row["count"])
        for row in Meeting.objects.filter(rating__isnull=False)
        .values("mentor")
        .annotate(total=Sum("rating"), count=Count("rating"))
        .order_by()
    }
    for profile in MentorProfile.objects.all():
        assert (profile.rating_sum, profile.rating_count) == sums.get(profile.pk, (0, 0))
    ratings = set(Meeting.objects.exclude(rating=None).values_list("rating", flat=True))
    assert ratings == {3, 4, 5}


def test_meetings_were_made_before_they_began():
    make(SUNDAY)

    for meeting in Meeting.objects.all():
        assert meeting.created_at < meeting.scheduled_at


def test_people_can_log_in():
    said = make(SUNDAY)

    assert PASSWORD in said
    for email in ("lena@example.com", "amara@example.com", "staff@example.com"):
        assert email in said
        person = authenticate(username=email, password=PASSWORD)
        assert EmailAddress.objects.get(user=person, email=email, primary=True).verified
    staff = User.objects.get(is_staff=True)
    assert (staff.email, staff.is_superuser) == ("staff@example.com", True)


def test_a_second_run_changes_nothing_and_is_quick(django_assert_max_num_queries):
    make(SUNDAY)
    before = everything()

    with django_assert_max_num_queries(8):
        make(SUNDAY + timedelta(hours=1))

    assert everything() == before


def test_what_people_did_stays():
    make(SUNDAY)
    lena = User.objects.get(email="lena@example.com")
    lena.name = "Lena Somebody"
    lena.save()
    meeting = Meeting.objects.of(lena).filter(status=Status.SCHEDULED).upcoming(SUNDAY)[0]
    lifecycle.cancel(meeting, by=lena, reason="changed my mind", now=SUNDAY)
    WeeklyHours.objects.filter(mentor__email="amara@example.com").delete()
    before = everything()

    make(SUNDAY + timedelta(hours=1))

    assert everything() == before


def test_who_comes_back_later_finds_something_to_come():
    make(SUNDAY)
    later = SUNDAY + timedelta(days=40)
    lifecycle.complete_overdue(later)
    old = {each.pk: model_to_dict(each) for each in Meeting.objects.all()}
    people = User.objects.count()

    make(later)

    lena, amara = (User.objects.get(email=f"{name}@example.com") for name in ("lena", "amara"))
    statuses = [each.status for each in Meeting.objects.of(lena).upcoming(later)]
    assert statuses == [Status.IN_PROGRESS] + 4 * [Status.SCHEDULED]
    assert Meeting.objects.of(amara).upcoming(later).count() == 4
    assert {each.pk: model_to_dict(each) for each in Meeting.objects.filter(pk__in=old)} == old
    assert User.objects.count() == people
    before = everything()
    make(later + timedelta(minutes=1))
    assert everything() == before


def test_plans_that_no_longer_fit_are_left_out():
    make(SUNDAY)
    later = SUNDAY + timedelta(days=40)
    User.objects.filter(email="sofia@example.com").update(is_active=False)
    MentorProfile.objects.filter(user__email="lucas@example.com").update(is_listed=False)

    make(later)

    lena = User.objects.get(email="lena@example.com")
    upcoming = Meeting.objects.of(lena).upcoming(later).filter(status=Status.SCHEDULED)
    assert {each.mentor.short_name for each in upcoming} == {"Amara", "Yuki"}


def test_production_is_refused(settings):
    settings.IS_PRODUCTION = True

    with pytest.raises(CommandError, match="not in production"):
        call_command("demo_data")

    assert not User.objects.exists()
