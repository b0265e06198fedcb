"""All later migrations keep the data of a database that the first version filled."""

import pytest
import time_machine
from django.apps import apps
from django.db import connection, transaction

from meetings.booking import lifecycle
from meetings.models import Meeting, Notification
from tests.migrations.changes import MOVED_FIELDS, RENAMED_FIELDS, RENAMED_MODELS
from tests.migrations.rows import FIRST_VERSION, all_rows, value_of

# The time at which the rows were written: noon on a Monday.
NOW = "2027-03-15T12:00:00Z"
OUR_APPS = tuple(FIRST_VERSION)


def stored(model, names):
    """`{primary key: {field: value}}` of all rows."""
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
    """A model without rows would prove nothing."""
    assert {label: len(rows) for label, rows in all_rows().items() if len(rows) < 2} == {
        "accounts.TokenFamily": 1,
        "meetings.SettledCopy": 1,
        "meetings.Heartbeat": 1,
    }


def test_no_row_points_nowhere():
    """MongoDB itself does not check references."""
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
def test_a_moved_meeting_can_move_again_and_both_are_notified(subject, settings):
    """A change is notified once per revision; a revision that restarted at 0 would hide it."""
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
