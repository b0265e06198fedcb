"""django-allauth's adapters: mail, sign-in with Google, encryption of second factors."""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from accounts.encryption import decrypt, encrypt
from accounts.models import User
from accounts.text import as_line
from accounts.viewer_locale import ViewerLocale

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send the mail; if that fails, show a message and let the request succeed."""
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError) as error:
            logger.warning("mail %s not sent: %s", template_prefix, type(error).__name__)
            told = _(
                "We could not send you a mail just now. If you wait for it, ask for it again in a "
                "few minutes."
            )
            messages.error(current.request, told)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """The provider's app. Raises Http404 if Google is not set up."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist as error:
            raise Http404 from error

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> User:
        """Fill a new person: name from the provider, language, zone and clock from the browser."""
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        name = as_line(data.get("name") or " ".join(part for part in parts if part))
        user.name = (name or user.email.partition("@")[0])[:100]
        reader = ViewerLocale.browser(request)
        user.timezone = reader.zone.key
        user.language, user.clock = reader.language, reader.clock
        return user


class MFAAdapter(DefaultMFAAdapter):
    """Encrypts the secrets of second factors, which allauth stores in plain text by default."""

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)
