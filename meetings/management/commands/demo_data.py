from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from meetings.management.demo import content, history, people, upcoming
from meetings.models import Notification


class Command(BaseCommand):
    help = (
        "Makes people, mentors and meetings to look at, and prints how to log in. Running it again "
        "changes nothing that is there; it only sees to it that there is something to come."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError(
                "Demo people have a password that everybody knows: not in production."
            )
        with transaction.atomic():
            self._make()
        self.stdout.write(f"Demo log-ins, all with the password {people.PASSWORD}")
        for role, key in (
            ("learner", content.LEARNER),
            ("mentor", content.MENTOR),
            ("staff", content.STAFF),
        ):
            self.stdout.write(f"  {role:8}{key}@example.com")

    def _make(self) -> None:
        now = timezone.now()
        everybody = people.add_people(people.find_people(), now)
        plans = content.coming()
        if not history.has_history():
            history.add_history(everybody, now)
            upcoming.start_one(everybody, now)
            upcoming.book(plans, everybody, now)
            self._keep_quiet()
            return
        stars = (content.LEARNER, content.MENTOR)
        idle = {key for key in stars if not upcoming.has_upcoming(everybody[key], now)}
        if content.LEARNER in idle:
            upcoming.start_one(everybody, now)
        upcoming.book((plan for plan in plans if idle & plan.people), everybody, now)
        self._keep_quiet()

    def _keep_quiet(self) -> None:
        """Drop the mails of demo people: nobody reads them, and the console would print fifty."""
        people = User.objects.filter(email__endswith="@example.com")
        mails = Notification.objects.due(timezone.now()).order_by()
        mails.filter(recipient__in=list(people)).drop("demo data")
