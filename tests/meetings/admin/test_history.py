import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.booking import texts
from meetings.models import MeetingEvent
from tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db


def url_of(kind, page, *args):
    return reverse(f"admin:meetings_{kind}_{page}", args=args)


def test_the_page_of_a_meeting_shows_its_history(client, staff):
    meeting = MeetingFactory(learner__name="Lena Learner")

    page = client.get(url_of("meeting", "change", meeting.pk)).content.decode()

    row = page[page.index('id="history-group"') :]
    assert "booked" in row
    assert "Lena Learner" in row


def test_the_list_takes_the_same_number_of_queries_however_much_happened(
    client, staff, django_assert_max_num_queries
):
    for _number in range(9):
        MeetingFactory()

    with django_assert_max_num_queries(9):
        page = client.get(url_of("meetingevent", "changelist"), {"q": "How to begin"})

    assert len(page.context["cl"].result_list) == 9


def test_the_history_of_one_meeting_is_one_query_however_long(client, staff):
    meeting = MeetingFactory()
    page = url_of("meeting", "change", meeting.pk)
    # The first page may fill caches.
    client.get(page)
    with CaptureQueriesContext(connection) as few:
        client.get(page)

    for number in range(6):
        texts.edit(meeting, by=meeting.learner, subject=f"Loops {number}")
    with CaptureQueriesContext(connection) as many:
        client.get(page)

    assert len(many) == len(few)


def test_it_is_only_looked_at(client, staff):
    event = MeetingEvent.objects.get(meeting=MeetingFactory(subject="Loops"))
    page = url_of("meetingevent", "change", event.pk)

    assert "Loops" in client.get(page).content.decode()
    assert client.post(page, {"kind": "cancelled"}).status_code == 403
    assert client.get(url_of("meetingevent", "add")).status_code == 403
    assert (
        client.post(url_of("meetingevent", "delete", event.pk), {"post": "yes"}).status_code == 403
    )
