"""The text of pages, as people read it."""

import re
from html import unescape

from django.http import HttpResponse


def words_of(response: HttpResponse) -> str:
    """The text without tags, with one space between words."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())
