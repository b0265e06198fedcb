from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.color_scheme import chosen_scheme


def viewer(request: HttpRequest) -> dict[str, Any]:
    """What every page needs to know of who looks at it: the zone that its times are in, and the
    colour scheme they chose, empty for the system's."""
    return {
        "viewer_zone": timezone.get_current_timezone_name(),
        "scheme": chosen_scheme(request),
        "site_name": settings.SITE_NAME,
        "has_google_sign_in": settings.HAS_GOOGLE_CLIENT,
    }
