from datetime import timedelta

import pytest
from django.utils import timezone
from time_machine import travel

from meetings.booking import lifecycle
from meetings.models import Meeting, RequestKey
from meetings.models.claims import LEASE
from tests.factories import MentorFactory, UserFactory, soon
from tests.meetings.api.caller import Caller, said, z

pytestmark = pytest.mark.django_db


@pytest.fixture
def start():
    return soon(timezone.now(), 24 * 60)


@pytest.fixture
def body(start):
    return {
        "mentorId": str(MentorFactory().pk),
        "subject": "Loops",
        "scheduledAt": z(start),
        "duration": 60,
    }


@pytest.fixture
def learner():
    return UserFactory()


def create(caller, body):
    return caller.post("meetings/create", body, headers={"Idempotency-Key": "a-key"})


def code_of(response):
    return response.status_code, said(response)[1]["code"]


def test_the_same_request_has_the_same_answer_whatever_has_become_of_it(learner, body):
    phone, laptop = Caller(learner), Caller(learner)

    first = create(phone, body)
    lifecycle.cancel(Meeting.objects.get(), by=learner)
    again = create(laptop, body)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert Meeting.objects.count() == 1


def test_the_same_body_in_other_words_is_the_same(learner, body, start):
    caller = Caller(learner)
    there = start + timedelta(hours=2)
    words = {"description": "", "scheduledAt": z(there).replace("Z", "+02:00")}

    first, again = create(caller, body), create(caller, body | words)

    assert first.content == again.content


def test_another_body_is_refused(learner, body):
    caller = Caller(learner)
    create(caller, body)

    response = create(caller, body | {"subject": "Lists"})

    assert code_of(response) == (422, "key_reused")


def test_a_key_belongs_to_a_person(learner, body):
    create(Caller(learner), body)

    response = create(Caller(UserFactory()), body)

    assert code_of(response) == (409, "slot_taken")


def test_without_a_key_each_request_stands_alone(learner, body):
    caller = Caller(learner)
    caller.post("meetings/create", body)

    response = caller.post("meetings/create", body)

    assert code_of(response) == (409, "slot_taken")
    assert not RequestKey.objects.exists()


def test_while_the_first_request_runs_others_wait(learner, body):
    caller = Caller(learner)
    create(caller, body)
    RequestKey.objects.update(answer="")

    response = create(caller, body)

    assert code_of(response) == (409, "key_in_use")
    assert response["Retry-After"] == "1"


@pytest.mark.parametrize("when", ["before it booked", "after it booked"])
def test_a_key_whose_process_was_killed_works_again(learner, body, when):
    caller = Caller(learner)
    first = create(caller, body)
    RequestKey.objects.update(answer="")
    if when == "before it booked":
        Meeting.objects.all().delete()

    with travel(timezone.now() + LEASE):
        second, third = create(caller, body), create(caller, body)

    assert (first.status_code, second.status_code, third.status_code) == (201, 201, 201)
    assert second.content == third.content
    assert said(second)[1]["meeting"]["_id"] == str(Meeting.objects.get().pk)


def test_a_refusal_is_not_kept(learner, body):
    caller = Caller(learner)
    other = Caller(UserFactory())
    taken = said(create(other, body))[1]["meeting"]["_id"]

    first = create(caller, body)
    other("DELETE", f"meetings/{taken}")
    again = create(caller, body)

    assert code_of(first) == (409, "slot_taken")
    assert again.status_code == 201


def test_after_a_day_a_key_is_new(learner, body, start):
    caller = Caller(learner)
    create(caller, body)
    later = body | {"scheduledAt": z(start + timedelta(days=7))}

    with travel(timezone.now() + timedelta(days=1, minutes=1)):
        response = create(Caller(learner), later)

    assert response.status_code == 201
    assert Meeting.objects.count() == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "é"])
def test_a_key_is_some_visible_signs(learner, body, key):
    response = Caller(learner).post("meetings/create", body, headers={"Idempotency-Key": key})

    status, answer = said(response)
    assert (status, list(answer["errors"])) == (400, ["Idempotency-Key"])
