"""Pages as people read them."""

import re
from html import unescape

from django.http import HttpResponse


def words_of(response: HttpResponse) -> str:
    """What stands there: no tags, one space between words."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())
