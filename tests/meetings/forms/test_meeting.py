import pytest

from meetings.forms.meeting import (
    CancelForm,
    CompleteForm,
    NotesForm,
    PrivateNoteForm,
    RatingForm,
)


def test_cancel_takes_a_reason_or_none():
    for reason in ("", "I am ill.", "x" * 1_000):
        form = CancelForm({"reason": reason})

        assert form.is_valid()
        assert form.cleaned_data == {"reason": reason}


@pytest.mark.parametrize(
    ("form", "field", "limit"),
    [
        (CancelForm, "reason", 1_000),
        (CompleteForm, "feedback", 5_000),
        (NotesForm, "text", 5_000),
        (PrivateNoteForm, "text", 5_000),
    ],
)
def test_texts_have_a_limit_and_no_control_characters(form, field, limit):
    rest = {"rating": "5", "seen": "0"}

    assert form(rest | {field: "Two\r\nlines\tand a tab"}).is_valid()
    assert form(rest | {field: "x" * limit}).is_valid()
    for bad in ("x" * (limit + 1), "bell \x07", "nul \x00", "turned \u202e"):
        assert list(form(rest | {field: bad}).errors) == [field]


def test_a_rating_is_one_to_five_stars():
    for stars in range(1, 6):
        form = RatingForm({"rating": str(stars), "feedback": " Clear "})

        assert form.is_valid()
        assert form.cleaned_data == {"rating": stars, "feedback": "Clear"}
    for bad in ("", "0", "6", "-1", "4.5", "five", "５"):
        form = RatingForm({"rating": bad})

        assert form.errors == {"rating": ["Choose one to five stars."]}


def test_completing_needs_no_rating_but_feedback_needs_one():
    assert CompleteForm({}).is_valid()
    assert CompleteForm({"rating": "3"}).is_valid()

    assert CompleteForm({"feedback": "Clear"}).errors == {
        "rating": ["Choose stars to go with your feedback."]
    }
    assert CompleteForm({"rating": "9", "feedback": "Clear"}).errors == {
        "rating": ["Choose one to five stars."]
    }


def test_notes_say_what_they_are_based_on():
    for bad in ("", "-1", "x"):
        assert list(NotesForm({"text": "Hi", "seen": bad}).errors) == ["seen"]
