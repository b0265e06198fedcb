from accounts.checks import CONSOLE_MAIL, check_mail, check_rate_limits


def test_shared_limits_that_are_on_are_fine(settings):
    settings.RATE_LIMITS = True

    assert check_rate_limits() == []


def test_limits_that_are_off_or_per_process_are_named(settings):
    settings.RATE_LIMITS = False
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

    assert [each.id for each in check_rate_limits()] == ["accounts.E001", "accounts.W001"]


def test_mail_that_nobody_gets_is_named(settings):
    assert check_mail() == []

    settings.EMAIL_BACKEND = CONSOLE_MAIL

    assert [each.id for each in check_mail()] == ["accounts.E002"]
