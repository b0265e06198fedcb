from typing import Any

from allauth.account.forms import LoginForm as AccountLoginForm
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import respond_429
from django.core.exceptions import ValidationError


class LoginForm(AccountLoginForm):
    """Answers too many failed log-ins like every other rate limit: 429 with Retry-After."""

    def clean(self) -> dict[str, Any] | None:
        try:
            cleaned: dict[str, Any] | None = super().clean()
        except ValidationError as error:
            if error.code == "too_many_login_attempts":
                raise ImmediateHttpResponse(respond_429(self.request)) from error
            raise
        return cleaned
