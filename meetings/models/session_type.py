import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.clocks import length_label
from accounts.text import validate_line
from meetings.domain.policy import DURATIONS, GAPS
from meetings.domain.slots import SlotRules
from meetings.models.booking_rules import GAP_CHOICES, NOTICE_CHOICES

DURATION_CHOICES = [(each, length_label(each)) for each in DURATIONS]
# The title of a new mentor's first type. It is not translated: the mentor can change it.
DEFAULT_TITLE = "Session"


def default_durations() -> list[int]:
    return [30, 60]


def validate_durations(durations: list[int]) -> None:
    """Raises ValidationError unless durations is a list of one or more of DURATIONS."""
    if not durations or any(each not in DURATIONS for each in durations):
        raise ValidationError(_("Choose at least one of the offered durations."))


class SessionTypeQuerySet(models.QuerySet["SessionType"]):
    def with_rules(self) -> "SessionTypeQuerySet":
        """With the mentor, their profile, their rules and their calendar connection."""
        return self.select_related(
            "mentor__mentor_profile", "mentor__booking_rules", "mentor__calendar_connection"
        )

    def bookable(self) -> "SessionTypeQuerySet":
        """Those of mentors who can be found and booked."""
        return self.filter(mentor__is_active=True, mentor__mentor_profile__is_listed=True)

    def default_of(self, mentor_id: uuid.UUID) -> "SessionType | None":
        """The mentor's first type among these, with_rules(); None without one."""
        mine = self.filter(mentor=mentor_id).with_rules()
        return mine.order_by("position", "id").first()

    def defaults_of(self, mentors: Collection[uuid.UUID]) -> "dict[uuid.UUID, SessionType]":
        """`{mentor: default type}` with the mentors' rules, in one query; those who have none are
        left out."""
        mine = self.filter(mentor__in=mentors, mentor__booking_rules__isnull=False)
        mine = mine.select_related("mentor__booking_rules")
        found: dict[uuid.UUID, SessionType] = {}
        for each in mine.order_by("position", "id"):
            found.setdefault(each.mentor_id, each)
        return found


class SessionType(models.Model):
    """A kind of session that a mentor offers: its durations, and the rules that it overrides.

    Every mentor has one from the start.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="session_types",
        verbose_name=_("mentor"),
    )
    title = models.CharField(
        _("title"), max_length=60, default=DEFAULT_TITLE, validators=[validate_line]
    )
    position = models.PositiveSmallIntegerField(_("place"), default=0)
    durations = models.JSONField(
        _("durations"), default=default_durations, validators=[validate_durations]
    )
    # Null: the mentor's booking rules apply.
    notice = models.PositiveIntegerField(
        _("shortest notice"), choices=NOTICE_CHOICES, null=True, blank=True
    )
    gap_before = models.PositiveSmallIntegerField(
        _("gap before a meeting"), choices=GAP_CHOICES, null=True, blank=True
    )
    gap_after = models.PositiveSmallIntegerField(
        _("gap after a meeting"), choices=GAP_CHOICES, null=True, blank=True
    )
    most_a_day = models.PositiveSmallIntegerField(
        _("most meetings a day"), null=True, blank=True, validators=[MinValueValidator(1)]
    )

    objects = SessionTypeQuerySet.as_manager()

    if TYPE_CHECKING:
        mentor_id: uuid.UUID

    class Meta:
        verbose_name = _("session type")
        verbose_name_plural = _("session types")
        ordering = ("mentor", "position", "id")
        constraints = (
            models.CheckConstraint(
                condition=(Q(gap_before__isnull=True) | Q(gap_before__in=GAPS))
                & (Q(gap_after__isnull=True) | Q(gap_after__in=GAPS)),
                name="session_type_gaps_on_the_grid",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuse a notice so long that it could never be booked."""
        super().clean()
        horizon = timedelta(days=self.mentor.booking_rules.horizon)
        if self.notice is not None and timedelta(minutes=self.notice) >= horizon:
            text = _("With that notice nobody could book it: the mentor plans %(days)s days ahead.")
            raise ValidationError({"notice": text % {"days": horizon.days}})

    @property
    def notice_label(self) -> str:
        """The shortest notice in words; empty for none."""
        notice = _first(self.notice, self.mentor.booking_rules.notice)
        return str(dict(NOTICE_CHOICES)[notice]) if notice else ""

    @property
    def has_daily_limit(self) -> bool:
        return (self.most_a_day, self.mentor.booking_rules.most_a_day) != (None, None)

    @property
    def slot_rules(self) -> SlotRules:
        """The rules that apply to it, as plain values: its own, else the mentor's.

        No query for a type that was fetched with its mentor's rules.
        """
        rules = self.mentor.booking_rules
        return SlotRules(
            durations=tuple(sorted(self.durations)),
            notice=timedelta(minutes=_first(self.notice, rules.notice)),
            gap_before=_first(self.gap_before, rules.gap_before),
            gap_after=_first(self.gap_after, rules.gap_after),
            horizon=timedelta(days=rules.horizon),
            step=rules.step,
        )


def _first(own: int | None, usual: int) -> int:
    return usual if own is None else own
