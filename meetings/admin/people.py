from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.admin.people import UserAdmin
from accounts.models import User
from meetings.booking.lifecycle import cancel_without_people
from meetings.models import BookingRules, SessionType

# accounts may not import meetings, so what happens to a leaving person's meetings is added here.
admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Allow a mentor's rules to be deleted with the mentor, though not on their own."""
        deleted, counts, forbidden, protected = super().get_deleted_objects(objs, request)
        forbidden -= {each._meta.verbose_name for each in (BookingRules, SessionType)}
        return deleted, counts, forbidden, protected

    def after_deactivation(self, request: HttpRequest, people: Iterable[User]) -> None:
        """Cancel their meetings now; the worker would do it up to a minute later."""
        super().after_deactivation(request, people)
        cancelled = cancel_without_people(timezone.now())
        if cancelled:
            text = ngettext(
                "%(n)s upcoming meeting cancelled.", "%(n)s upcoming meetings cancelled.", cancelled
            )
            self.message_user(request, text % {"n": cancelled})
