"""What the site uses of django-allauth that it does not document, in one place.

An upgrade of allauth is held against this list (pinned in requirements.txt): each name may move or
change without notice.
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
