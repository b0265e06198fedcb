import uuid
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from meetings.forms.booking import BookingForm, PickForm, parse_start

KEY = uuid.UUID("0c0a9e1e-5a3e-4b53-9d0f-2f1a3c1f7a11")


def filled(**changes):
    fields = {
        "start": "2027-03-01T12:00Z",
        "duration": "60",
        "subject": "Loops",
        "description": "",
        "form_key": str(KEY),
    }
    return BookingForm({**fields, **changes})


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-01T12:00Z",
        "2027-03-01T12:00:00+00:00",
        "2027-03-01T13:00+01:00",
        "2027-03-01T17:30:00+05:30",
    ],
)
def test_a_start_is_an_instant_whatever_its_offset(text):
    assert parse_start(text) == datetime(2027, 3, 1, 12, tzinfo=UTC)


def test_a_start_without_offset_is_refused():
    with pytest.raises(ValidationError) as refusal:
        parse_start("2027-03-01T12:00")

    assert refusal.value.code == "naive"


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "2027-02-31T12:00Z",
        "2027-03-01T12:00 01:00",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59-12:00",
    ],
)
def test_a_start_that_is_none_is_refused(text):
    with pytest.raises(ValidationError) as refusal:
        parse_start(text)

    assert refusal.value.code == "invalid"


def test_a_filled_in_form_is_cleaned():
    form = filled(subject="  Loops ", description="One\r\ntwo")

    assert form.is_valid()
    assert form.cleaned_data == {
        "start": datetime(2027, 3, 1, 12, tzinfo=UTC),
        "duration": 60,
        "subject": "Loops",
        "description": "One\r\ntwo",
        "form_key": KEY,
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "   "}, "subject"),
        ({"subject": "x" * 201}, "subject"),
        ({"subject": "two\nlines"}, "subject"),
        ({"subject": "back\x08space"}, "subject"),
        ({"description": "x" * 5_001}, "description"),
        ({"description": "nul\x00"}, "description"),
        ({"start": ""}, "start"),
        ({"start": "2027-03-01T12:00"}, "start"),
        ({"duration": "long"}, "duration"),
        ({"form_key": "mine"}, "form_key"),
    ],
)
def test_what_is_not_fit_is_said_at_its_field(changes, field):
    form = filled(**changes)

    assert list(form.errors) == [field]


def test_the_longest_texts_are_fine():
    assert filled(subject="x" * 200, description="x" * 5_000).is_valid()


def test_a_time_offered_instead_outweighs_the_chosen_one():
    form = filled(instead="2027-03-01T13:30Z")

    assert form.is_valid()
    assert form.cleaned_data["start"] == datetime(2027, 3, 1, 13, 30, tzinfo=UTC)


def test_a_form_keeps_its_key_and_a_new_one_gets_one():
    assert filled(subject="").key == KEY
    assert filled(form_key="mine").key != KEY
    assert BookingForm().key != BookingForm().key


def test_refusals_are_what_stands_beside_no_field():
    form = filled(duration="", subject="", start="")
    form.add_error(None, "Taken.")

    assert form.refusals == ["Taken.", "Please choose how long you want to meet."]
    assert PickForm({}).refusals == []
