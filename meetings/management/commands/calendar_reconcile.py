import argparse
import sys
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from meetings.calendars.reconcile import (
    Comparison,
    Finding,
    compare_calendars,
    out_of_reach,
    repair,
)
from meetings.domain.grid import Interval

# A bit more than half a year, the longest horizon for bookings.
DAYS = 190


class Command(BaseCommand):
    help = (
        "Compares the events that Google has of ours with the meetings, in the platform's calendar "
        "and every connected one. --fix repairs what is missing, different or cancelled. A "
        "calendar that cannot be listed in full is left alone. Exits with 1 if there was one, or "
        "if a repair failed."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=DAYS, help="how far ahead to compare")
        parser.add_argument("--fix", action="store_true", help="repair what does not agree")
        parser.add_argument(
            "--fix-unknown",
            action="store_true",
            help="also delete our events of meetings that are not here; never do so if another "
            "site shares the Google account",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["days"] < 1:
            raise CommandError("--days must be 1 or more.")
        now = timezone.now()
        window = Interval(now, now + timedelta(days=options["days"]))
        comparisons = list(compare_calendars(window))
        if not comparisons:
            self.stdout.write("No Google calendar is set up or connected: nothing to compare.")
        results = [self._report(each, now, **options) for each in comparisons]
        if lost := out_of_reach(window):
            self.stdout.write(
                f"{lost} meetings are in calendars that are not connected any more; they were not "
                "compared."
            )
        if not all(results):
            sys.exit(1)

    def _report(self, comparison: Comparison, now: datetime, **options: Any) -> bool:
        """Print the comparison, and repair what the options ask for; False if something failed."""
        if comparison.error:
            self.stdout.write(
                self.style.ERROR(
                    f"{comparison.home}: could not be listed ({comparison.error}); nothing was "
                    "compared or changed there."
                )
            )
            return False
        self.stdout.write(
            f"{comparison.home}: {comparison.listed} events listed, "
            f"{len(comparison.findings)} do not agree."
        )
        results = [self._settle(each, now, **options) for each in comparison.findings]
        return all(results)

    def _settle(self, finding: Finding, now: datetime, **options: Any) -> bool:
        outcome = ""
        is_fine: bool | None = None
        if options["fix"] or options["fix_unknown"]:
            is_fine = repair(finding, now=now, is_unknown_ours=options["fix_unknown"])
            outcome = {True: ": repaired", False: ": NOT repaired", None: ": left alone"}[is_fine]
        detail = f" ({finding.detail})" if finding.detail else ""
        self.stdout.write(f"  {finding.kind:10}{finding.event_id}{detail}{outcome}")
        return is_fine is not False
