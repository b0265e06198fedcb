"""A Google account whose calendar the site writes to."""

from dataclasses import dataclass, field

from django.conf import settings


@dataclass(frozen=True)
class GoogleAccount:
    """key names the account in this process; the token is kept out of reprs and so out of logs."""

    key: str
    refresh_token: str = field(repr=False)
    calendar_id: str = "primary"


def platform_account() -> GoogleAccount | None:
    """The platform's own account; None unless GOOGLE_REFRESH_TOKEN and the client are set."""
    if settings.HAS_GOOGLE_CLIENT and settings.GOOGLE_REFRESH_TOKEN:
        return GoogleAccount("platform", settings.GOOGLE_REFRESH_TOKEN)
    return None
