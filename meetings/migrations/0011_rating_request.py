"""The question how a meeting was is called what it is: a request to rate it."""

from django.db import migrations, models

KINDS = [('booked', 'booked'), ('rescheduled', 'rescheduled'), ('cancelled', 'cancelled'), ('reminder_24h', 'reminder 24 h before'), ('reminder_1h', 'reminder 1 h before'), ('rating_request', 'how was it?'), ('connection_lost', 'calendar connection lost')]


def rename(apps, schema_editor):
    told = apps.get_model('meetings', 'Notification').objects
    told.filter(kind='how_was_it').update(kind='rating_request')


class Migration(migrations.Migration):

    dependencies = [
        ('meetings', '0010_without_the_old_columns'),
    ]

    operations = [
        migrations.RunPython(rename),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=KINDS, max_length=20, verbose_name='kind'),
        ),
    ]
