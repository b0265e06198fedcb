"""In German and Spanish, no page, mail or response contains English text."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import allauth
import django
import polib
import pytest
from django.contrib import admin
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import translation

from accounts.models import User
from bin.install import ROOT
from bin.messages import LANGUAGES
from meetings.domain import errors
from meetings.domain.errors import BookingError
from meetings.domain.reminders import Kind
from meetings.models import Notification
from meetings.notifications.emails import email_for
from tests.test_permissions import GETS, LIBRARY, POSTS, address, names, people

__all__ = ["people"]

# Placeholders and markup, which are not words of the text itself.
HOLE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]*>|&\w+;")
# Attributes that people see or hear, besides the text between tags.
SPOKEN = {"alt", "aria-label", "content", "data-busy", "placeholder", "title"}
MEANT_FOR_DEVELOPERS = {"styleguide"}


def has_plain_address(name):
    """Whether the page's address has no arguments."""
    try:
        return bool(reverse(name))
    except NoReverseMatch:
        return False


PAGES_OF_LIBRARIES = sorted(
    name for name in names(get_resolver()) if name.startswith(LIBRARY) and has_plain_address(name)
)
MAILS_OF_LIBRARIES = sorted(
    str(path.relative_to(folder))
    for folder in Path(allauth.__file__).parent.glob("**/templates")
    for path in folder.glob("*/email/*.txt")
    if not path.name.startswith("base")
)


class Words(HTMLParser):
    """Collects the words of a page."""

    def __init__(self):
        super().__init__()
        self.said = []
        self.is_code = False

    def handle_starttag(self, tag, attrs):
        self.is_code = tag in ("script", "style")
        self.said += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag):
        self.is_code = False

    def handle_data(self, data):
        if not self.is_code:
            self.said.append(data)


def words_of(page):
    reader = Words()
    reader.feed(page)
    return " ".join(" ".join(reader.said).split())


def own_words(text):
    """The longest part of the text without a placeholder."""
    return max((" ".join(part.split()) for part in HOLE.split(text)), key=len)


@cache
def english(language):
    """Phrases of two or more words that occur in English texts only."""
    found: dict[str, list[str]] = {}
    for path in catalogs(language):
        for each in polib.pofile(path):
            translated = [each.msgstr, *each.msgstr_plural.values()]
            for text in filter(None, (each.msgid, each.msgid_plural)):
                words = own_words(text)
                found.setdefault(words, []).extend(translated)
    return {
        words
        for words, translated in found.items()
        if len(words.split()) > 1 and not any(words in text for text in translated)
    }


def catalogs(language):
    where = f"{language}/LC_MESSAGES/django.po"
    yield from (ROOT / "locale").glob(f"**/{where}")
    for package in (django, allauth):
        yield from Path(package.__path__[0]).glob(f"**/locale/{where}")


def left_in_english(language, said):
    return [
        words
        for words in english(language)
        if words in said and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", said)
    ]


def set_language(clients, language):
    User.objects.update(language=language)
    for client in clients.values():
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = language


def check(response, language):
    if not response.get("Content-Type", "").startswith("text/html") or not response.content:
        return
    assert f'lang="{language}"' in response.text or "<html" not in response.text
    assert left_in_english(language, words_of(response.text)) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(GETS.keys() - MEANT_FOR_DEVELOPERS))
def test_every_page_speaks_it(people, name, language):
    clients, meeting = people
    url = address(name, meeting)
    set_language(clients, language)

    for role in ("anonymous", "learner", "mentor"):
        check(clients[role].get(url, follow=True), language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(POSTS))
def test_every_refusal_speaks_it(people, name, language):
    clients, meeting = people
    url = address(name, meeting)
    set_language(clients, language)

    for role in ("anonymous", "learner", "mentor"):
        check(clients[role].post(url, follow=True), language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES_OF_LIBRARIES)
def test_every_page_about_an_account_speaks_it(people, name, language):
    clients, _meeting = people
    url = reverse(name)
    set_language(clients, language)

    for role in ("anonymous", "learner"):
        check(clients[role].get(url, follow=True), language)
        check(clients[role].post(url, follow=True), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_admin_speaks_it(people, language):
    clients, _meeting = people
    set_language(clients, language)

    check(clients["staff"].get(reverse("admin:index")), language)
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        check(clients["staff"].get(reverse(name)), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mail_speaks_it(people, language):
    clients, meeting = people
    set_language(clients, language)
    meeting.notifications.all().delete()
    meeting.learner.refresh_from_db()

    for kind in Kind:
        about = None if kind == Kind.CONNECTION_LOST else meeting
        told = Notification(
            recipient=meeting.learner, kind=kind, meeting=about, starts_at=meeting.scheduled_at
        )
        mail = email_for(told).mail()
        said = f"{mail.subject} {words_of(mail.html)} {' '.join(mail.text.split())}"
        assert left_in_english(language, said) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", MAILS_OF_LIBRARIES)
def test_every_mail_about_an_account_speaks_it(template, language):
    context = {
        "current_site": {"name": "P2P", "domain": "p2p.example"},
        "email": "kim@example.com",
        "provider": {"name": "Google"},
        "request": None,
        "user": User(name="Kim"),
    }

    with translation.override(language):
        said = " ".join(render_to_string(template, context).split())

    assert left_in_english(language, said) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_broken_rule_is_told_in_it(language):
    broken = [each for each in vars(errors).values() if isinstance(each, type)]
    texts = [each.text for each in broken if issubclass(each, BookingError)]

    with translation.override(language):
        said = " ".join(translation.gettext(text) for text in texts)

    assert left_in_english(language, said) == []


def test_english_is_found_where_it_is_left():
    left = """
        <h1>Lerne</h1>
        <p title="How it works">Find  a <b>mentor</b></p>
        <script>Log out?</script>
    """

    found = left_in_english("de", words_of(left))

    assert sorted(found) == ["Find a mentor", "How it works"]
