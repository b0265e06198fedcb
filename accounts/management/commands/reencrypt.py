from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Model

from accounts.encryption import reencrypt
from accounts.models import CalendarConnection

# The keys of Authenticator.data whose values MFAAdapter encrypts.
MFA_SECRETS = ("secret", "seed")
MFA_LISTS = ("migrated_codes",)


class Command(BaseCommand):
    help = (
        "Encrypts calendar tokens and second factors anew with the first of ENCRYPTION_KEYS, so "
        "that the others can be dropped. Safe to repeat, also while the site runs."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = self._renew_all(CalendarConnection, "calendar tokens", _renew_token)
        unreadable += self._renew_all(Authenticator, "second factors", _renew_factor)
        if unreadable:
            raise CommandError(
                f"{unreadable} cannot be read with any of ENCRYPTION_KEYS, and were left as they "
                "are. Keep all keys until you have found the cause."
            )

    def _renew_all(self, model: type[Model], what: str, renew: Callable[[Any], None]) -> int:
        """Call renew with each row, locked; returns how many cannot be read."""
        renewed = unreadable = 0
        keys = model._default_manager.order_by("pk").values_list("pk", flat=True)
        for key in list(keys):
            # The row lock keeps a concurrent change from being overwritten.
            with transaction.atomic():
                row = model._default_manager.select_for_update().filter(pk=key).first()
                try:
                    if row is not None:
                        renew(row)
                        renewed += 1
                except InvalidToken:
                    self.stderr.write(f"{model.__name__} {key} cannot be read.")
                    unreadable += 1
        self.stdout.write(f"{renewed} {what} are encrypted with the first key.")
        return unreadable


def _renew_token(connection: CalendarConnection) -> None:
    connection.encrypted_token = reencrypt(connection.encrypted_token)
    connection.save(update_fields=["encrypted_token"])


def _renew_factor(factor: Authenticator) -> None:
    for name in MFA_SECRETS:
        if name in factor.data:
            factor.data[name] = reencrypt(factor.data[name])
    for name in MFA_LISTS:
        if name in factor.data:
            factor.data[name] = [reencrypt(each) for each in factor.data[name]]
    factor.save(update_fields=["data"])
