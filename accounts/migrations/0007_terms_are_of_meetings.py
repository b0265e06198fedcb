"""On what terms a mentor can be booked is stored by meetings."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_language_and_clock'),
        ('meetings', '0009_carry_over'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='mentorprofile', name='mentor_gap_on_the_grid'),
        migrations.RemoveConstraint(model_name='mentorprofile', name='mentor_slot_step_on_the_grid'),
        migrations.RemoveConstraint(model_name='mentorprofile', name='mentor_horizon_within_half_a_year'),
        migrations.RemoveField(model_name='mentorprofile', name='durations'),
        migrations.RemoveField(model_name='mentorprofile', name='notice'),
        migrations.RemoveField(model_name='mentorprofile', name='gap'),
        migrations.RemoveField(model_name='mentorprofile', name='horizon'),
        migrations.RemoveField(model_name='mentorprofile', name='slot_step'),
    ]
