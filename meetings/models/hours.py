import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.clocks import Style, day_text, wall_clock_text
from meetings.domain.availability import MINUTES_A_DAY, MinuteRange

WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]


class Range(models.Model):
    """Wall-clock minutes of one day in the mentor's zone, half-open."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    starts = models.PositiveSmallIntegerField(_("from"), help_text=_("minutes after midnight"))
    ends = models.PositiveSmallIntegerField(_("to"), help_text=_("minutes after midnight"))

    class Meta:
        abstract = True

    @property
    def minutes(self) -> MinuteRange:
        return self.starts, self.ends

    @property
    def label(self) -> str:
        """As a clock shows it: 09:00-12:30."""
        return f"{wall_clock_text(self.starts)}-{wall_clock_text(self.ends)}"


def range_constraint(name: str) -> models.CheckConstraint:
    """A range ends after it starts, within its day."""
    return models.CheckConstraint(
        condition=Q(starts__lt=F("ends"), ends__lte=MINUTES_A_DAY), name=name
    )


class WeeklyHours(Range):
    """Hours that a mentor is open every week."""

    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="weekly_hours"
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=WEEKDAYS)

    if TYPE_CHECKING:
        mentor_id: uuid.UUID

        def get_weekday_display(self) -> str: ...

    class Meta:
        verbose_name = _("weekly hours")
        verbose_name_plural = _("weekly hours")
        ordering = ("mentor", "weekday", "starts")
        constraints = (
            range_constraint("weekly_hours_are_a_range"),
            models.UniqueConstraint(
                fields=["mentor", "weekday", "starts"], name="weekly_hours_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.label}"


class DayOff(models.Model):
    """Dates in the mentor's zone without the weekly hours, first and last included."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="days_off"
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))

    if TYPE_CHECKING:
        mentor_id: uuid.UUID

    class Meta:
        verbose_name = _("days off")
        verbose_name_plural = _("days off")
        ordering = ("first_day", "last_day")
        indexes = (models.Index(fields=["mentor", "last_day"], name="day_off_mentor_last"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")), name="day_off_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                fields=["mentor", "first_day", "last_day"], name="day_off_once"
            ),
        )

    def __str__(self) -> str:
        first = day_text(self.first_day, Style.DATE_SHORT)
        if self.first_day == self.last_day:
            return first
        return f"{first} – {day_text(self.last_day, Style.DATE_SHORT)}"


class ExtraHours(Range):
    """Hours on one date in addition to the weekly ones; a day off does not cancel them."""

    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="extra_hours"
    )
    day = models.DateField(_("day"))

    if TYPE_CHECKING:
        mentor_id: uuid.UUID

    class Meta:
        verbose_name = _("extra hours")
        verbose_name_plural = _("extra hours")
        ordering = ("day", "starts")
        constraints = (
            range_constraint("extra_hours_are_a_range"),
            models.UniqueConstraint(fields=["mentor", "day", "starts"], name="extra_hours_once"),
        )

    def __str__(self) -> str:
        return f"{day_text(self.day, Style.DATE_SHORT)} {self.label}"
