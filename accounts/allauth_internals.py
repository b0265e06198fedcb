"""The undocumented names of django-allauth that the site uses.

They may move or change without notice: check them at each upgrade of allauth, which is pinned in
requirements.txt.
"""

from allauth.account.internal.flows.login import record_authentication
from allauth.core.internal import ratelimit
from allauth.core.internal.httpkit import get_authorization_credential
from allauth.headless.internal.sessionkit import new_session
from allauth.headless.tokens.strategies.jwt import internal as jwt_tokens

__all__ = [
    "get_authorization_credential",
    "jwt_tokens",
    "new_session",
    "ratelimit",
    "record_authentication",
]
