"""What the columns of meetings and mentors said, as rows of the new tables."""

from collections import defaultdict
from itertools import islice

from django.db import migrations
from django.db.models import F

CHUNK = 500


def carry_over(apps, schema_editor):
    models = {
        name: apps.get_model('meetings', name)
        for name in (
            'BookingRules', 'BusyCell', 'CalendarEvent', 'Meeting', 'MeetingEvent',
            'Notification', 'SessionType',
        )
    }
    types = _rules_of_mentors(apps.get_model('accounts', 'MentorProfile'), models)
    _events_and_history(models, types)
    _cells(models['BusyCell'])
    # Their mails go again, under the same Message-ID.
    models['Notification'].objects.filter(mail_state='sending').update(mail_state='waiting')
    # Notifications count by it from now on, and may not meet the numbers of those there are.
    behind = models['Meeting'].objects.filter(revision__lt=F('calendar_revision'))
    behind.update(revision=F('calendar_revision'))


def _rules_of_mentors(profiles, models):
    """`{mentor: id of their session type}`"""
    rules, types = models['BookingRules'], models['SessionType']
    found = {}
    for chunk in _chunks(profiles.objects.order_by('pk').iterator(CHUNK)):
        rules.objects.bulk_create(
            rules(
                mentor_id=each.pk,
                step=each.slot_step,
                horizon=each.horizon,
                notice=each.notice,
                gap_after=each.gap,
            )
            for each in chunk
        )
        made = types.objects.bulk_create(
            types(mentor_id=each.pk, durations=each.durations) for each in chunk
        )
        found.update((each.mentor_id, each.pk) for each in made)
    for mentor, pk in found.items():
        models['Meeting'].objects.filter(mentor=mentor).update(session_type=pk)
    return found


def _events_and_history(models, types):
    meetings, told = models['Meeting'], models['Notification']
    events, history = models['CalendarEvent'], models['MeetingEvent']
    for chunk in _chunks(meetings.objects.order_by('pk').iterator(CHUNK)):
        notices = defaultdict(list)
        kinds = ('rescheduled', 'cancelled', 'how_was_it')
        rows = told.objects.filter(meeting__in=[each.pk for each in chunk], kind__in=kinds)
        for row in rows.order_by('created_at', 'pk'):
            notices[row.meeting_id].append(row)
        events.objects.bulk_create(_event(events, each) for each in chunk)
        history.objects.bulk_create(
            event for each in chunk for event in _history(history, each, notices[each.pk])
        )


def _event(model, meeting):
    provider, _colon, account = meeting.calendar_home.partition(':')
    if provider == 'platform':
        provider, account = 'google', 'platform'
    return model(
        meeting_id=meeting.pk,
        provider=provider,
        account=account,
        external_id=meeting.meeting_id,
        sequence=meeting.calendar_revision,
        synced=meeting.calendar_synced,
        due_at=meeting.calendar_due_at,
        lease=meeting.calendar_lease,
        tries=meeting.calendar_tries,
        error=meeting.calendar_error,
    )


def _history(model, meeting, notices):
    """What can be known of it: when it was booked, each move that people were told of, and how it
    ended."""
    moves = {}
    for row in notices:
        if row.kind == 'rescheduled':
            moves.setdefault(row.revision, []).append(row)
    starts = [rows[0].was_at for rows in moves.values() if rows[0].was_at]
    first = starts[0] if starts else meeting.scheduled_at
    number = 0
    yield model(
        meeting_id=meeting.pk,
        kind='booked',
        actor_id=meeting.learner_id,
        at=meeting.created_at,
        after={'scheduled_at': first.isoformat(), 'status': 'scheduled'},
    )
    for rows in moves.values():
        number += 1
        # Who did it needed no bell.
        knew = [row.recipient_id for row in rows if row.read_at == row.created_at]
        yield model(
            meeting_id=meeting.pk,
            number=number,
            kind='moved',
            actor_id=knew[0] if knew else None,
            at=rows[0].created_at,
            before={'scheduled_at': rows[0].was_at.isoformat()} if rows[0].was_at else {},
            after={'scheduled_at': rows[0].starts_at.isoformat()} if rows[0].starts_at else {},
        )
    ends = {
        'cancelled': ('cancelled', meeting.cancelled_by_id),
        'completed': ('how_was_it', None),
    }
    if meeting.status in ends:
        kind, actor = ends[meeting.status]
        told_at = [row.created_at for row in notices if row.kind == kind]
        yield model(
            meeting_id=meeting.pk,
            number=number + 1,
            kind=meeting.status,
            actor_id=actor,
            at=told_at[0] if told_at else meeting.updated_at,
            after={'status': meeting.status},
        )


def _cells(cells):
    """Each belongs to its meeting. By meeting, since a key of another kind is no column to copy."""
    meetings = cells.objects.order_by().values_list('meeting_id', flat=True).distinct()
    for pk in list(meetings):
        cells.objects.filter(meeting_id=pk).update(owner_id=pk)


def _chunks(rows):
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


class Migration(migrations.Migration):

    dependencies = [
        ('meetings', '0008_tables_of_their_own'),
    ]

    operations = [
        migrations.RunPython(carry_over),
    ]
