from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from accounts.checks import check_mail, check_rate_limits


class AccountsConfig(AppConfig):
    """People and their accounts. Imports nothing from meetings."""

    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        register(check_mail, deploy=True)
        register(check_rate_limits, deploy=True)
