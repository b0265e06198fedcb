"""A person in front of the loopback Google's consent screen."""

from datetime import timedelta
from urllib.parse import urlsplit

import requests
from django.urls import reverse


def consent(response):
    """The person agrees at Google; what the browser is sent back with."""
    answer = requests.get(response["Location"], allow_redirects=False, timeout=5)
    return urlsplit(answer.headers["Location"])


def go_through(client):
    """All of it, to the page that the person ends on."""
    back = consent(client.post(reverse("meetings:calendar_connect")))
    return client.get(f"{back.path}?{back.query}", follow=True)


def busy_at(start, hours=1):
    end = start + timedelta(hours=hours)
    return {"start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "end": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
