"""JSON Web Tokens for the API: allauth's strategy, with three additions.

A refresh token can be used once; using it again ends its whole family. The keys can be rotated. A
token without an expiry is invalid. A token is valid only while its session lasts, so what ends the
session (log-out, a new password, deactivation) ends the token too.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

import jwt
from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest

from accounts.allauth_internals import jwt_tokens
from accounts.models import TokenFamily, User

ALGORITHM = "HS256"
CLAIMS = ["exp", "iat", "jti", "sid", "sub", "token_use"]
# Ours have about 400 characters; longer ones are refused unread.
LONGEST = 4_096


class Tokens(NamedTuple):
    """The result of a log-in or a refresh."""

    access: str
    refresh: str


class TokenStrategy(JWTTokenStrategy):
    """Makes and renews tokens."""

    def create_access_token_payload(self, request: HttpRequest) -> dict[str, Any]:
        """Start a token family for the request's person and session, right after a log-in.

        Returns `{"access_token": …, "refresh_token": …}`
        """
        user, session = cast(User, request.user), request.session
        session.set_expiry(settings.HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN)
        session.save()
        refresh, claims = _refresh_token(user, session)
        TokenFamily.objects.create(
            session_key=str(session.session_key),
            person=user,
            current=claims["jti"],
            expires_at=_moment(claims["exp"]),
        )
        return {"access_token": self.create_access_token(request), "refresh_token": refresh}

    def refresh_token(self, refresh_token: str) -> Tokens | None:
        """New tokens for the newest refresh token of a family, else None.

        An older one ends the session and all its tokens, since it may have been stolen.
        """
        found = _resolve(refresh_token, "refresh")
        if found is None:
            return None
        user, session, used = found
        following, claims = _refresh_token(user, session)
        try:
            with transaction.atomic():
                is_newest = TokenFamily.objects.swap(
                    str(session.session_key),
                    used=used["jti"],
                    following=claims["jti"],
                    expires_at=_moment(claims["exp"]),
                )
                if is_newest:
                    session.save()
        except UpdateError:  # the session has ended meanwhile
            return None
        if not is_newest:
            end(session)
            return None
        return Tokens(jwt_tokens.create_access_token(user, session, {}), following)


def authenticate_access(access: str) -> tuple[User, SessionBase] | None:
    """The person and the session of an access token; None if it is invalid."""
    found = _resolve(access, "access")
    return (found[0], found[1]) if found else None


def end(session: SessionBase) -> None:
    """End a session and every token that was made in it."""
    TokenFamily.objects.filter(session_key=session.session_key).delete()
    session.delete()


def end_all() -> int:
    """End every session and every token of everybody; returns how many sessions."""
    TokenFamily.objects.all().delete()
    UserSession.objects.all().delete()
    return Session.objects.all().delete()[0]


def _resolve(token: str, use: str) -> tuple[User, SessionBase, dict[str, Any]] | None:
    """The person, the session and the claims of a token; None if it is invalid."""
    claims = _decode(token, use)
    session = jwt_tokens.get_token_session(claims) if claims else None
    user = jwt_tokens.validate_token_user(claims, session) if session else None
    if claims is None or session is None or user is None:
        return None
    return user, session, claims


def _decode(token: str, use: str) -> dict[str, Any] | None:
    """The claims of a token that is signed by one of our keys for this use; else None."""
    if len(token) > LONGEST:
        return None
    for key in settings.JWT_SIGNING_KEYS:
        try:
            claims: dict[str, Any] = jwt.decode(
                token, key, algorithms=[ALGORITHM], options={"require": CLAIMS}
            )
        except jwt.InvalidSignatureError:
            continue
        except (jwt.PyJWTError, RecursionError):  # a header can be nested too deep to be read
            return None
        is_fit = claims["token_use"] == use and isinstance(claims["sid"], str)
        return claims if is_fit else None
    return None


def _refresh_token(user: User, session: SessionBase) -> tuple[str, dict[str, Any]]:
    """A new refresh token and its claims."""
    token, claims = jwt_tokens.create_token(
        "refresh",
        sub=str(user.pk),
        sid=jwt_tokens.session_key_to_sid(session.session_key),
        expires_in=settings.HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN,
    )
    return token, claims


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
