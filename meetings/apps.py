from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    """Availability, bookings and what becomes of them."""

    name = "meetings"
    verbose_name = _("Meetings")

    def ready(self) -> None:
        """The worker runs the jobs that it knows, and huey itself looks for other names."""
        autodiscover_modules("jobs")
