from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from time_machine import travel

from tests.factories import PASSWORD, MentorFactory, UserFactory, soon
from tests.meetings.api.caller import Caller, said, verified

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def limits(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.API_RATE_LIMITS = {"api": "3/m/user,5/m/ip", "api_anonymous": "2/m/ip"}
    cache.clear()
    return settings


def statuses(caller, times, path="meetings", **more):
    return [caller("GET", path, **more).status_code for _ in range(times)]


def test_a_person_has_a_limit_whatever_token_they_use():
    user = UserFactory()
    with travel("2027-03-01T12:00:00Z", tick=False) as clock:
        phone, laptop = Caller(user), Caller(user)
        allowed = statuses(phone, 2) + statuses(laptop, 1)
        clock.shift(timedelta(seconds=20))
        refused = laptop.get("meetings")
        clock.shift(timedelta(seconds=40))
        later = laptop.get("meetings")

    assert allowed == [200] * 3
    assert said(refused) == (
        429,
        {
            "success": False,
            "code": "rate_limited",
            "message": "That was too much at once. Please try again later.",
        },
    )
    assert refused["Retry-After"] == "40"
    assert later.status_code == 200


def test_an_address_has_a_limit_whoever_calls_from_it():
    one, other = Caller(UserFactory()), Caller(UserFactory())

    assert statuses(one, 3) + statuses(other, 3) == [200] * 5 + [429]


def test_nobody_has_a_limit_that_does_not_touch_others():
    assert statuses(Caller(), 3) == [401, 401, 429]
    assert statuses(Caller(UserFactory()), 1) == [200]


def test_addresses_come_from_the_connection():
    told = {"X-Forwarded-For": "203.0.113.7"}

    assert statuses(Caller(), 3, headers=told) == [401, 401, 429]
    assert statuses(Caller(), 1) == [429]


def test_addresses_come_from_a_proxy_that_is_trusted(limits):
    limits.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    here = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}
    there = {"X-Forwarded-For": "198.51.100.1, 203.0.113.8"}

    assert statuses(Caller(), 3, headers=here) == [401, 401, 429]
    assert statuses(Caller(), 1, headers=there) == [401]


def test_log_ins_count_together_with_those_on_the_page(limits):
    limits.API_RATE_LIMITS = {}
    limits.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    user = verified(UserFactory())
    body = {"email": user.email, "password": PASSWORD}
    Client().post("/accounts/login/", {"login": user.email, "password": "wrong"})

    first, second = Caller().post("auth/token", body), Caller().post("auth/token", body)

    assert (first.status_code, second.status_code) == (200, 429)
    assert 1 <= int(second["Retry-After"]) <= 60


def test_wrong_passwords_are_limited(limits):
    limits.API_RATE_LIMITS = {}
    limits.ACCOUNT_RATE_LIMITS = {"login_failed": "2/5m/key"}
    user = verified(UserFactory())

    def attempt(password):
        response = Caller().post("auth/token", {"email": user.email, "password": password})
        return response.status_code, said(response)[1].get("code")

    assert [attempt("wrong") for _ in range(2)] == [(401, "invalid_credentials")] * 2
    assert attempt(PASSWORD) == (429, "rate_limited")


def test_bookings_are_limited_but_their_repeats_are_not(limits):
    limits.API_RATE_LIMITS = {}
    limits.ACCOUNT_RATE_LIMITS = {"book": "1/m/user"}
    start = soon(timezone.now() + timedelta(days=1))
    body = {
        "mentorId": str(MentorFactory().pk),
        "subject": "Loops",
        "scheduledAt": start.isoformat(),
        "duration": 60,
    }
    caller = Caller(UserFactory())

    def book(key, **more):
        headers = {"Idempotency-Key": key}
        return caller.post("meetings/create", body | more, headers=headers).status_code

    assert [book("a"), book("a"), book("b"), book("b")] == [201, 201, 429, 429]


@pytest.mark.django_db(transaction=True)
def test_calls_at_once_are_counted_one_by_one(limits):
    limits.API_RATE_LIMITS = {"api_anonymous": "5/m/ip"}

    def call(_number):
        return Caller().get("meetings").status_code

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(call, range(16)))

    assert found.count(401) == 5
    assert found.count(429) == 11
