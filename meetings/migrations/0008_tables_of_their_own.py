"""Tables for what had stood in columns of others, still beside those."""

import uuid

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

import accounts.text
import meetings.models.session_type

GAPS = [(0, 'none'), (15, '15 minutes'), (30, '30 minutes'), (45, '45 minutes'), (60, '1 hour')]
NOTICES = [(0, 'none'), (30, '30 minutes'), (60, '1 hour'), (120, '2 hours'), (240, '4 hours'), (480, '8 hours'), (1440, '1 day'), (2880, '2 days'), (4320, '3 days'), (10080, '1 week')]
STEPS = [(15, 'every 15 minutes'), (30, 'every 30 minutes'), (60, 'every hour')]
MINUTES = (0, 15, 30, 45, 60)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_language_and_clock'),
        ('meetings', '0007_settled_copy'),
    ]

    operations = [
        migrations.CreateModel(
            name='BookingRules',
            fields=[
                ('mentor', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='booking_rules', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='mentor')),
                ('step', models.PositiveSmallIntegerField(choices=STEPS, default=30, help_text='in minutes', verbose_name='starts')),
                ('horizon', models.PositiveSmallIntegerField(default=30, help_text='How many days ahead the mentor can be booked, 180 at most.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(180)], verbose_name='days ahead')),
                ('notice', models.PositiveIntegerField(choices=NOTICES, default=120, help_text='in minutes', verbose_name='shortest notice')),
                ('gap_before', models.PositiveSmallIntegerField(choices=GAPS, default=0, help_text='in minutes', verbose_name='gap before a meeting')),
                ('gap_after', models.PositiveSmallIntegerField(choices=GAPS, default=0, help_text='in minutes', verbose_name='gap after a meeting')),
                ('most_a_day', models.PositiveSmallIntegerField(blank=True, help_text="On the mentor's clock; empty: as many as there is time for.", null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='most meetings a day')),
            ],
            options={
                'verbose_name': 'rules of booking',
                'verbose_name_plural': 'rules of booking',
                'constraints': [
                    models.CheckConstraint(condition=Q(('step__in', [15, 30, 60])), name='booking_step_is_known'),
                    models.CheckConstraint(condition=Q(('gap_after__in', MINUTES), ('gap_before__in', MINUTES)), name='booking_gaps_on_the_grid'),
                    models.CheckConstraint(condition=Q(('horizon__lte', 180)), name='booking_horizon_half_a_year'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SessionType',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('mentor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='session_types', to=settings.AUTH_USER_MODEL, verbose_name='mentor')),
                ('title', models.CharField(default='Session', max_length=60, validators=[accounts.text.validate_line], verbose_name='title')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='place')),
                ('durations', models.JSONField(default=meetings.models.session_type.default_durations, validators=[meetings.models.session_type.validate_durations], verbose_name='durations')),
                ('notice', models.PositiveIntegerField(blank=True, choices=NOTICES, null=True, verbose_name='shortest notice')),
                ('gap_before', models.PositiveSmallIntegerField(blank=True, choices=GAPS, null=True, verbose_name='gap before a meeting')),
                ('gap_after', models.PositiveSmallIntegerField(blank=True, choices=GAPS, null=True, verbose_name='gap after a meeting')),
                ('most_a_day', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='most meetings a day')),
            ],
            options={
                'verbose_name': 'session type',
                'verbose_name_plural': 'session types',
                'ordering': ('mentor', 'position', 'id'),
                'constraints': [
                    models.CheckConstraint(condition=Q(Q(('gap_before__isnull', True), ('gap_before__in', MINUTES), _connector='OR'), Q(('gap_after__isnull', True), ('gap_after__in', MINUTES), _connector='OR')), name='session_type_gaps_on_the_grid'),
                ],
            },
        ),
        migrations.CreateModel(
            name='CalendarEvent',
            fields=[
                ('lease', models.DateTimeField(editable=False, null=True)),
                ('due_at', models.DateTimeField(editable=False, null=True, verbose_name='next try')),
                ('tries', models.PositiveIntegerField(default=0, editable=False, verbose_name='failed tries')),
                ('error', models.CharField(blank=True, editable=False, max_length=300, verbose_name='why not')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('meeting', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_event', to='meetings.meeting')),
                ('provider', models.CharField(blank=True, default='', max_length=20, verbose_name='calendar')),
                ('account', models.CharField(blank=True, default='', max_length=300, verbose_name='account')),
                ('external_id', models.CharField(blank=True, default='', max_length=1024, verbose_name='event')),
                ('sequence', models.PositiveIntegerField(default=0, editable=False)),
                ('synced', models.PositiveIntegerField(default=0, editable=False)),
            ],
            options={
                'verbose_name': 'calendar event',
                'verbose_name_plural': 'calendar events',
                'indexes': [
                    models.Index(fields=['due_at'], name='calendar_event_due'),
                    models.Index(fields=['provider', 'account'], name='calendar_event_home'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=Q(('synced__lte', F('sequence'))), name='calendar_event_not_ahead'),
                ],
            },
        ),
        migrations.CreateModel(
            name='MeetingEvent',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='history', to='meetings.meeting', verbose_name='meeting')),
                ('number', models.PositiveIntegerField(default=0)),
                ('kind', models.CharField(choices=[('booked', 'booked'), ('moved', 'moved'), ('cancelled', 'cancelled'), ('started', 'started'), ('completed', 'completed'), ('edited', 'edited'), ('rated', 'rated')], max_length=12, verbose_name='what')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('before', models.JSONField(default=dict, verbose_name='before')),
                ('after', models.JSONField(default=dict, verbose_name='after')),
            ],
            options={
                'verbose_name': 'change of a meeting',
                'verbose_name_plural': 'changes of meetings',
                'ordering': ('-at', '-number', '-kind'),
                'indexes': [
                    models.Index(fields=['meeting', 'at'], name='meeting_event_meeting'),
                    models.Index(fields=['at'], name='meeting_event_at'),
                ],
            },
        ),
        migrations.AddField(
            model_name='meeting',
            name='session_type',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='meetings', to='meetings.sessiontype', verbose_name='session type'),
        ),
        migrations.RenameField(model_name='meeting', old_name='gap', new_name='gap_after'),
        migrations.AddField(
            model_name='meeting',
            name='gap_before',
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='gap before it'),
        ),
        migrations.AddField(
            model_name='busycell',
            name='owner_kind',
            field=models.CharField(choices=[('meeting', 'meeting')], default='meeting', max_length=10, verbose_name='taken by'),
        ),
        migrations.AddField(
            model_name='busycell',
            name='owner_id',
            field=models.UUIDField(null=True, verbose_name='its id'),
        ),
        migrations.RemoveConstraint(model_name='busytime', name='busy_time_ends_after_it_starts'),
        migrations.RenameModel(old_name='BusyTime', new_name='ExternalBusy'),
        migrations.AlterField(
            model_name='externalbusy',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='external_busy', to=settings.AUTH_USER_MODEL),
        ),
        migrations.RenameIndex(model_name='externalbusy', old_name='busy_time_person_ends', new_name='external_busy_person_ends'),
        migrations.AddConstraint(
            model_name='externalbusy',
            constraint=models.CheckConstraint(condition=Q(('starts_at__lt', F('ends_at'))), name='external_busy_ends_after_start'),
        ),
        migrations.RenameModel(old_name='SettledCopy', new_name='RestoredCopy'),
        migrations.RemoveIndex(model_name='notification', name='notification_recipient_due'),
        migrations.RemoveIndex(model_name='notification', name='notification_mail_due'),
        migrations.RenameField(model_name='notification', old_name='due_at', new_name='visible_at'),
        migrations.RenameField(model_name='notification', old_name='try_at', new_name='due_at'),
        migrations.RenameField(model_name='notification', old_name='mail_error', new_name='error'),
        migrations.AddField(
            model_name='notification',
            name='lease',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterModelOptions(
            name='notification',
            options={'ordering': ('-visible_at', 'id'), 'verbose_name': 'notification', 'verbose_name_plural': 'notifications'},
        ),
        migrations.RenameField(model_name='requestkey', old_name='leased_until', new_name='lease'),
    ]
