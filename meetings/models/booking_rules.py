import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.clocks import length_label
from meetings.domain.policy import GAPS, HORIZON_LIMIT

GAP_CHOICES = [(each, length_label(each) if each else _("none")) for each in GAPS]
NOTICE_CHOICES = [
    (0, _("none")),
    (30, length_label(30)),
    (60, length_label(60)),
    (120, length_label(120)),
    (240, length_label(240)),
    (480, length_label(480)),
    (1440, _("1 day")),
    (2880, _("2 days")),
    (4320, _("3 days")),
    (10080, _("1 week")),
]
STEP_CHOICES = [
    (15, _("every 15 minutes")),
    (30, _("every 30 minutes")),
    (60, _("every hour")),
]


class BookingRules(models.Model):
    """The booking rules of a mentor. A session type can override some of them."""

    mentor = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="booking_rules",
        verbose_name=_("mentor"),
    )
    step = models.PositiveSmallIntegerField(
        _("starts"), choices=STEP_CHOICES, default=30, help_text=_("in minutes")
    )
    horizon = models.PositiveSmallIntegerField(
        _("days ahead"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(HORIZON_LIMIT)],
        help_text=_("How many days ahead the mentor can be booked, 180 at most."),
    )
    notice = models.PositiveIntegerField(
        _("shortest notice"), choices=NOTICE_CHOICES, default=120, help_text=_("in minutes")
    )
    gap_before = models.PositiveSmallIntegerField(
        _("gap before a meeting"), choices=GAP_CHOICES, default=0, help_text=_("in minutes")
    )
    gap_after = models.PositiveSmallIntegerField(
        _("gap after a meeting"), choices=GAP_CHOICES, default=0, help_text=_("in minutes")
    )
    most_a_day = models.PositiveSmallIntegerField(
        _("most meetings a day"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("On the mentor's clock; empty: as many as there is time for."),
    )

    if TYPE_CHECKING:
        mentor_id: uuid.UUID

    class Meta:
        verbose_name = _("rules of booking")
        verbose_name_plural = _("rules of booking")
        constraints = (
            models.CheckConstraint(
                condition=Q(step__in=[minutes for minutes, _label in STEP_CHOICES]),
                name="booking_step_is_known",
            ),
            models.CheckConstraint(
                condition=Q(gap_before__in=GAPS, gap_after__in=GAPS),
                name="booking_gaps_on_the_grid",
            ),
            models.CheckConstraint(
                condition=Q(horizon__lte=HORIZON_LIMIT), name="booking_horizon_half_a_year"
            ),
        )

    def __str__(self) -> str:
        return str(self.mentor)

    def clean(self) -> None:
        """Refuse a notice so long that nothing could ever be booked."""
        super().clean()
        if timedelta(minutes=self.notice) >= timedelta(days=self.horizon):
            text = _("With that notice nobody could book you: plan more days ahead.")
            raise ValidationError({"horizon": text})
