import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import CalendarConnection
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

OLD, NEW, LOST = (Fernet.generate_key().decode() for _key in range(3))
SECRET = "JBSWY3DPEHPK3PXP"


def connect(user):
    connection = CalendarConnection(
        user=user, google_id=str(user.pk), google_email=user.email, connected_at=timezone.now()
    )
    connection.refresh_token = "refresh-token"
    connection.save()
    return connection


def test_what_an_old_key_encrypted_is_read_without_it(settings, capsys):
    settings.ENCRYPTION_KEYS = [OLD]
    user = UserFactory()
    connect(user)
    TOTP.activate(user, SECRET)
    codes = RecoveryCodes.activate(user).generate_codes()
    RecoveryCodes.activate(user).validate_code(codes[0])

    settings.ENCRYPTION_KEYS = [NEW, OLD]
    call_command("reencrypt")

    settings.ENCRYPTION_KEYS = [NEW]
    assert CalendarConnection.objects.get().refresh_token == "refresh-token"
    factor = Authenticator.objects.get(type="totp")
    assert Fernet(NEW).decrypt(factor.data["secret"].encode()).decode() == SECRET
    assert RecoveryCodes.activate(user).get_unused_codes() == codes[1:]
    assert capsys.readouterr().out == (
        "1 calendar tokens are encrypted with the first key.\n"
        "2 second factors are encrypted with the first key.\n"
    )


def test_codes_that_were_brought_from_elsewhere_are_renewed_each(settings):
    settings.ENCRYPTION_KEYS = [OLD]
    codes = [Fernet(OLD).encrypt(code).decode() for code in (b"1234", b"5678")]
    Authenticator.objects.create(
        user=UserFactory(), type="recovery_codes", data={"migrated_codes": codes}
    )

    settings.ENCRYPTION_KEYS = [NEW, OLD]
    call_command("reencrypt")

    settings.ENCRYPTION_KEYS = [NEW]
    assert Authenticator.objects.get().wrap().get_unused_codes() == ["1234", "5678"]


def test_what_no_key_reads_stays_and_is_told(settings, capsys):
    settings.ENCRYPTION_KEYS = [LOST]
    lost = connect(UserFactory())
    settings.ENCRYPTION_KEYS = [OLD]
    connect(UserFactory())

    settings.ENCRYPTION_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match="1 cannot be read"):
        call_command("reencrypt")

    assert capsys.readouterr().err == f"CalendarConnection {lost.pk} cannot be read.\n"
    before = lost.encrypted_token
    lost.refresh_from_db()
    assert lost.encrypted_token == before
    settings.ENCRYPTION_KEYS = [NEW]
    others = CalendarConnection.objects.exclude(pk=lost.pk)
    assert [other.refresh_token for other in others] == ["refresh-token"]
