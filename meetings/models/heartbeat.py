from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    def beat(self, now: datetime) -> None:
        """Record that a worker starts its sweep; all workers share one row."""
        self.update_or_create(name=Heartbeat.WORKER, defaults={"beat_at": now})

    def latest_beat(self) -> datetime | None:
        """When a worker last started a sweep; None if none ever has."""
        return self.filter(name=Heartbeat.WORKER).values_list("beat_at", flat=True).first()


class Heartbeat(models.Model):
    """When a kind of background process was last known to run."""

    WORKER = "worker"

    name = models.CharField(primary_key=True, max_length=20)
    beat_at = models.DateTimeField()

    objects = HeartbeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name
