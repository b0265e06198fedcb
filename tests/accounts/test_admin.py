from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.admin.times import in_zone
from accounts.models import MentorProfile, TokenFamily, User
from accounts.photos import SIDES
from tests.factories import PASSWORD, MentorFactory, UserFactory

pytestmark = pytest.mark.django_db

PEOPLE = reverse("admin:accounts_user_changelist")


@pytest.fixture
def staff(client):
    person = UserFactory(name="Staff", is_staff=True, is_superuser=True, timezone="Asia/Kolkata")
    client.force_login(person)
    return person


@pytest.fixture
def helper(client):
    """A member of staff who may change people but is no superuser."""
    person = UserFactory(name="Helper", is_staff=True)
    person.user_permissions.set(
        Permission.objects.filter(
            content_type__app_label="accounts", codename__in=["view_user", "change_user"]
        )
    )
    client.force_login(person)
    return person


def change_url(person):
    return reverse("admin:accounts_user_change", args=[person.pk])


def filled_in(person, **changes):
    """The POST data of the admin's form for a person."""
    values = {
        "name": person.name,
        "email": person.email,
        "timezone": person.timezone,
        "language": person.language,
        "clock": person.clock,
    }
    flags = {"is_active": person.is_active, "is_staff": person.is_staff} | {
        name: changes.pop(name) for name in ("is_active", "is_staff") if name in changes
    }
    return {**values, **{name: "on" for name, is_on in flags.items() if is_on}, **changes}


def test_times_name_their_zone():
    moment = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)

    with timezone.override("America/New_York"):
        assert in_zone(moment) == "Sun 22 Nov 2026, 11:00 America/New York"


def test_people_are_found_and_filtered(client, staff):
    MentorFactory(user__name="Ada Mentor")
    UserFactory(name="Bo Learner", email="bo@example.com")

    def names(query):
        return [each.name for each in client.get(PEOPLE, query).context["cl"].result_list]

    assert names({"q": "bo@example"}) == ["Bo Learner"]
    assert names({"mentor": "yes"}) == ["Ada Mentor"]
    assert names({"mentor": "no"}) == ["Bo Learner", "Staff"]


def test_joined_is_shown_in_the_staffs_zone(client, staff):
    UserFactory(date_joined=datetime(2026, 1, 31, 20, 0, tzinfo=UTC))

    page = client.get(PEOPLE).content.decode()

    assert "Sun 1 Feb 2026, 01:30 Asia/Kolkata" in page


def test_an_added_person_proves_the_address_at_the_first_log_in(client, staff):
    answer = client.post(
        reverse("admin:accounts_user_add"),
        {
            "name": "New Person",
            "email": "New@Example.com",
            "language": "de",
            "timezone": "Europe/Berlin",
            "clock": "24",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )

    person = User.objects.get(email="new@example.com")
    address = EmailAddress.objects.get(user=person)
    assert answer.status_code == 302
    assert (person.name, person.language) == ("New Person", "de")
    assert (person.timezone, person.clock) == ("Europe/Berlin", "24")
    assert person.check_password(PASSWORD)
    assert (address.email, address.primary, address.verified) == (person.email, True, False)


def test_a_new_address_replaces_the_old_one(client, staff):
    person = UserFactory(email="old@example.com")
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=True)

    client.post(change_url(person), filled_in(person, email="new@example.com"))

    addresses = EmailAddress.objects.filter(user=person)
    assert list(addresses.values_list("email", "verified")) == [("new@example.com", False)]


def test_an_address_that_somebody_else_has_proved_is_refused(client, staff):
    other = UserFactory()
    EmailAddress.objects.create(user=other, email="also-mine@example.com", verified=True)
    person = UserFactory()

    answer = client.post(change_url(person), filled_in(person, email="Also-Mine@example.com"))

    assert answer.context["adminform"].form.errors == {
        "email": ["This address belongs to somebody else."]
    }


def test_another_zone_makes_the_mentors_free_times_out_of_date(client, staff):
    profile = MentorFactory(next_free_until=timezone.now())

    client.post(change_url(profile.user), filled_in(profile.user, timezone="Asia/Tokyo"))
    client.post(change_url(profile.user), filled_in(profile.user, name="Zoë New"))

    profile.refresh_from_db()
    assert profile.next_free_until is None
    assert list(MentorProfile.objects.matching("zoe")) == [profile]


def test_a_password_can_be_set(client, staff):
    person = UserFactory()
    new = "quite-another-one"

    client.post(
        reverse("admin:auth_user_password_change", args=[person.pk]),
        {
            "usable_password": "true",
            "password1": "quite-another-one",
            "password2": "quite-another-one",
        },
    )

    person.refresh_from_db()
    assert person.check_password(new)


def test_deactivating_ends_sessions_and_tokens_for_good(client, staff):
    person = UserFactory()
    theirs = client.__class__()
    theirs.force_login(person)
    UserSession.objects.create(
        user=person, session_key=theirs.session.session_key, ip="127.0.0.1", user_agent="test"
    )
    TokenFamily.objects.create(
        session_key=theirs.session.session_key,
        person=person,
        current="1",
        expires_at=timezone.now(),
    )

    client.post(change_url(person), filled_in(person, is_active=False))
    client.post(change_url(person), filled_in(person, is_active=True))

    person.refresh_from_db()
    assert person.is_active
    assert not theirs.session.keys()
    assert not UserSession.objects.filter(user=person).exists()
    assert not TokenFamily.objects.exists()


def test_deactivating_by_action_asks_first(client, staff):
    person = UserFactory()
    selected = {"action": "deactivate", "_selected_action": [str(person.pk)]}

    page = client.post(PEOPLE, selected)
    person.refresh_from_db()
    assert person.is_active
    assert person.name in page.content.decode()

    client.post(PEOPLE, {**selected, "confirmed": "Deactivate"})
    person.refresh_from_db()
    assert not person.is_active


def test_nobody_locks_themselves_out(client, staff):
    action = {"action": "deactivate", "_selected_action": [str(staff.pk)], "confirmed": "yes"}

    client.post(change_url(staff), filled_in(staff, is_active=False, is_staff=False))
    answer = client.post(PEOPLE, action, follow=True)
    deletion = client.post(reverse("admin:accounts_user_delete", args=[staff.pk]), {"post": "yes"})

    staff.refresh_from_db()
    assert (staff.is_active, staff.is_staff, staff.is_superuser) == (True, True, True)
    assert "You cannot deactivate yourself." in answer.content.decode()
    assert deletion.status_code == 403


def test_only_superusers_give_rights(client, helper):
    person = UserFactory()

    client.post(
        change_url(person), filled_in(person, is_staff=True, is_superuser="on", name="Renamed")
    )

    person.refresh_from_db()
    assert (person.name, person.is_staff, person.is_superuser) == ("Renamed", False, False)


def test_other_staff_cannot_take_over_a_superuser(client, helper):
    boss = UserFactory(name="Boss", is_staff=True, is_superuser=True)
    action = {"action": "deactivate", "_selected_action": [str(boss.pk)], "confirmed": "yes"}

    change = client.post(change_url(boss), filled_in(boss, email="mine@example.com"))
    password = client.get(reverse("admin:auth_user_password_change", args=[boss.pk]))
    answer = client.post(PEOPLE, action, follow=True)

    boss.refresh_from_db()
    assert (change.status_code, password.status_code) == (403, 403)
    assert boss.is_active
    assert "Only a superuser can deactivate Boss." in answer.content.decode()


def test_a_mentors_profile_changes_without_touching_the_ratings(client, staff):
    profile = MentorFactory(skills=["Go"], rating_sum=9, rating_count=2)
    url = reverse("admin:accounts_mentorprofile_change", args=[profile.pk])
    # Somebody rates while the form is open.
    page = client.get(url)
    MentorProfile.objects.filter(pk=profile.pk).update(rating_sum=14, rating_count=3)

    answer = client.post(
        url,
        {
            "headline": "Another headline",
            "skills": "Go, Chess,go",
            "languages": ["de", "en"],
        },
    )

    profile.refresh_from_db()
    assert page.status_code == 200
    assert answer.status_code == 302
    assert (profile.skills, profile.languages) == (["Go", "Chess"], ["de", "en"])
    assert (profile.rating_sum, profile.rating_count) == (14, 3)
    assert not profile.is_listed
    assert profile.next_free_until is None
    assert MentorProfile.objects.tagged("skill", "chess").exists()


def test_staff_see_a_photo_and_remove_one_that_offends(client, helper):
    person = UserFactory()
    person.set_photo(dict.fromkeys(SIDES, b""))
    shown = client.get(change_url(person)).text
    assert f'<img src="{person.photo_urls.medium}"' in shown

    client.post(change_url(person), filled_in(person))
    person.refresh_from_db()
    assert person.photo
    client.post(change_url(person), filled_in(person, remove_photo="on"))

    person.refresh_from_db()
    assert person.photo == ""
    assert "/photos/" not in client.get(change_url(person)).text
    assert "Remove the photo" in LogEntry.objects.latest("action_time").get_change_message()


def test_other_staff_leave_the_photo_of_a_superuser(client, helper):
    boss = UserFactory(is_staff=True, is_superuser=True)
    boss.set_photo(dict.fromkeys(SIDES, b""))

    answer = client.post(change_url(boss), filled_in(boss, remove_photo="on"))

    boss.refresh_from_db()
    assert answer.status_code == 403
    assert boss.photo


def test_the_secret_of_a_second_factor_is_never_shown(client, staff):
    factor = Authenticator.objects.create(
        user=UserFactory(), type="totp", data={"secret": "do-not-show"}
    )

    page = client.get(reverse("admin:mfa_authenticator_change", args=[factor.pk]))

    assert page.status_code == 200
    assert "do-not-show" not in page.content.decode()
