"""The sign-up form as a whole: django-allauth's, which builds upon accounts.forms.SignupForm."""

from typing import Any

from allauth.account.forms import SignupForm as WholeForm
from django.db import IntegrityError
from django.http import HttpRequest


class SignupForm(WholeForm):
    def try_save(self, request: HttpRequest) -> Any:
        """The new person, or the answer to somebody whose address has an account.

        Of two forms with one address that are sent at once, both find it free when they look, and
        one finds out only here that it is not.
        """
        try:
            return super().try_save(request)
        except IntegrityError:
            self.account_already_exists = True
            return super().try_save(request)
