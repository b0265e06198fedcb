import uuid
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meetings.domain.errors import SlotTaken
from meetings.domain.grid import Interval, PersonCell, cell_of, instant_of

# Cells that started longer ago than this are deleted.
KEPT = timedelta(days=1)


class BusyCellQuerySet(models.QuerySet["BusyCell"]):
    def within(self, window: Interval) -> "BusyCellQuerySet":
        """Those that share time with window."""
        first = instant_of(cell_of(window.start))
        return self.filter(starts_at__gte=first, starts_at__lt=window.end)

    def of(self, kind: str, owner_id: uuid.UUID) -> "BusyCellQuerySet":
        """Those that this owner has taken."""
        return self.filter(owner_kind=kind, owner_id=owner_id)

    def except_of(self, owner_id: uuid.UUID | None) -> "BusyCellQuerySet":
        """Those of other owners than this one; all if owner_id is None."""
        return self if owner_id is None else self.exclude(owner_id=owner_id)

    def cells_by_person(self, people: Collection[uuid.UUID]) -> dict[uuid.UUID, set[int]]:
        """`{person: {cell number}}` for each of the people, in one query."""
        cells: dict[uuid.UUID, set[int]] = {person: set() for person in people}
        rows = self.filter(person__in=people).values_list("person_id", "starts_at")
        for person, starts_at in rows:
            cells[person].add(cell_of(starts_at))
        return cells

    def take(self, kind: str, owner_id: uuid.UUID, cells: Iterable[PersonCell]) -> None:
        """Take these cells for the owner; all or none. Raises SlotTaken, which must roll back the
        transaction or savepoint that this is called in.

        Cells are inserted in sorted order, so that two bookings cannot deadlock.
        """
        rows = [
            BusyCell(
                person_id=person, starts_at=instant_of(cell), owner_kind=kind, owner_id=owner_id
            )
            for person, cell in sorted(cells)
        ]
        try:
            self.bulk_create(rows)
        except IntegrityError as error:
            raise SlotTaken from error

    def release(
        self, kind: str, owner_id: uuid.UUID, cells: Collection[PersonCell] | None = None
    ) -> None:
        """Free these cells of the owner, or all that it has."""
        mine = self.of(kind, owner_id)
        if cells is not None:
            wanted = Q(pk__in=())
            for person in {person for person, _cell in cells}:
                starts = [instant_of(cell) for other, cell in cells if other == person]
                wanted |= Q(person_id=person, starts_at__in=starts)
            mine = mine.filter(wanted)
        mine.delete()

    def purge(self, now: datetime) -> int:
        """Delete past cells, so that the table does not grow with history; returns how many."""
        return self.filter(starts_at__lt=now - KEPT).delete()[0]


class BusyCell(models.Model):
    """A quarter of an hour of one person, taken by one owner: it prevents double booking.

    A unique constraint allows each cell once, for any role of the person and any owner, so two
    bookings that share time cannot both be stored. Code that deletes an owner frees its cells.
    """

    class OwnerKind(models.TextChoices):
        """The kinds of owners. A kind is added with the code that uses it."""

        MEETING = "meeting", _("meeting")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="busy_cells"
    )
    starts_at = models.DateTimeField(_("starts"), db_index=True)
    owner_kind = models.CharField(_("taken by"), max_length=10, choices=OwnerKind.choices)
    owner_id = models.UUIDField(_("its id"), db_index=True)

    objects = BusyCellQuerySet.as_manager()

    if TYPE_CHECKING:
        person_id: uuid.UUID

        def get_owner_kind_display(self) -> str: ...

    class Meta:
        verbose_name = _("busy cell")
        verbose_name_plural = _("busy cells")
        ordering = ("starts_at",)
        constraints = (
            models.UniqueConstraint(fields=["person", "starts_at"], name="busy_cell_once"),
        )

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} UTC"
