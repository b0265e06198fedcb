"""The address in a mail by which its reader is spared further ones, without logging in."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from accounts.models import User

_signer = Signer(salt="unsubscribe")


def unsubscribe_url(person: User, choice: str) -> str:
    """Where the person turns off the mails of that MailChoice. Whoever has the mail may do it."""
    token = _signer.sign_object([person.pk.hex, choice])
    return f"{settings.SITE_URL}{reverse('meetings:unsubscribe', args=[token])}"


def unsubscriber(token: str) -> tuple[User, User.MailChoice] | None:
    """Whom and what a token stands for; None if it is not one of ours."""
    try:
        person_id, choice = _signer.unsign_object(token)
    except BadSignature:
        return None
    person = User.objects.filter(pk=person_id).first()
    return (person, User.MailChoice(choice)) if person else None
