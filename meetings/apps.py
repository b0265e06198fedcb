from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    """Availability, bookings and meetings."""

    name = "meetings"
    verbose_name = _("Meetings")

    def ready(self) -> None:
        """Register the callbacks by which lower layers call higher ones."""
        # Models can be imported only now.
        from accounts.models.mentor import on_new_mentor  # noqa: PLC0415
        from meetings.booking.rules import create_default_rules  # noqa: PLC0415
        from meetings.calendars.sync import sync_now  # noqa: PLC0415
        from meetings.integrations.calendar import on_event_behind  # noqa: PLC0415

        on_new_mentor(create_default_rules)
        on_event_behind(sync_now)
        # Web processes enqueue jobs for the worker, so they import the tasks too.
        autodiscover_modules("tasks")
