"""Values that the first version stored in other places have been moved correctly."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import groupby
from uuid import UUID

import pytest
from django.apps import apps

from tests.migrations.changes import MOVED_FIELDS, RENAMED_FIELDS, RENAMED_MODELS
from tests.migrations.rows import all_rows

MEETINGS = all_rows()["meetings.Meeting"]
MENTORS = all_rows()["accounts.MentorProfile"]
NOTIFICATIONS = all_rows()["meetings.Notification"]


def stored(label, *names):
    """`[(value, ...)]` of all rows, sorted; times and ids as in the file."""
    rows = apps.get_model(label)._base_manager.values_list(*names)
    return in_order(tuple(plain(each) for each in row) for row in rows)


def in_order(rows):
    return sorted(rows, key=repr)


def plain(value):
    match value:
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case UUID():
            return value.hex
    return value


@pytest.mark.parametrize("label", sorted({*MOVED_FIELDS, *RENAMED_FIELDS}))
def test_moved_fields_are_gone(label):
    model = apps.get_model(RENAMED_MODELS.get(label, label))
    renamed = RENAMED_FIELDS.get(label, {})
    gone = {*MOVED_FIELDS.get(label, ()), *renamed} - {*renamed.values()}
    # The values of these changed in place.
    gone -= {"kind", "mail_state", "revision"}

    assert gone & {field.attname for field in model._meta.concrete_fields} == set()


def test_renamed_models_do_not_exist_under_their_old_names():
    labels = {model._meta.label for model in apps.get_models()}

    assert labels & RENAMED_MODELS.keys() == set()


def test_a_meeting_counts_on_from_whichever_of_its_two_counts_was_ahead():
    """So no later notification has the number of an earlier one."""
    assert stored("meetings.Meeting", "id", "revision") == in_order(
        (each["id"], max(each["revision"], each["calendar_revision"])) for each in MEETINGS
    )


def test_a_meeting_has_no_gap_before_it():
    """The first version had none. The gap after a meeting is compared with the rows."""
    assert {gap for (gap,) in stored("meetings.Meeting", "gap_before")} == {0}


PLACES = {"": ("", ""), "local": ("local", ""), "platform": ("google", "platform")}


def place(home):
    """`(provider, account)` for the old name of a calendar."""
    return PLACES.get(home) or ("google", home.removeprefix("google:"))


def test_each_meeting_has_one_event_in_the_calendar_that_it_had():
    there = stored("meetings.CalendarEvent", "meeting_id", "external_id", "provider", "account")

    assert there == in_order(
        (each["id"], each["meeting_id"], *place(each["calendar_home"])) for each in MEETINGS
    )


def test_the_event_has_its_sequence_and_synced():
    there = stored("meetings.CalendarEvent", "meeting_id", "sequence", "synced", "due_at", "lease")

    assert there == in_order(
        (
            each["id"],
            each["calendar_revision"],
            each["calendar_synced"],
            each["calendar_due_at"],
            each["calendar_lease"],
        )
        for each in MEETINGS
    )


def test_the_event_has_its_error_and_tries():
    there = stored("meetings.CalendarEvent", "meeting_id", "tries", "error")

    assert there == in_order(
        (each["id"], each["calendar_tries"], each["calendar_error"]) for each in MEETINGS
    )


def test_busy_cells_are_the_meetings_that_took_them():
    assert stored("meetings.BusyCell", "id", "owner_kind", "owner_id") == in_order(
        (each["id"], "meeting", each["meeting_id"]) for each in all_rows()["meetings.BusyCell"]
    )


def test_a_mail_that_was_just_being_sent_goes_again():
    """The worker with the claim is gone, so nobody knows whether the mail was sent."""
    states = {each["id"]: each["mail_state"] for each in NOTIFICATIONS}
    assert "sending" in states.values()

    assert stored("meetings.Notification", "id", "mail_state", "lease") == in_order(
        (key, "waiting" if state == "sending" else state, None) for key, state in states.items()
    )


def test_a_question_how_it_was_is_a_request_for_a_rating():
    kinds = {each["id"]: each["kind"] for each in NOTIFICATIONS}
    assert "how_was_it" in kinds.values()

    assert stored("meetings.Notification", "id", "kind") == in_order(
        (key, "rating_request" if kind == "how_was_it" else kind) for key, kind in kinds.items()
    )


def test_each_mentor_has_the_rules_that_the_profile_had():
    names = ("mentor_id", "step", "horizon", "notice", "gap_before", "gap_after", "most_a_day")

    assert stored("meetings.BookingRules", *names) == in_order(
        (
            each["user_id"],
            each["slot_step"],
            each["horizon"],
            each["notice"],
            0,
            each["gap"],
            None,
        )
        for each in MENTORS
    )


def test_each_mentor_offers_one_session_of_the_lengths_that_the_profile_had():
    assert stored(
        "meetings.SessionType", "mentor_id", "title", "durations", "position"
    ) == in_order((each["user_id"], "Session", each["durations"], 0) for each in MENTORS)


def test_the_session_type_has_no_overrides():
    overrides = ("notice", "gap_before", "gap_after", "most_a_day")

    assert {*stored("meetings.SessionType", *overrides)} == {(None, None, None, None)}


def test_each_meeting_has_its_mentors_session_type():
    """It has none if the person is no longer a mentor."""
    sessions = dict(stored("meetings.SessionType", "mentor_id", "id"))
    expected = [(each["id"], sessions.get(each["mentor_id"])) for each in MEETINGS]
    assert None in dict(expected).values()

    assert stored("meetings.Meeting", "id", "session_type_id") == in_order(expected)


def told(meeting, kind):
    """The notifications of that kind about the meeting, oldest first."""
    rows = [each for each in NOTIFICATIONS if each["meeting_id"] == meeting["id"]]
    return sorted(
        (each for each in rows if each["kind"] == kind), key=lambda each: each["revision"]
    )


def moves(meeting):
    """`[(actor, at, before, after)]`, oldest first.

    The person who moved it has a notification too, which was stored as read.
    """
    found = []
    for _revision, rows in groupby(told(meeting, "rescheduled"), lambda each: each["revision"]):
        first, second = rows
        at = first["created_at"]
        actors = [each["recipient_id"] for each in (first, second) if each["read_at"] == at]
        found.append(((*actors, None)[0], at, first["was_at"], first["starts_at"]))
    return found


def history(kind):
    """`[(meeting, actor, at)]` of the events of that kind."""
    events = stored("meetings.MeetingEvent", "kind", "meeting_id", "actor_id", "at")
    return in_order(tuple(rest) for each, *rest in events if each == kind)


def starts(kind, *names):
    """`[(meeting, at, start, ...)]` of the events of that kind: their values of the start."""
    events = stored("meetings.MeetingEvent", "kind", "meeting_id", "at", *names)
    return in_order(
        (meeting, at, *(start_in(change) for change in changes))
        for each, meeting, at, *changes in events
        if each == kind
    )


def start_in(change):
    start = datetime.fromisoformat(change["scheduled_at"])
    assert start.utcoffset() == timedelta()
    return plain(start)


def test_history_tells_of_nothing_else():
    kinds = {kind for (kind,) in stored("meetings.MeetingEvent", "kind")}

    assert kinds == {"booked", "moved", "cancelled", "completed"}


def test_history_begins_with_each_booking():
    assert history("booked") == in_order(
        (each["id"], each["learner_id"], each["created_at"]) for each in MEETINGS
    )


def test_history_knows_the_time_that_was_booked_first():
    expected = []
    for meeting in MEETINGS:
        befores = [before for _actor, _at, before, _after in moves(meeting)]
        first = (*befores, meeting["scheduled_at"])[0]
        expected.append((meeting["id"], meeting["created_at"], first))

    assert starts("booked", "after") == in_order(expected)


def test_history_has_each_move_by_whom_it_was():
    expected = [(each["id"], actor, at) for each in MEETINGS for actor, at, *_times in moves(each)]
    assert Counter(meeting for meeting, _actor, _at in expected).most_common(1)[0][1] == 2

    assert history("moved") == in_order(expected)


def test_history_has_the_times_of_each_move():
    assert starts("moved", "before", "after") == in_order(
        (each["id"], at, before, after)
        for each in MEETINGS
        for _actor, at, before, after in moves(each)
    )


def ended_at(meeting, kind):
    """The time of the notification; if it was deleted, the time of the row's last change."""
    rows = told(meeting, kind)
    return rows[0]["created_at"] if rows else meeting["updated_at"]


def test_history_has_each_cancellation_by_whom_it_was():
    """Without an actor where an account was closed."""
    expected = [
        (each["id"], each["cancelled_by_id"], ended_at(each, "cancelled"))
        for each in MEETINGS
        if each["status"] == "cancelled"
    ]
    assert None in {who for _meeting, who, _at in expected}

    assert history("cancelled") == in_order(expected)


def test_history_has_each_completion():
    assert history("completed") == in_order(
        (each["id"], None, ended_at(each, "how_was_it"))
        for each in MEETINGS
        if each["status"] == "completed"
    )
