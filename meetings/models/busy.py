import uuid
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from meetings.domain.errors import SlotTaken
from meetings.domain.grid import Interval, cell_of, cells_of, instant_of

# Cells this long past no longer decide anything.
KEPT = timedelta(days=1)

# (person, cell number)
Place = tuple[uuid.UUID, int]


class BusyCellQuerySet(models.QuerySet["BusyCell"]):
    def within(self, window: Interval) -> "BusyCellQuerySet":
        """Those that start in window, or hold its start."""
        first = instant_of(cell_of(window.start))
        return self.filter(starts_at__gte=first, starts_at__lt=window.end)

    def except_of(self, meeting_id: uuid.UUID | None) -> "BusyCellQuerySet":
        """Those of other meetings than this one, if there is one."""
        return self if meeting_id is None else self.exclude(meeting_id=meeting_id)

    def cells_by_person(self, people: Collection[uuid.UUID]) -> dict[uuid.UUID, set[int]]:
        """`{person: {cell number}}` for each of the people, in one query."""
        cells: dict[uuid.UUID, set[int]] = {person: set() for person in people}
        rows = self.filter(person__in=people).values_list("person_id", "starts_at")
        for person, starts_at in rows:
            cells[person].add(cell_of(starts_at))
        return cells

    def take(self, meeting_id: uuid.UUID, places: Iterable[Place]) -> None:
        """Take these cells for the meeting; all or none. Raises SlotTaken.

        One sorted order for everybody, so that two bookings wait for each other in a line and
        never in a ring.
        """
        rows = [
            BusyCell(person_id=person, starts_at=instant_of(cell), meeting_id=meeting_id)
            for person, cell in sorted(places)
        ]
        try:
            with transaction.atomic():
                self.bulk_create(rows)
        except IntegrityError as error:
            raise SlotTaken from error

    def release(self, meeting_id: uuid.UUID, places: Collection[Place] | None = None) -> None:
        """Free these cells of the meeting, or all that it has."""
        mine = self.filter(meeting_id=meeting_id)
        if places is None:
            mine.delete()
            return
        for person in {person for person, _cell in places}:
            starts = [instant_of(cell) for other, cell in places if other == person]
            mine.filter(person_id=person, starts_at__in=starts).delete()

    def purge(self, now: datetime) -> int:
        """Forget what is past, so that the table grows with the future; returns how many."""
        return self.filter(starts_at__lt=now - KEPT).delete()[0]


class BusyCell(models.Model):
    """A quarter of an hour of one person, taken by one meeting: the guard against double booking.

    The database holds each cell once, whichever role the person is in, so two bookings that
    share time cannot both be stored.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="busy_cells"
    )
    starts_at = models.DateTimeField(_("starts"), db_index=True)
    meeting = models.ForeignKey(
        "meetings.Meeting", on_delete=models.CASCADE, related_name="busy_cells"
    )

    objects = BusyCellQuerySet.as_manager()

    if TYPE_CHECKING:
        person_id: uuid.UUID
        meeting_id: uuid.UUID

    class Meta:
        verbose_name = _("busy cell")
        verbose_name_plural = _("busy cells")
        ordering = ("starts_at",)
        constraints = (
            models.UniqueConstraint(fields=["person", "starts_at"], name="busy_cell_once"),
        )

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} UTC"


def places_for(mentor: uuid.UUID, learner: uuid.UUID, span: Interval, gap: timedelta) -> set[Place]:
    """The cells that a meeting takes: both people's for span, the mentor's for the gap after."""
    mentors = cells_of(Interval(span.start, span.end + gap))
    return {(mentor, cell) for cell in mentors} | {(learner, cell) for cell in cells_of(span)}
