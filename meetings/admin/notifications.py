from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.times import time_column
from meetings.integrations.queue import wake_worker
from meetings.models import Notification


@admin.register(Notification)
class NotificationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # only the stubs are generic
    """Read-only: which mails wait, were sent or failed, and why; an action sends them again."""

    list_display = ("recipient", "kind", "meeting", "due", "mail_state", "why", "tries", "sent")
    list_filter = ("mail_state", "kind", "visible_at")
    list_select_related = ("recipient", "meeting")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("recipient__name", "recipient__email", "meeting__subject")
    date_hierarchy = "visible_at"
    ordering = ("-visible_at", "id")
    actions = ("send_again",)
    fields = (
        *("recipient", "kind", "meeting", "starts", "due", "mail_state", "why"),
        *("tries", "next_try", "sent", "read", "message_id", "created"),
    )
    readonly_fields = fields

    starts = time_column("starts_at", _("tells of the start"))
    due = time_column("visible_at", _("shown from"))
    next_try = time_column("due_at", _("next try"))
    sent = time_column("sent_at", _("sent"))
    read = time_column("read_at", _("read"))
    created = time_column("created_at", _("created"))

    @admin.display(description=_("why not"), ordering="error")
    def why(self, notification: Notification) -> str:
        return notification.error

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_send_permission(self, request: HttpRequest) -> bool:
        """The permission of the action: to change notifications."""
        return super().has_change_permission(request)

    @admin.action(
        description=_("Send again what failed or waits for its next try"), permissions=["send"]
    )
    def send_again(self, request: HttpRequest, chosen: QuerySet[Notification]) -> None:
        """Mails that were sent or dropped stay as they are."""
        again = Notification.objects.filter(pk__in=list(chosen.values_list("pk", flat=True)))
        count = again.send_again(timezone.now())
        wake_worker()
        text = ngettext("%(n)s mail is due again.", "%(n)s mails are due again.", count)
        level = messages.SUCCESS if count else messages.WARNING
        self.message_user(request, text % {"n": count}, level)
