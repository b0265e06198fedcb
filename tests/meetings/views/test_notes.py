from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from meetings.booking import texts
from meetings.models import Meeting, PrivateNote
from tests.factories import MONDAY, MeetingFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _the_day_before():
    with time_machine.travel(MONDAY - timedelta(days=1), tick=False):
        yield


@pytest.fixture
def meeting(client):
    meeting = MeetingFactory()
    client.force_login(meeting.learner)
    return meeting


def shared(meeting):
    return reverse("meetings:notes", args=[meeting.pk])


def private(meeting):
    return reverse("meetings:private_notes", args=[meeting.pk])


def notes_of(meeting):
    meeting.refresh_from_db()
    return meeting.notes, meeting.notes_revision


def test_both_write_the_shared_notes(client, meeting):
    first = client.post(shared(meeting), {"text": "Read chapter 1", "seen": "0"})
    client.force_login(meeting.mentor)
    second = client.post(shared(meeting), {"text": "Read chapter 2", "seen": "1"}, follow=True)

    assert first["Location"] == f"{meeting.get_absolute_url()}#notes_shared"
    assert "Your notes are saved." in second.content.decode()
    assert "Read chapter 2" in second.content.decode()
    assert notes_of(meeting) == ("Read chapter 2", 2)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_the_other_wrote_meanwhile_is_not_lost_and_nor_is_mine(client, meeting, headers):
    texts.write_notes(meeting, "Theirs", by=meeting.mentor, seen=0)

    refused = client.post(shared(meeting), {"text": "Mine", "seen": "0"}, headers=headers)
    page = refused.content.decode()
    stood = notes_of(meeting)
    again = client.post(shared(meeting), {"text": "Theirs and mine", "seen": "1"})

    assert refused.status_code == 409
    assert "Theirs" in page
    assert "Mine</textarea>" in page
    assert 'name="seen" value="1"' in page
    assert "The notes have changed while you were writing." in page
    assert stood == ("Theirs", 1)
    assert again.status_code == 302
    assert notes_of(meeting) == ("Theirs and mine", 2)


def test_saving_the_same_again_is_harmless(client, meeting):
    for _time in range(2):
        answer = client.post(shared(meeting), {"text": "Mine", "seen": "0"})
        assert answer.status_code == 302

    assert notes_of(meeting) == ("Mine", 1)


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("text", "seen"), [("long " * 1_001, "0"), ("bell \x07", "0"), ("fine", "x"), ("fine", "")]
)
def test_notes_that_are_not_fit_are_kept_in_the_form(client, meeting, text, seen, headers):
    answer = client.post(shared(meeting), {"text": text, "seen": seen}, headers=headers)

    assert answer.status_code == 422
    assert f"{text}</textarea>" in answer.content.decode()
    assert notes_of(meeting) == ("", 0)


@pytest.mark.parametrize("seen", ["9" * 40, str(2**63 - 1), str(2**31 - 1)])
def test_a_number_out_of_this_world_is_only_out_of_date(seen, client, meeting):
    answer = client.post(shared(meeting), {"text": "Mine", "seen": seen})

    assert answer.status_code == 409
    assert notes_of(meeting) == ("", 0)


def test_with_htmx_only_the_notes_come_back(client, meeting):
    answers = [
        client.post(shared(meeting), {"text": "Mine", "seen": "0"}, headers=HTMX),
        client.post(private(meeting), {"text": "My own"}, headers=HTMX),
    ]

    for answer, text in zip(answers, ("Mine", "My own"), strict=True):
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "<html" not in page
        assert f"{text}</textarea>" in page
        assert "Saved" in page
    assert 'name="seen" value="1"' in answers[0].content.decode()


def test_private_notes_are_seen_by_nobody_else(client, meeting):
    saved = client.post(private(meeting), {"text": "Between me and me"})
    client.post(private(meeting), {"text": "Between me and myself"})
    mine = client.get(meeting.get_absolute_url()).content.decode()
    client.force_login(meeting.mentor)
    theirs = client.get(meeting.get_absolute_url()).content.decode()
    client.post(private(meeting), {"text": "The mentor's own"})

    assert saved["Location"] == f"{meeting.get_absolute_url()}#notes_private"
    assert "Between me and myself" in mine
    assert "Between me" not in theirs
    assert {note.author_id: note.text for note in PrivateNote.objects.all()} == {
        meeting.learner_id: "Between me and myself",
        meeting.mentor_id: "The mentor's own",
    }


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_private_notes_that_are_not_fit_are_kept_in_the_form(client, meeting, headers):
    text = "long " * 1_001

    answer = client.post(private(meeting), {"text": text}, headers=headers)

    assert answer.status_code == 422
    assert f"{text}</textarea>" in answer.content.decode()
    assert not PrivateNote.objects.exists()


def test_notes_are_text(client, meeting):
    evil = "</textarea><script>alert(1)</script>"

    client.post(private(meeting), {"text": evil})
    Meeting.objects.filter(pk=meeting.pk).update(notes=evil)
    refused = client.post(shared(meeting), {"text": evil + "!", "seen": "7"})

    for page in (client.get(meeting.get_absolute_url()), refused):
        assert "<script>alert" not in page.content.decode()
