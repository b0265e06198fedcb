from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    """Availability, bookings and what becomes of them."""

    name = "meetings"
    verbose_name = _("Meetings")
