from datetime import date

import pytest
from django.urls import reverse

from meetings.models import DayOff, ExtraHours, WeeklyHours
from tests.factories import MentorFactory, UserFactory

pytestmark = pytest.mark.django_db


def url_of(kind, page, *args):
    return reverse(f"admin:meetings_{kind}_{page}", args=args)


def errors_of(answer):
    return answer.context["adminform"].form.errors


@pytest.fixture
def mentor():
    """A mentor who is open on Mondays from 9 to 12."""
    return MentorFactory(weekly={0: [(540, 720)]}).user


def test_hours_are_shown_as_a_clock_with_their_zone(client, staff):
    MentorFactory(weekly={4: [(1080, 1440)]}, user__timezone="Asia/Tokyo")

    page = client.get(url_of("weeklyhours", "changelist")).content.decode()

    for text in ("Friday", "18:00", "24:00", "Asia/Tokyo"):
        assert text in page


def test_weekly_hours_can_be_added_beside_others(
    client, staff, mentor, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            url_of("weeklyhours", "add"),
            {"mentor": mentor.pk, "weekday": 0, "starts": 720, "ends": 900},
        )

    mentor.mentor_profile.refresh_from_db()
    rows = WeeklyHours.objects.filter(mentor=mentor)
    assert [row.label for row in rows] == ["09:00-12:00", "12:00-15:00"]
    assert mentor.mentor_profile.next_free_at is not None


@pytest.mark.parametrize(
    ("starts", "ends", "said"),
    [
        (660, 780, "09:00–12:00 and 11:00–13:00 overlap."),
        (840, 840, "A range must end after it starts."),
    ],
)
def test_weekly_hours_that_make_no_sense_are_refused(client, staff, mentor, starts, ends, said):
    answer = client.post(
        url_of("weeklyhours", "add"),
        {"mentor": mentor.pk, "weekday": 0, "starts": starts, "ends": ends},
    )

    assert errors_of(answer) == {"ends": [said]}
    assert WeeklyHours.objects.count() == 1


def test_hours_can_be_changed_where_they_are(client, staff, mentor):
    row = WeeklyHours.objects.get()

    client.post(
        url_of("weeklyhours", "change", row.pk),
        {"mentor": mentor.pk, "weekday": 0, "starts": 600, "ends": 780},
    )

    row.refresh_from_db()
    assert row.label == "10:00-13:00"


def test_only_mentors_have_hours(client, staff):
    learner = UserFactory()

    answer = client.post(
        url_of("dayoff", "add"),
        {"mentor": learner.pk, "first_day": "2027-03-01", "last_day": "2027-03-02"},
    )

    assert list(errors_of(answer)) == ["mentor"]
    assert not DayOff.objects.exists()


def test_days_off_end_after_they_start(client, staff, mentor):
    answer = client.post(
        url_of("dayoff", "add"),
        {"mentor": mentor.pk, "first_day": "2027-03-02", "last_day": "2027-03-01"},
    )

    assert errors_of(answer) == {"last_day": ["The last day is before the first one."]}
    assert not DayOff.objects.exists()


def test_extra_hours_of_one_date_do_not_overlap(client, staff, mentor):
    ExtraHours.objects.create(mentor=mentor, day=date(2027, 3, 1), starts=0, ends=60)
    values = {"mentor": mentor.pk, "starts": 30, "ends": 90}

    refused = client.post(url_of("extrahours", "add"), {**values, "day": "2027-03-01"})
    client.post(url_of("extrahours", "add"), {**values, "day": "2027-03-02"})

    assert errors_of(refused) == {"ends": ["00:00–01:00 and 00:30–01:30 overlap."]}
    assert ExtraHours.objects.count() == 2


@pytest.mark.parametrize("page", ["delete", "changelist"])
def test_free_times_follow_when_hours_are_deleted(
    client, staff, mentor, page, django_capture_on_commit_callbacks
):
    row = WeeklyHours.objects.get()
    action = {"action": "delete_selected", "_selected_action": [str(row.pk)]}
    url = url_of("weeklyhours", page, *([row.pk] if page == "delete" else []))

    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        client.post(url, {**action, "post": "yes"})

    mentor.mentor_profile.refresh_from_db()
    assert not WeeklyHours.objects.exists()
    assert len(callbacks) == 1
    assert mentor.mentor_profile.next_free_at is None
