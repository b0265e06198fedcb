"""What is true of every list in the admin."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import CalendarConnection, MentorProfile, User
from meetings.models import BusyCell, DayOff, ExtraHours, Meeting, PrivateNote, WeeklyHours
from tests.factories import MONDAY, MeetingFactory, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", re.IGNORECASE)


def url_of(model, page="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def add_rows(count):
    """Add that many rows of every model that staff can list."""
    for number in range(count):
        mentor = MentorFactory(weekly={0: [(540, 600)]}).user
        day = (MONDAY + timedelta(days=number)).date()
        DayOff.objects.create(mentor=mentor, first_day=day, last_day=day)
        ExtraHours.objects.create(mentor=mentor, day=day, starts=0, ends=60)
        meeting = MeetingFactory(mentor=mentor, duration=30)
        EmailAddress.objects.create(user=mentor, email=mentor.email, verified=True)
        Authenticator.objects.create(user=mentor, type="totp", data={})
        SocialAccount.objects.create(user=mentor, provider="google", uid=str(mentor.pk))
        Group.objects.create(name=mentor.name)
        CalendarConnection.objects.create(
            user=mentor, google_id=str(mentor.pk), encrypted_token="", connected_at=MONDAY
        )
        PrivateNote.objects.create(meeting=meeting, author=mentor, text="Only for me")


def queries_of(client, urls):
    """`{url: number of queries of its page}`"""
    counts = {}
    for url in urls:
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(url)
        assert answer.status_code == 200, url
        counts[url] = len(queries)
    return counts


def test_the_models_that_staff_see():
    assert [model._meta.label for model in MODELS] == [
        "account.EmailAddress",
        "accounts.CalendarConnection",
        "accounts.MentorProfile",
        "accounts.User",
        "auth.Group",
        "meetings.BookingRules",
        "meetings.BusyCell",
        "meetings.DayOff",
        "meetings.ExtraHours",
        "meetings.Meeting",
        "meetings.MeetingEvent",
        "meetings.Notification",
        "meetings.SessionType",
        "meetings.WeeklyHours",
        "mfa.Authenticator",
        "socialaccount.SocialAccount",
    ]


def test_lists_take_as_many_queries_for_one_row_as_for_ten(client, staff):
    urls = [url_of(model) for model in MODELS] + [f"{url_of(model)}?q=e" for model in MODELS]
    add_rows(1)
    client.get(urls[0])
    few = queries_of(client, urls)

    add_rows(9)

    assert queries_of(client, urls) == few
    assert max(few.values()) <= 10


def test_no_page_needs_inline_script_or_style(client, staff):
    add_rows(1)
    pages = [reverse("admin:index")]
    for model in MODELS:
        row = model._default_manager.all()[0]
        pages += [url_of(model), url_of(model, "change", row.pk), url_of(model, "history", row.pk)]
    pages += [url_of(model, "add") for model in (User, MentorProfile, WeeklyHours, ExtraHours)]

    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert INLINE.findall(answer.content.decode()) == [], page
        assert "script-src 'self'" in answer["Content-Security-Policy"]


def test_every_list_is_for_staff_alone(client):
    member = UserFactory()
    login = reverse("account_login")
    for model in MODELS:
        url = url_of(model)
        client.logout()
        turned_away = client.get(url, follow=True)
        client.force_login(member)
        refused = client.get(url, follow=True)

        assert turned_away.redirect_chain[-1][0].startswith(f"{login}?next=")
        assert refused.status_code == 403


def test_staff_without_rights_see_nothing(client):
    client.force_login(UserFactory(is_staff=True))

    for model in MODELS:
        assert client.get(url_of(model)).status_code == 403


def test_dates_can_be_drilled_into(client, staff):
    add_rows(2)
    local = {"scheduled_at__year": 2027, "scheduled_at__month": 3, "scheduled_at__day": 1}

    answer = client.get(url_of(Meeting), local)
    other_day = client.get(url_of(Meeting), {**local, "scheduled_at__day": 2})

    assert answer.context["cl"].result_count == 2
    assert other_day.context["cl"].result_count == 0


def test_busy_cells_can_only_be_looked_at(client, staff):
    add_rows(1)
    cell = BusyCell.objects.all()[0]
    before = BusyCell.objects.count()
    delete = {"action": "delete_selected", "_selected_action": [str(cell.pk)], "post": "yes"}

    answers = [
        client.post(url_of(BusyCell, "add"), {}),
        client.post(url_of(BusyCell, "change", cell.pk), {"person": staff.pk}),
        client.post(url_of(BusyCell, "delete", cell.pk), {"post": "yes"}),
    ]
    client.post(url_of(BusyCell), delete)

    assert [each.status_code for each in answers] == [403, 403, 403]
    assert BusyCell.objects.count() == before


def test_private_notes_are_private(client, staff):
    add_rows(1)

    page = client.get(url_of(Meeting, "change", Meeting.objects.get().pk)).content.decode()

    assert PrivateNote not in admin.site._registry
    assert "Only for me" not in page
