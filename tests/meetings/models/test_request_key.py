from datetime import timedelta

import pytest

from meetings.models import RequestKey
from meetings.models.claims import LEASE
from meetings.models.request_key import REMEMBERED, KeyInUse, KeyReused
from tests.factories import MONDAY, UserFactory

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def obtain(person, *, key="k", fingerprint="f", now=MONDAY):
    return RequestKey.objects.obtain(person, key, fingerprint, now=now)


def test_a_key_is_in_use_until_it_is_answered():
    person = UserFactory()
    first = obtain(person)

    with pytest.raises(KeyInUse) as refusal:
        obtain(person, now=MONDAY + SECOND)
    first.remember("done")

    assert refusal.value.retry_after == 1
    assert obtain(person, now=MONDAY + SECOND).answer == "done"


def test_a_key_stands_for_one_request():
    person = UserFactory()
    obtain(person).remember("done")

    with pytest.raises(KeyReused):
        obtain(person, fingerprint="other")


def test_a_key_is_the_persons_own():
    obtain(UserFactory())

    assert obtain(UserFactory()).answer == ""


def test_a_key_whose_process_was_killed_works_again_within_a_minute():
    person = UserFactory()
    first = obtain(person)

    second = obtain(person, now=MONDAY + LEASE)

    assert timedelta(minutes=1) > LEASE
    assert second.pk == first.pk


def test_only_one_takes_over_from_a_killed_process():
    person = UserFactory()
    obtain(person)
    obtain(person, now=MONDAY + LEASE)

    with pytest.raises(KeyInUse):
        obtain(person, now=MONDAY + LEASE)


def test_a_key_that_was_given_back_is_free():
    person = UserFactory()
    first = obtain(person)

    first.give_back()

    assert obtain(person, fingerprint="other").pk != first.pk


def test_a_slow_request_does_not_give_back_what_another_works_under():
    person = UserFactory()
    slow = obtain(person)
    second = obtain(person, now=MONDAY + LEASE)

    slow.give_back()

    assert second.remember("done") == "done"
    assert slow.remember("late") == "done"


def test_a_key_is_forgotten_after_a_day():
    person = UserFactory()
    first = obtain(person)
    first.remember("done")

    again = obtain(person, fingerprint="other", now=MONDAY + REMEMBERED)

    assert again.pk != first.pk
    assert RequestKey.objects.purge(MONDAY + 2 * REMEMBERED) == 1
