from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from django.contrib.sessions.models import Session
from time_machine import travel

from accounts.models import TokenFamily
from tests.factories import PASSWORD, UserFactory
from tests.meetings.api.caller import Caller, said, tokens_of, verified

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXP"


def log_in(user, **more):
    return Caller().post("auth/token", {"email": user.email, "password": PASSWORD, **more})


def refresh(token):
    return Caller().post("auth/refresh", {"refresh": token})


def works(access):
    """Whether the API accepts an access token."""
    headers = {"Authorization": f"Bearer {access}"}
    return Caller()("GET", "meetings", headers=headers).status_code == 200


def code_of(response):
    return response.status_code, said(response)[1]["code"]


def test_logging_in_hands_out_tokens():
    user = verified(UserFactory())

    status, answer = said(log_in(user))

    assert status == 200
    assert sorted(answer) == ["access", "expiresIn", "refresh", "success"]
    assert (answer["success"], answer["expiresIn"]) == (True, 900)
    assert works(answer["access"])


def test_the_case_of_the_address_does_not_matter():
    user = verified(UserFactory(email="kim@example.com"))

    response = Caller().post("auth/token", {"email": "Kim@Example.COM", "password": PASSWORD})

    assert response.status_code == 200
    assert user.is_active


@pytest.mark.parametrize("email", ["kim@example.com", "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_are_the_same(email):
    verified(UserFactory(email="kim@example.com"))

    response = Caller().post("auth/token", {"email": email, "password": "wrong"})

    assert code_of(response) == (401, "invalid_credentials")


def test_a_deactivated_person_gets_no_tokens():
    user = verified(UserFactory(is_active=False))

    assert code_of(log_in(user)) == (401, "invalid_credentials")


def test_an_address_must_be_confirmed_first():
    assert code_of(log_in(UserFactory())) == (403, "email_not_verified")


def test_logging_in_leaves_the_browser_as_it_is():
    user, other = verified(UserFactory()), UserFactory()
    caller = Caller()
    caller.client.force_login(other)
    before = caller.client.session.session_key

    response = caller.post("auth/token", {"email": user.email, "password": PASSWORD})

    assert response.status_code == 200
    assert response.cookies == {}
    assert caller.client.session.session_key == before
    assert caller.client.session["_auth_user_id"] == str(other.pk)


def test_a_second_factor_is_asked_for():
    user = verified(UserFactory())
    TOTP.activate(user, SECRET)

    without, wrong = log_in(user), log_in(user, code="000000")
    code = format_hotp_value(hotp_value(SECRET, next(iter(counters()))))
    right, again = log_in(user, code=code), log_in(user, code=code)

    assert code_of(without) == (401, "mfa_required")
    assert code_of(wrong) == (401, "invalid_code")
    assert right.status_code == 200
    assert code_of(again) == (401, "invalid_code")
    records = Session.objects.get(session_key=TokenFamily.objects.get().session_key).get_decoded()[
        "account_authentication_methods"
    ]
    assert [each["method"] for each in records] == ["password", "mfa"]


def test_a_recovery_code_is_a_second_factor_too():
    user = verified(UserFactory())
    TOTP.activate(user, SECRET)
    codes = RecoveryCodes.activate(user).get_unused_codes()

    assert Authenticator.objects.filter(user=user).count() == 2
    assert log_in(user, code=codes[0]).status_code == 200


def test_a_refresh_token_is_good_once_and_its_reuse_ends_the_family():
    first = tokens_of(UserFactory())

    status, second = said(refresh(first["refresh_token"]))
    still_works = works(second["access"])
    reused = refresh(first["refresh_token"])

    assert (status, still_works) == (200, True)
    assert code_of(reused) == (401, "invalid_refresh")
    assert code_of(refresh(second["refresh"])) == (401, "invalid_refresh")
    assert not works(second["access"])
    assert not works(first["access_token"])


def test_the_reuse_of_one_family_leaves_the_others():
    user = UserFactory()
    phone, laptop = tokens_of(user), tokens_of(user)
    refresh(phone["refresh_token"])

    refresh(phone["refresh_token"])

    assert works(laptop["access_token"])


def test_tokens_run_out():
    with travel("2027-03-01T12:00:00Z", tick=False) as clock:
        tokens = tokens_of(UserFactory())
        clock.shift(timedelta(minutes=15, seconds=-1))
        before = works(tokens["access_token"])
        clock.shift(timedelta(seconds=1))
        after = works(tokens["access_token"])
        clock.shift(timedelta(days=13))
        renewed = said(refresh(tokens["refresh_token"]))[1]
        clock.shift(timedelta(days=14))
        too_late = refresh(renewed["refresh"])

    assert (before, after) == (True, False)
    assert code_of(too_late) == (401, "invalid_refresh")


def test_logging_out_ends_the_family_and_no_other():
    user = UserFactory()
    phone, laptop = tokens_of(user), tokens_of(user)
    headers = {"Authorization": f"Bearer {phone['access_token']}"}

    response = Caller().post("auth/logout", headers=headers)

    assert said(response) == (200, {"success": True})
    assert not works(phone["access_token"])
    assert refresh(phone["refresh_token"]).status_code == 401
    assert works(laptop["access_token"])


@pytest.mark.parametrize("event", ["new password", "deactivation", "deletion", "end of session"])
def test_what_ends_a_session_ends_its_tokens_at_once(event):
    user = UserFactory()
    tokens = tokens_of(user)
    assert works(tokens["access_token"])

    if event == "new password":
        user.set_password("another-good-passphrase")
        user.save()
    elif event == "deactivation":
        user.is_active = False
        user.save()
    elif event == "deletion":
        user.delete()
    else:
        Session.objects.all().delete()

    assert not works(tokens["access_token"])
    assert code_of(refresh(tokens["refresh_token"])) == (401, "invalid_refresh")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_the_scheme_is_known_in_any_case_of_letters(scheme):
    access = tokens_of(UserFactory())["access_token"]

    response = Caller()("GET", "meetings", headers={"Authorization": f"{scheme} {access}"})

    assert response.status_code == 200


@pytest.mark.parametrize("name", ["access", "token", "access_token", "bearer", "authorization"])
def test_a_token_in_the_address_is_nothing(name):
    access = tokens_of(UserFactory())["access_token"]

    response = Caller().get("meetings", **{name: access})

    assert code_of(response) == (401, "not_authenticated")
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_session_cookie_may_read_and_needs_protection_to_change():
    user = UserFactory()
    browser = Caller()
    browser.client.force_login(user)

    read = browser.get("meetings")
    bare = browser.post("meetings/create", {})
    browser.client.cookies["csrftoken"] = "a" * 32
    protected = browser.post("meetings/create", {}, headers={"X-CSRFToken": "a" * 32})

    assert read.status_code == 200
    assert code_of(bare) == (403, "csrf_failed")
    assert code_of(protected) == (400, "invalid")


def test_a_bad_token_is_not_made_good_by_a_cookie():
    browser = Caller()
    browser.client.force_login(UserFactory())

    response = browser("GET", "meetings", headers={"Authorization": "Bearer nonsense"})

    assert code_of(response) == (401, "not_authenticated")


def test_keys_can_be_changed(settings):
    old, new = "o" * 40, "n" * 40
    settings.JWT_SIGNING_KEYS = [old]
    settings.HEADLESS_JWT_PRIVATE_KEY = old
    tokens = tokens_of(UserFactory())

    settings.JWT_SIGNING_KEYS = [new, old]
    settings.HEADLESS_JWT_PRIVATE_KEY = new
    renewed = said(refresh(tokens["refresh_token"]))[1]
    with_both = works(tokens["access_token"])
    settings.JWT_SIGNING_KEYS = [new]

    assert with_both
    assert not works(tokens["access_token"])
    assert works(renewed["access"])
