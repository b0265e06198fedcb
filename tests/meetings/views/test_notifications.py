"""The bell, its list, and the settings for mails."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from meetings.booking import lifecycle
from meetings.models import Notification
from meetings.notifications.unsubscribe import unsubscribe_url
from tests.factories import MONDAY, MeetingFactory

pytestmark = pytest.mark.django_db

NOW = MONDAY - timedelta(days=3)
BELL = reverse("meetings:bell")
LIST = reverse("meetings:notifications")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def meeting():
    return MeetingFactory(subject="Loops <b>")


@pytest.fixture
def client(meeting):
    client = Client()
    client.force_login(meeting.mentor)
    return client


def seen_in(response):
    (seen,) = re.findall(r"seen=([\w-]+)", response.content.decode())
    return seen


def text_of(response):
    return " ".join(re.sub("<[^>]*>", " ", response.content.decode()).split())


def test_a_page_has_a_bell_that_asks_by_itself_and_works_without(client):
    page = client.get(reverse("meetings:dashboard")).content.decode()

    (bell,) = re.findall(r"<a class=\"bell\".*?</a>", page, re.DOTALL)
    assert f'href="{LIST}"' in bell
    assert f'hx-get="{BELL}"' in bell
    assert re.search('id="bell-news" role="status"', page)


def test_the_bell_counts_what_is_unread(client):
    response = client.get(BELL)

    assert text_of(response) == "Notifications 1 , 1 unread"
    assert "HX-Trigger" not in response


def test_an_unchanged_bell_says_nothing_for_one_query(client, django_assert_num_queries):
    seen = seen_in(client.get(BELL))

    # The session, the person, and the bell itself.
    with django_assert_num_queries(3) as queries:
        response = client.get(BELL, {"seen": seen})

    assert (response.status_code, response.content) == (204, b"")
    assert sum("notification" in query["sql"] for query in queries) == 1


def test_news_ring_the_bell_and_tell_the_page(client, meeting):
    seen = seen_in(client.get(BELL))
    lifecycle.cancel(meeting, by=meeting.learner)

    response = client.get(BELL, {"seen": seen})

    assert "You have 2 unread notifications." in text_of(response)
    assert response["HX-Trigger"] == '{"notifications-changed": {}}'


def test_what_one_does_oneself_renews_the_page_without_ringing(client, meeting):
    seen = seen_in(client.get(BELL))
    lifecycle.cancel(meeting, by=meeting.mentor)

    response = client.get(BELL, {"seen": seen})

    assert response["HX-Trigger"] == '{"notifications-changed": {}}'
    assert "You have" not in text_of(response)


def test_a_reminder_rings_when_it_is_due_and_not_before(client, clock):
    Notification.objects.filter(kind="booked").delete()
    before = text_of(client.get(BELL))
    clock.move_to(MONDAY - timedelta(hours=1))

    assert before == "Notifications"
    assert text_of(client.get(BELL)) == "Notifications 2 , 2 unread"


def test_the_bell_says_nothing_to_nobody():
    assert Client().get(BELL, {"seen": "1-x"}).status_code == 204


def test_the_list_shows_what_is_due_as_text(client, meeting):
    page = client.get(LIST).content.decode()

    assert "Booked: “Loops &lt;b&gt;” with" in page
    assert "Reminder" not in page


def test_the_list_takes_as_many_queries_for_many(client, meeting, django_assert_num_queries):
    def count():
        with django_assert_num_queries(5):
            client.get(LIST)

    client.get(LIST)
    count()
    for _number in range(9):
        MeetingFactory(mentor=meeting.mentor, scheduled_at=MONDAY + timedelta(days=_number + 1))
    count()


def test_opening_marks_as_read_and_leads_to_the_meeting(client, meeting):
    told = meeting.notifications.get(recipient=meeting.mentor, kind="booked")

    response = client.post(reverse("meetings:read", args=[told.pk]))

    assert response["Location"] == meeting.get_absolute_url()
    told.refresh_from_db()
    assert told.read_at == timezone.now()


def test_marking_as_read_stays(client, meeting):
    told = meeting.notifications.get(recipient=meeting.mentor, kind="booked")

    response = client.post(reverse("meetings:read", args=[told.pk]), {"stay": "1"})

    assert response["Location"] == LIST


@pytest.mark.parametrize("kind", ["booked", "reminder_1h"])
def test_nobody_reads_anothers_or_what_is_not_due(client, meeting, kind):
    person = meeting.learner if kind == "booked" else meeting.mentor
    told = meeting.notifications.get(recipient=person, kind=kind)

    assert client.post(reverse("meetings:read", args=[told.pk])).status_code == 404


def test_marking_all_leaves_what_came_since(client, meeting, clock):
    shown = timezone.now().isoformat()
    clock.shift(timedelta(minutes=1))
    lifecycle.cancel(meeting, by=meeting.learner)

    client.post(reverse("meetings:read_all"), {"until": shown})

    unread = Notification.objects.shown_to(meeting.mentor, timezone.now()).filter(read_at=None)
    assert [each.kind for each in unread] == ["cancelled"]


@pytest.mark.parametrize("until", ["", "nonsense", "2027-13-45T00:00:00Z", "2027-01-01T00:00"])
def test_marking_all_copes_with_any_time(client, meeting, until):
    client.post(reverse("meetings:read_all"), {"until": until})

    assert text_of(client.get(BELL)) == "Notifications"


@pytest.mark.parametrize("chosen", [[], ["reminders"], ["bell"], ["reminders", "bell"]])
def test_the_settings_keep_the_choice_of_mails(client, meeting, chosen):
    response = client.post(reverse("meetings:mail_choices"), {"mails": chosen}, follow=True)

    meeting.mentor.refresh_from_db()
    person = meeting.mentor
    assert (person.wants_reminders, person.wants_bell_mails) == (
        "reminders" in chosen,
        "bell" in chosen,
    )
    ticked = re.findall(r'name="mails"\s+value="(\w+)"[^>]*checked', response.content.decode())
    assert ticked == chosen


def path_for(person, settings):
    return unsubscribe_url(person, "reminders").removeprefix(settings.SITE_URL)


def test_looking_at_the_way_out_changes_nothing(meeting, settings):
    response = Client().get(path_for(meeting.learner, settings))

    assert "No more of these mails?" in text_of(response)
    meeting.learner.refresh_from_db()
    assert meeting.learner.wants_reminders


def test_one_click_of_a_mail_program_is_enough(meeting, settings):
    program = Client(enforce_csrf_checks=True)

    for _click in range(2):
        response = program.post(
            path_for(meeting.learner, settings), {"List-Unsubscribe": "One-Click"}
        )
        assert response.status_code == 200
        assert response.cookies == {}

    meeting.learner.refresh_from_db()
    assert not meeting.learner.wants_reminders
    assert meeting.learner.wants_bell_mails


def test_a_token_that_is_not_ours_is_not_there(meeting, settings):
    path, other = path_for(meeting.learner, settings), path_for(meeting.mentor, settings)
    anothers = f"{other.rpartition(':')[0]}:{path.rpartition(':')[2]}"

    for forged in (path[:-3] + "/", anothers, f"/unsubscribe/{meeting.learner_id}/"):
        assert Client().post(forged).status_code == 404
    assert meeting.learner.email not in path
