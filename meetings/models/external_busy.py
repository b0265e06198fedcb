import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meetings.domain.grid import Interval, cells_of


class ExternalBusyQuerySet(models.QuerySet["ExternalBusy"]):
    def within(self, window: Interval) -> "ExternalBusyQuerySet":
        """Those that share time with window."""
        return self.filter(starts_at__lt=window.end, ends_at__gt=window.start)

    def cells_by_person(
        self, people: Collection[uuid.UUID], window: Interval
    ) -> dict[uuid.UUID, set[int]]:
        """`{person: {cell number}}` of the busy cells in window, in one query."""
        cells: dict[uuid.UUID, set[int]] = {person: set() for person in people}
        rows = self.within(window).filter(person__in=people)
        for person, start, end in rows.values_list("person_id", "starts_at", "ends_at"):
            span = Interval(max(start, window.start), min(end, window.end))
            cells[person].update(cells_of(span))
        return cells


class ExternalBusy(models.Model):
    """Time that is busy in a person's own calendar: only the time, no title or details."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="external_busy"
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))

    objects = ExternalBusyQuerySet.as_manager()

    if TYPE_CHECKING:
        person_id: uuid.UUID

    class Meta:
        verbose_name = _("busy time elsewhere")
        verbose_name_plural = _("busy times elsewhere")
        ordering = ("starts_at",)
        indexes = (models.Index(fields=["person", "ends_at"], name="external_busy_person_ends"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="external_busy_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} UTC"
