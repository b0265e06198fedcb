from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Count
from django.utils import timezone

from meetings.models import Notification


class Command(BaseCommand):
    help = (
        "Prints how many notifications wait, failed and went by mail, and the oldest that is due."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        counted = Notification.objects.order_by().values("mail_state").annotate(n=Count("pk"))
        counts = {row["mail_state"]: row["n"] for row in counted}
        for state in Notification.MailState:
            self.stdout.write(f"{state.value:8} {counts.get(state.value, 0):6}  {state.label}")
        oldest = (
            Notification.objects.waiting().filter(due_at__lte=now).order_by("visible_at").first()
        )
        if oldest is None:
            self.stdout.write("Nothing is due.")
            return
        minutes = int((now - oldest.visible_at).total_seconds() // 60)
        self.stdout.write(
            f"The oldest due is {oldest.pk} ({oldest.kind}), "
            f"since {oldest.visible_at:%Y-%m-%d %H:%M} UTC, {minutes} minutes ago."
        )
