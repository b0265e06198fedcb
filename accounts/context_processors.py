from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.color_scheme import chosen_scheme


def viewer(request: HttpRequest) -> dict[str, Any]:
    """Variables of every template. scheme is empty if the system decides."""
    return {
        "viewer_zone": timezone.get_current_timezone_name(),
        "scheme": chosen_scheme(request),
        "site_name": settings.SITE_NAME,
        "has_google_sign_in": settings.HAS_GOOGLE_CLIENT,
    }
