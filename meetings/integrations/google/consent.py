"""What is asked of a person before their calendar is touched, and what they answered."""

from collections.abc import Iterable
from dataclasses import dataclass, field

# They name the account that consents: OpenID Connect's `sub` and its address.
IDENTITY_SCOPES = ("openid", "email")


@dataclass(frozen=True)
class Question:
    """A consent screen to send somebody to. state comes back with the answer; verifier is the
    secret of PKCE (RFC 7636), without which nobody can redeem that answer."""

    url: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class Grant:
    """What the person granted. google_id and email are empty unless IDENTITY_SCOPES were asked
    for, refresh_token when Google gave none. Tokens are kept out of reprs and so out of logs."""

    google_id: str
    email: str
    scopes: frozenset[str]
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)

    def lacks(self, scopes: Iterable[str]) -> list[str]:
        """Those of scopes that were not granted: a person can untick each of them."""
        return [scope for scope in scopes if scope not in self.scopes]

    @property
    def token(self) -> str:
        """The token that ends the whole grant when it is revoked."""
        return self.refresh_token or self.access_token


class ConsentError(Exception):
    """Google did not do it. str() is its word for why, such as "invalid_grant"."""
