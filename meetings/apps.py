from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    """Availability, bookings and what becomes of them."""

    name = "meetings"
    verbose_name = _("Meetings")

    def ready(self) -> None:
        """What stands below the layers calls what stands above them only through this."""
        # Models can be loaded only now.
        from accounts.models.mentor import on_new_mentor  # noqa: PLC0415
        from meetings.booking.rules import begin_with_usual_rules  # noqa: PLC0415
        from meetings.calendars.sync import bring_up  # noqa: PLC0415
        from meetings.integrations.calendar import on_event_behind  # noqa: PLC0415

        on_new_mentor(begin_with_usual_rules)
        on_event_behind(bring_up)
        # The web processes hand jobs to the worker, so they know them too.
        autodiscover_modules("tasks")
