"""Encryption at rest, with keys of its own that can be rotated."""

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])


def encrypt(text: str) -> str:
    """text under the newest of settings.ENCRYPTION_KEYS."""
    return _cipher().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """What encrypt() was given. Raises cryptography.fernet.InvalidToken if no key fits."""
    return _cipher().decrypt(encrypted.encode()).decode()


def reencrypt(encrypted: str) -> str:
    """The same under the newest key. Raises cryptography.fernet.InvalidToken if no key fits."""
    return _cipher().rotate(encrypted.encode()).decode()
