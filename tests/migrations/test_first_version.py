"""A database that the first version has filled survives all migrations since."""

import pytest
import time_machine
from django.apps import apps
from django.db import connection, transaction

from meetings.booking import lifecycle
from meetings.models import Meeting, Notification
from tests.migrations.changes import MOVED_FIELDS, RENAMED_FIELDS, RENAMED_MODELS
from tests.migrations.rows import FIRST_VERSION, all_rows, value_of

# When the rows were written: noon of a Monday.
NOW = "2027-03-15T12:00:00Z"
OUR_APPS = tuple(FIRST_VERSION)


def stored(model, names):
    """`{key: {field: value}}` of all rows."""
    rows = model._base_manager.values(model._meta.pk.attname, *names)
    return {row[model._meta.pk.attname]: row for row in rows}


@pytest.mark.parametrize("label", all_rows())
def test_no_row_is_lost_and_no_value_another(label):
    model = apps.get_model(RENAMED_MODELS.get(label, label))
    renamed, moved = RENAMED_FIELDS.get(label, {}), MOVED_FIELDS.get(label, set())
    expected = [
        {
            renamed.get(name, name): value_of(model, renamed.get(name, name), value)
            for name, value in row.items()
            if name not in moved
        }
        for row in all_rows()[label]
    ]

    there = stored(model, expected[0])

    assert there == {row[model._meta.pk.attname]: row for row in expected}


def test_the_rows_are_of_every_model_that_there_was():
    """Also where one is empty, which would prove nothing."""
    assert {label: len(rows) for label, rows in all_rows().items() if len(rows) < 2} == {
        "accounts.TokenFamily": 1,
        "meetings.SettledCopy": 1,
        "meetings.Heartbeat": 1,
    }


def test_no_row_points_nowhere():
    """MongoDB itself would not notice."""
    for model in (model for app in OUR_APPS for model in apps.get_app_config(app).get_models()):
        for field in model._meta.concrete_fields:
            if field.related_model is None:
                continue
            there = set(field.related_model._base_manager.values_list("pk", flat=True))
            used = model._base_manager.exclude(**{field.attname: None})

            assert set(used.values_list(field.attname, flat=True)) <= there, field


def test_the_database_finds_nothing_wrong():
    connection.check_constraints()


@pytest.mark.parametrize(
    "subject",
    ["Moved twice", "Edited twice", "From before the copy, edited", "On Meet, moved", "Parked"],
)
def test_what_was_moved_is_moved_again_and_both_are_told(subject, settings):
    """Of each change they are told once, so that a count that began anew would be in the way."""
    settings.CALENDAR_WAIT *= 0
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        meeting = Meeting.objects.get(subject=subject)
        told = Notification.objects.filter(meeting=meeting, kind="rescheduled")
        before = told.count()

        lifecycle.reschedule(
            meeting, to=meeting.scheduled_at.replace(hour=12, minute=30), by=meeting.learner
        )

        assert told.count() == before + 2
        transaction.set_rollback(True)
