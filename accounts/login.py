"""Log-in for the API: the checks of the log-in page, and tokens instead of a cookie."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.allauth_internals import new_session, record_authentication
from accounts.models import User
from accounts.tokens import Tokens, TokenStrategy

LIMITED = "too_many_login_attempts"


class LoginRefused(Exception):
    """The log-in is refused; str(text) says why."""

    code: ClassVar[str] = "invalid_credentials"
    text: ClassVar[object] = _("The e-mail address or the password is not right.")


class TooManyAttempts(LoginRefused):
    code = "rate_limited"
    text = _("Too many failed attempts. Please try again later.")


class EmailNotVerified(LoginRefused):
    code = "email_not_verified"
    text = _("Please confirm your e-mail address first: log in on the site.")


class CodeRequired(LoginRefused):
    code = "mfa_required"
    text = _("This account has a second factor: send its current code too.")


class WrongCode(LoginRefused):
    code = "invalid_code"
    text = _("The code of the second factor is not right.")


def log_in(request: HttpRequest, *, email: str, password: str, code: str = "") -> Tokens:
    """Log in with a new session, apart from the request's, and return its tokens.

    code: of the second factor, if the person has one. Raises LoginRefused.
    """
    with _own_session(request):
        user = _authenticated(request, email, password)
        record_authentication(request, user, method="password", email=user.email)
        if is_mfa_enabled(user, [Authenticator.Type.TOTP]):
            _check_code(user, code)
        get_adapter(request).login(request, user)
        tokens = TokenStrategy().create_access_token_payload(request)
        return Tokens(tokens["access_token"], tokens["refresh_token"])


def _authenticated(request: HttpRequest, email: str, password: str) -> User:
    try:
        user = get_adapter(request).authenticate(request, email=email, password=password)
    except ValidationError as error:
        raise TooManyAttempts from error
    if not isinstance(user, User) or not user.is_active:
        raise LoginRefused
    if not EmailAddress.objects.filter(user=user, verified=True).exists():
        raise EmailNotVerified
    return user


def _check_code(user: User, code: str) -> None:
    if not code:
        raise CodeRequired
    form = AuthenticateForm({"code": code}, user=user)
    if not form.is_valid():
        raise TooManyAttempts if form.has_error("code", LIMITED) else WrongCode
    form.save()


@contextmanager
def _own_session(request: HttpRequest) -> Iterator[None]:
    """Give the request a new session inside the block, and restore its own afterwards.

    An API log-in must neither take over nor end the browser's session.
    """
    session, user = request.session, request.user
    request.session = new_session()
    try:
        yield
    finally:
        request.session, request.user = session, user
        # Logging in rotates the CSRF token, which only browsers need.
        request.META["CSRF_COOKIE_NEEDS_UPDATE"] = False
