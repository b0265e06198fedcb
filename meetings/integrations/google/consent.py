"""The consent that a person is asked for before their calendar is used, and what they granted."""

from collections.abc import Iterable
from dataclasses import dataclass, field

# They identify the account that consents: OpenID Connect's `sub` and its mail address.
IDENTITY_SCOPES = ("openid", "email")


@dataclass(frozen=True)
class AuthorizationRequest:
    """A consent screen to redirect a person to. state comes back with the response; verifier: the
    secret of PKCE (RFC 7636), without which nobody can redeem the code."""

    url: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class Grant:
    """What the person granted. google_id and email are empty unless IDENTITY_SCOPES were requested,
    refresh_token if Google issued none. Tokens are kept out of reprs and so out of logs."""

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
    """A consent request failed. str() is the reason, such as Google's "invalid_grant"."""
