import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from meetings.domain.policy import Change

CHANGE_CHOICES = [
    (Change.BOOKED.value, _("booked")),
    (Change.MOVED.value, _("moved")),
    (Change.CANCELLED.value, _("cancelled")),
    (Change.STARTED.value, _("started")),
    (Change.COMPLETED.value, _("completed")),
    (Change.EDITED.value, _("edited")),
    (Change.RATED.value, _("rated")),
]


class MeetingEventQuerySet(models.QuerySet["MeetingEvent"]):
    def of(self, meeting_id: uuid.UUID) -> "MeetingEventQuerySet":
        """The changes of this meeting, oldest first, with their actors."""
        # A meeting can be completed and rated in one instant; by kind, completed comes first.
        rows = self.filter(meeting_id=meeting_id).select_related("actor")
        return rows.order_by("number", "at", "kind")

    def log(
        self,
        meeting: Any,
        change: Change,
        *,
        by: uuid.UUID | None,
        at: datetime,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any],
    ) -> None:
        """Add a change, in its transaction. before, after: the changed fields by name."""
        self.create(
            meeting=meeting,
            number=meeting.revision,
            kind=change,
            actor_id=by,
            at=at,
            before=_kept(before or {}),
            after=_kept(after),
        )

    def update(self, **changes: Any) -> NoReturn:
        raise TypeError("the history of a meeting is only added to")

    def delete(self) -> NoReturn:
        raise TypeError("the history of a meeting is only added to")


class MeetingEvent(models.Model):
    """One change of a meeting, written in its transaction: who, when, and the values before.

    Notes and the room are not logged: notes belong to their writers, and the room is derived.

    Append-only: it is the history that both people see, and staff's audit trail.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(
        "meetings.Meeting",
        on_delete=models.CASCADE,
        related_name="history",
        verbose_name=_("meeting"),
    )
    # The meeting's revision after the change, which orders changes of the same instant.
    number = models.PositiveIntegerField(default=0)
    kind = models.CharField(_("what"), max_length=12, choices=CHANGE_CHOICES)
    # Who did it; null if the site did it by itself.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))
    # By field: instants as ISO 8601 in UTC. For people's texts, only that they changed.
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)

    objects = MeetingEventQuerySet.as_manager()

    if TYPE_CHECKING:
        meeting_id: uuid.UUID
        actor_id: uuid.UUID | None

        def get_kind_display(self) -> str: ...

    class Meta:
        verbose_name = _("change of a meeting")
        verbose_name_plural = _("changes of meetings")
        ordering = ("-at", "-number", "-kind")
        indexes = (
            models.Index(fields=["meeting", "at"], name="meeting_event_meeting"),
            models.Index(fields=["at"], name="meeting_event_at"),
        )

    def __str__(self) -> str:
        return self.get_kind_display()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("the history of a meeting is only added to")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("the history of a meeting is only added to")

    @property
    def was_at(self) -> datetime | None:
        """The start before a move; None for other changes."""
        return _instant(self.before)

    @property
    def now_at(self) -> datetime | None:
        """The start after a booking or a move; None for other changes."""
        return _instant(self.after)


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values to store of these fields; for texts, only their names, in `changed`."""
    kept: dict[str, Any] = {}
    for name in ("status", "scheduled_at", "rating"):
        value = values.get(name)
        if value is not None:
            kept[name] = value.isoformat() if isinstance(value, datetime) else value
    texts = sorted(values.keys() & {"subject", "description"})
    return {**kept, "changed": texts} if texts else kept


def _instant(values: dict[str, Any]) -> datetime | None:
    text = values.get("scheduled_at")
    return datetime.fromisoformat(text) if text else None
