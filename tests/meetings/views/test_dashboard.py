from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from meetings.domain.policy import Status
from meetings.models import Meeting
from tests.factories import (
    MONDAY,
    MeetingFactory,
    MentorFactory,
    UserFactory,
    completed_meeting,
)
from tests.meetings.views.browsing import make_life

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ROOM = "https://video.example.com/room"
URL = reverse("meetings:dashboard")


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def learner(client):
    person = UserFactory(name="Lena Learner")
    client.force_login(person)
    return person


@pytest.fixture
def mentor():
    return MentorFactory(user=UserFactory(name="Ada Mentor")).user


def subjects(cards):
    return [seen.meeting.subject for seen in cards]


def test_the_next_meeting_comes_first_and_the_others_follow(client, learner, mentor):
    people = {"learner": learner, "mentor": mentor}
    MeetingFactory(subject="Third", scheduled_at=MONDAY + 3 * DAY, **people)
    MeetingFactory(subject="First", scheduled_at=MONDAY - HOUR / 2, **people)
    MeetingFactory(subject="Second", scheduled_at=MONDAY + HOUR, **people)

    response = client.get(URL)

    assert response.status_code == 200
    assert response.context["next"].meeting.subject == "First"
    assert subjects(response.context["upcoming"]) == ["Second", "Third"]


def test_a_card_tells_everything(client, learner, mentor):
    people = {"learner": learner, "mentor": mentor}
    MeetingFactory(subject="Next", scheduled_at=MONDAY + HOUR, **people)
    meeting = MeetingFactory(
        subject="Loops",
        description="word " * 200,
        scheduled_at=MONDAY + DAY + 2.5 * HOUR,
        duration=90,
        **people,
    )

    page = client.get(URL).content.decode()

    card = page[page.index('class="card card-hover meeting-card"') :]
    card = " ".join(card[: card.index("</article>")].split())
    for text in (
        "Loops",
        "word word",
        "Ada Mentor",
        "Tue 2 Mar 2027",
        "14:30 – 16:00",
        "1.5 hours",
        "UTC",
        "in 1d 2h",
        "Scheduled",
        "badge-status--scheduled",
        "Join from 14:20",
        "Details",
        meeting.get_absolute_url(),
    ):
        assert text in card
    assert card.count("word") < 100


def test_join_is_live_from_ten_minutes_before_until_the_end(client, learner, mentor):
    meeting = MeetingFactory(
        learner=learner, mentor=mentor, scheduled_at=MONDAY + HOUR, meeting_link=ROOM
    )
    button = f'action="{meeting.join_path}"'
    live = {}

    for minutes in (-11, -10, 0, 59, 60):
        with time_machine.travel(MONDAY + HOUR + timedelta(minutes=minutes), tick=False):
            live[minutes] = button in client.get(URL).content.decode()

    assert live == {-11: False, -10: True, 0: True, 59: True, 60: False}


def test_a_button_that_is_not_live_says_why(calendar, client, learner, mentor):
    meeting = MeetingFactory(learner=learner, mentor=mentor, scheduled_at=MONDAY + HOUR)

    before = client.get(URL).content.decode()
    with time_machine.travel(MONDAY + HOUR, tick=False):
        without_room = client.get(URL).content.decode()

    assert "Join from 12:50" in before
    assert "You can join 10 minutes before the start." in before
    assert "The button works as soon as there is a room." in without_room
    assert "The room is being made." in without_room
    assert meeting.join_path not in without_room


def test_what_is_over_asks_what_happened(client, learner, mentor):
    people = {"learner": learner, "mentor": mentor}
    open_one = MeetingFactory(subject="Open", scheduled_at=MONDAY - 2 * HOUR, **people)
    unrated = completed_meeting(mentor, learner, start=MONDAY - DAY, subject="Unrated")
    completed_meeting(mentor, learner, start=MONDAY - 2 * DAY, rating=3)

    response = client.get(URL)

    page = response.content.decode()
    assert subjects(response.context["unanswered"]) == ["Open"]
    assert subjects(response.context["unrated"]) == ["Unrated"]
    assert f'action="{reverse("meetings:complete", args=[open_one.pk])}"' in page
    assert f'href="{reverse("meetings:cancel", args=[open_one.pk])}"' in page
    assert f'href="{reverse("meetings:rate", args=[unrated.pk])}"' in page


def test_a_mentor_is_not_asked_to_rate(client, learner, mentor):
    completed_meeting(mentor, learner, start=MONDAY - DAY)
    client.force_login(mentor)

    response = client.get(URL)

    assert response.context["unrated"] == []
    assert len(response.context["cards"]) == 1


def test_what_was_in_progress_is_past_even_before_the_worker_completes_it(client, learner, mentor):
    meeting = MeetingFactory(
        learner=learner,
        mentor=mentor,
        status=Status.IN_PROGRESS,
        scheduled_at=MONDAY - 2 * HOUR,
    )

    response = client.get(URL)

    assert response.context["next"] is None
    assert [seen.meeting for seen in response.context["cards"]] == [meeting]


def test_every_meeting_of_a_person_is_shown_and_nobody_elses(client, learner, mentor):
    make_life(learner, mentor, 2)
    MeetingFactory(subject="Somebody else's")

    context = client.get(URL).context

    shown = {context["next"].meeting.pk}
    for name in ("upcoming", "unanswered", "unrated", "cards"):
        shown |= {seen.meeting.pk for seen in context[name]}
    mine = Meeting.objects.filter(learner=learner)
    assert shown == {meeting.pk for meeting in mine}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("", {"Taught", "Learnt"}),
        ("learner", {"Learnt"}),
        ("mentor", {"Taught"}),
        ("staff", {"Taught", "Learnt"}),
        ("learner__email", {"Taught", "Learnt"}),
    ],
)
def test_both_roles_and_either(client, mentor, role, expected):
    both = MentorFactory().user
    client.force_login(both)
    MeetingFactory(subject="Taught", mentor=both, scheduled_at=MONDAY + DAY)
    MeetingFactory(subject="Learnt", mentor=mentor, learner=both, scheduled_at=MONDAY + 2 * DAY)

    context = client.get(URL, {"role": role}).context

    shown = [context["next"], *context["upcoming"]]
    assert set(subjects(shown)) == expected


def test_the_role_filter_is_there_for_mentors_alone(client, learner, mentor):
    as_learner = client.get(URL).content.decode()
    client.force_login(mentor)
    as_mentor = client.get(URL).content.decode()

    assert "As a mentor" not in as_learner
    assert "As a mentor" in as_mentor


def test_nobody_there_yet_leads_on(client, learner):
    page = client.get(URL).content.decode()
    empty_list = client.get(URL, {"show": "upcoming"}).content.decode()
    client.force_login(MentorFactory().user)
    as_mentor = client.get(URL, {"role": "mentor"}).content.decode()

    assert f'href="{reverse("meetings:mentors")}"' in page
    assert "Become a mentor" in page
    assert "Nothing here" in empty_list
    assert "Look at your availability" in as_mentor
    assert "Become a mentor" not in as_mentor


def test_text_is_text(client, learner, mentor):
    for n, kind in enumerate((1, 2, 3)):
        MeetingFactory(
            learner=learner,
            mentor=mentor,
            scheduled_at=MONDAY + kind * DAY,
            subject=f"<script>alert({n})</script> {{{{7*7}}}}",
            description="<img src=x onerror=alert(1)>",
        )

    page = client.get(URL).content.decode()

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "{{7*7}}" in page
    assert page.count("&lt;script&gt;alert(") >= 3


def test_a_look_changes_nothing(client, learner, mentor):
    make_life(learner, mentor, 1)
    before = list(Meeting.objects.order_by("pk").values())

    client.get(URL)

    assert list(Meeting.objects.order_by("pk").values()) == before
    assert client.post(URL).status_code == 405


def test_it_needs_a_log_in(client):
    response = client.get(URL)

    assert (response.status_code, response["Location"]) == (
        302,
        "/accounts/login/?next=/dashboard/",
    )
