"""The settings about Google, which stand or fall together."""

from typing import Any
from urllib.parse import urlsplit

from p2plearn.env import env


def settings(site_url: str) -> dict[str, Any]:
    """By their names in Django's settings."""
    client_id: str = env.str("GOOGLE_CLIENT_ID", default="")
    client_secret: str = env.str("GOOGLE_CLIENT_SECRET", default="")
    has_client = bool(client_id and client_secret)
    auth_uri: str = env.str(
        "GOOGLE_AUTH_URI", default="https://accounts.google.com/o/oauth2/v2/auth"
    )
    auth_origin = "{0.scheme}://{0.netloc}".format(urlsplit(auth_uri))
    app = {"client_id": client_id, "secret": client_secret, "key": ""}
    return {
        "GOOGLE_CLIENT_ID": client_id,
        "GOOGLE_CLIENT_SECRET": client_secret,
        "HAS_GOOGLE_CLIENT": has_client,
        # The platform's own calendar, for mentors who have not connected theirs.
        "GOOGLE_REFRESH_TOKEN": env.str("GOOGLE_REFRESH_TOKEN", default=""),
        "GOOGLE_REDIRECT_URI": env.str(
            "GOOGLE_REDIRECT_URI", default=f"{site_url}/settings/calendar/callback/"
        ),
        # The least that will do: write the events of one's own calendar, and read when it is busy,
        # without titles or details (https://developers.google.com/workspace/calendar/api/auth).
        "GOOGLE_SCOPES": (
            "https://www.googleapis.com/auth/calendar.events.owned",
            "https://www.googleapis.com/auth/calendar.freebusy",
        ),
        "GOOGLE_CALENDAR_ENDPOINT": env.str(
            "GOOGLE_CALENDAR_ENDPOINT", default="https://www.googleapis.com/calendar/v3/"
        ),
        "GOOGLE_AUTH_URI": auth_uri,
        # Sign-in with Google is a form that is answered with a redirect to it.
        "GOOGLE_FORM_TARGETS": [auth_origin] if has_client else [],
        "GOOGLE_TOKEN_URI": env.str(
            "GOOGLE_TOKEN_URI", default="https://oauth2.googleapis.com/token"
        ),
        "GOOGLE_REVOKE_URI": env.str(
            "GOOGLE_REVOKE_URI", default="https://oauth2.googleapis.com/revoke"
        ),
        "SOCIALACCOUNT_PROVIDERS": {
            "google": {
                "APPS": [app] if has_client else [],
                "SCOPE": ["openid", "email", "profile"],
                "OAUTH_PKCE_ENABLED": True,
            }
        },
    }
