"""Compares two responses, to the byte."""

import re

from django.http import HttpResponse

# Django masks the CSRF token differently in each response.
_TOKEN = re.compile(rb'(csrfmiddlewaretoken" value="|X-CSRFToken": ?")[A-Za-z0-9]{64}')

VARYING = ("Content-Length", "X-Request-ID")


def essence(response: HttpResponse) -> tuple[int, bytes, dict[str, str]]:
    """Status, content and headers without the CSRF token: everything that a client can compare."""
    headers = {name: value for name, value in response.headers.items() if name not in VARYING}
    return response.status_code, _TOKEN.sub(rb"\1", response.content), headers
