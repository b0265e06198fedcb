from collections.abc import Iterable

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.admin.people import UserAdmin
from accounts.models import User
from meetings.models import Meeting

# Accounts know nothing of meetings, so what a person's leaving means for them is added here.
admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    def after_deactivation(self, request: HttpRequest, people: Iterable[User]) -> None:
        """Cancel their meetings at once; the worker would, but a minute later."""
        super().after_deactivation(request, people)
        cancelled = Meeting.cancel_without_people(timezone.now())
        if cancelled:
            text = ngettext(
                "%(n)s upcoming meeting cancelled.", "%(n)s upcoming meetings cancelled.", cancelled
            )
            self.message_user(request, text % {"n": cancelled})
