"""Google's scopes and addresses, and settings that follow from them."""

from typing import Any
from urllib.parse import urlsplit

# The minimum: write events of the person's own calendar, and read its busy times without titles or
# details (https://developers.google.com/workspace/calendar/api/auth).
SCOPES = (
    "https://www.googleapis.com/auth/calendar.events.owned",
    "https://www.googleapis.com/auth/calendar.freebusy",
)
CALENDAR_ENDPOINT = "https://www.googleapis.com/calendar/v3/"
AUTH_URI = "https://accounts.google.com/o/oauth2/v2/auth"
TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105  an address, not a token
REVOKE_URI = "https://oauth2.googleapis.com/revoke"


def providers(client_id: str, secret: str) -> dict[str, Any]:
    """allauth's SOCIALACCOUNT_PROVIDERS: sign-in with Google, if there is a client."""
    apps = [{"client_id": client_id, "secret": secret, "key": ""}] if client_id and secret else []
    scope = ["openid", "email", "profile"]
    return {"google": {"APPS": apps, "SCOPE": scope, "OAUTH_PKCE_ENABLED": True}}


def form_target(auth_uri: str) -> str:
    """The origin for CSP's form-action: the sign-in form is answered with a redirect there."""
    parts = urlsplit(auth_uri)
    return f"{parts.scheme}://{parts.netloc}"
