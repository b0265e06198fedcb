"""The admin pages that django-allauth registers, reduced to those useful to staff."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.times import time_column

# Apps come from the settings, tokens are not stored, and deleting a UserSession ends no session.
admin.site.unregister([Authenticator, SocialApp, SocialToken, UserSession])


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # only the stubs are generic
    """Second factors. Staff can remove one that was lost, and never see its secret."""

    list_display = ("user", "type", "created", "last_used")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email")
    fields = ("user", "type", "created", "last_used")
    readonly_fields = fields

    created = time_column("created_at", _("created"))
    last_used = time_column("last_used_at", _("last used"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        return False
