"""What the new tables say is said nowhere else."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('meetings', '0009_carry_over'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='meeting', name='meeting_calendar_not_ahead'),
        migrations.RemoveField(model_name='meeting', name='meeting_id'),
        migrations.RemoveField(model_name='meeting', name='calendar_home'),
        migrations.RemoveField(model_name='meeting', name='calendar_revision'),
        migrations.RemoveField(model_name='meeting', name='calendar_synced'),
        migrations.RemoveField(model_name='meeting', name='calendar_due_at'),
        migrations.RemoveField(model_name='meeting', name='calendar_lease'),
        migrations.RemoveField(model_name='meeting', name='calendar_tries'),
        migrations.RemoveField(model_name='meeting', name='calendar_error'),
        migrations.AlterField(
            model_name='meeting',
            name='gap_after',
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='gap after it'),
        ),
        migrations.RemoveField(model_name='busycell', name='meeting'),
        migrations.AlterField(
            model_name='busycell',
            name='owner_kind',
            field=models.CharField(choices=[('meeting', 'meeting')], max_length=10, verbose_name='taken by'),
        ),
        migrations.AlterField(
            model_name='busycell',
            name='owner_id',
            field=models.UUIDField(db_index=True, verbose_name='its id'),
        ),
        migrations.RemoveField(model_name='notification', name='claim'),
        migrations.AlterField(
            model_name='notification',
            name='visible_at',
            field=models.DateTimeField(verbose_name='shown from'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='due_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='next try'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='error',
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name='why not'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='tries',
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name='failed tries'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='mail_state',
            field=models.CharField(choices=[('waiting', 'waiting'), ('sent', 'sent'), ('dropped', 'not sent, no longer wanted'), ('failed', 'failed, set aside')], default='waiting', max_length=8, verbose_name='mail'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['recipient', 'visible_at'], name='notification_recipient_seen'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['mail_state', 'due_at'], name='notification_mail_due'),
        ),
        migrations.AlterField(
            model_name='requestkey',
            name='lease',
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
