import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from meetings.integrations.google.check import Outcome, check


class Command(BaseCommand):
    help = (
        "Tries for real, step by step, whether the platform's Google account can keep meetings, "
        "and says what to do about the first step that fails. Its test event has no guests and "
        "is deleted at once. Exits with 1 if a step fails."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        styles = {
            Outcome.OK: self.style.SUCCESS,
            Outcome.FAILED: self.style.ERROR,
            Outcome.SKIPPED: self.style.WARNING,
        }
        steps = check(timezone.now())
        for step in steps:
            detail = f": {step.detail}" if step.detail else ""
            self.stdout.write(styles[step.outcome](f"{step.outcome:8}{step.title}{detail}"))
        cures = [step.cure for step in steps if step.cure]
        if cures:
            self.stdout.write(f"\nWhat to do: {cures[0]}")
            sys.exit(1)
