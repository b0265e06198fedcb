"""Encryption at rest, with keys that can be rotated."""

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])


def encrypt(text: str) -> str:
    """text encrypted with the first, newest of settings.ENCRYPTION_KEYS."""
    return _cipher().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """The plain text. Raises cryptography.fernet.InvalidToken if no key fits."""
    return _cipher().decrypt(encrypted.encode()).decode()


def reencrypt(encrypted: str) -> str:
    """Encrypt it with the newest key. Raises cryptography.fernet.InvalidToken if no key fits."""
    return _cipher().rotate(encrypted.encode()).decode()
