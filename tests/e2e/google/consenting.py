"""A person at the fake Google's consent screen."""

from datetime import timedelta
from urllib.parse import urlsplit

import requests
from django.urls import reverse


def consent(response):
    """Agree at Google; return the URL to which the browser is redirected, split by urlsplit()."""
    answer = requests.get(response["Location"], allow_redirects=False, timeout=5)
    return urlsplit(answer.headers["Location"])


def go_through(client):
    """Connect a calendar through all pages, and return the last one."""
    back = consent(client.post(reverse("meetings:calendar_connect")))
    return client.get(f"{back.path}?{back.query}", follow=True)


def busy_at(start, hours=1):
    end = start + timedelta(hours=hours)
    return {"start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "end": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
