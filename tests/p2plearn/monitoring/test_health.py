from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from huey.contrib.djhuey import HUEY

from meetings.models import CalendarEvent, Heartbeat, Notification
from meetings.tasks import send_mail, sweep
from p2plearn.monitoring.health import readiness
from tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db

ALL_WELL = dict.fromkeys(("database", "queue", "worker", "calendar", "mail"), "ok")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def worker():
    """The worker has a recent heartbeat, and nothing is due."""
    sweep(timezone.now())


def test_the_process_answers_without_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_a_site_that_does_all_of_its_work_is_ready(worker, client, django_assert_num_queries):
    with django_assert_num_queries(4):
        response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"status": "ok", "checks": ALL_WELL})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_both_are_open_to_machines_that_know_no_host_and_no_https(path, worker, client, settings):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["learn.example.com"], True

    response = client.get(path, HTTP_HOST="10.0.0.7:8000")
    head = client.head(path, HTTP_HOST="10.0.0.7:8000")

    assert (response.status_code, head.status_code) == (200, 200)
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    assert client.post(path).status_code == 405


def test_a_worker_that_nobody_has_heard_is_missed(client):
    sweep_at = timezone.now()
    never = client.get("/readyz")
    Heartbeat.objects.beat(sweep_at)

    assert never.status_code == 503
    assert never.json() == {"status": "unavailable", "checks": ALL_WELL | {"worker": "failing"}}
    assert readiness(sweep_at + 2 * MINUTE) == ALL_WELL
    assert readiness(sweep_at + 3 * MINUTE) == ALL_WELL | {"worker": "failing"}


def test_what_nobody_does_is_named(worker):
    now = timezone.now()
    MeetingFactory(scheduled_at=now + timedelta(days=9))
    CalendarEvent.objects.update(due_at=now, lease=None)
    Notification.objects.update(mail_state="waiting", due_at=now, lease=None)
    later = now + 11 * MINUTE
    Heartbeat.objects.beat(later)

    assert readiness(now + MINUTE) == ALL_WELL
    assert readiness(later) == ALL_WELL | {"calendar": "failing", "mail": "failing"}


def test_a_calendar_and_a_mail_server_that_are_away_are_not_the_sites_fault(worker):
    """Work that they refused is due again later."""
    now = timezone.now()
    MeetingFactory(scheduled_at=now + timedelta(days=9))
    CalendarEvent.objects.update(due_at=now + 30 * MINUTE, tries=5)
    Notification.objects.update(mail_state="waiting", due_at=now + 30 * MINUTE, tries=5)

    assert readiness(now) == ALL_WELL


def test_a_queue_that_stands_still_is_named(worker, monkeypatch):
    monkeypatch.setattr(HUEY, "_immediate", False)
    send_mail((timezone.now() - 11 * MINUTE).timestamp())

    stuck = readiness(timezone.now())
    HUEY.storage.flush_queue()

    assert stuck == ALL_WELL | {"queue": "failing"}
    assert readiness(timezone.now()) == ALL_WELL


def test_without_a_database_nothing_else_is_known(worker, client):
    def fail(*_query):
        raise OperationalError("connection to server at db.example.com failed")

    with connection.execute_wrapper(fail):
        response = client.get("/readyz")

    unknown = dict.fromkeys(("worker", "calendar", "mail"), "unknown")
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "failing", "queue": "ok", **unknown}
    assert "example.com" not in response.content.decode()
