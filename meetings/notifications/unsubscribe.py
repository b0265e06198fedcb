"""The URL in a mail that turns off further mails of its sort, without a log-in."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from accounts.models import User

_signer = Signer(salt="unsubscribe")


def unsubscribe_url(person: User, choice: str) -> str:
    """The URL that turns off the person's mails of that MailChoice, for anybody with the mail."""
    token = _signer.sign_object([person.pk.hex, choice])
    return f"{settings.SITE_URL}{reverse('meetings:unsubscribe', args=[token])}"


def unsubscriber(token: str) -> tuple[User, User.MailChoice] | None:
    """The person and MailChoice of a token; None if it is not ours, or the person is deleted."""
    try:
        person_id, choice = _signer.unsign_object(token)
    except BadSignature:
        return None
    person = User.objects.filter(pk=person_id).first()
    return (person, User.MailChoice(choice)) if person else None
