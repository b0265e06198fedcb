"""The complete sign-up form: django-allauth's, which extends accounts.forms.SignupForm."""

from typing import Any

from allauth.account.forms import SignupForm as WholeForm
from django.db import IntegrityError
from django.http import HttpRequest


class SignupForm(WholeForm):
    def try_save(self, request: HttpRequest) -> Any:
        """Save the new person, or answer that the address has an account.

        Two concurrent sign-ups with one address both pass validation, and the second raises
        IntegrityError here.
        """
        try:
            return super().try_save(request)
        except IntegrityError:
            self.account_already_exists = True
            return super().try_save(request)
