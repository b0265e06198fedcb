import pytest

from tests.p2plearn.production import manage


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"DEBUG": "on"}, "DEBUG must be off in production"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "changeme"}, "SECRET_KEY is too weak for production"),
        ({"ENCRYPTION_KEYS": ""}, "ENCRYPTION_KEYS is not set"),
        ({"JWT_SIGNING_KEYS": ""}, "JWT_SIGNING_KEYS is not set"),
        ({"ENVIRONMENT": "prod"}, "ENVIRONMENT is 'prod'"),
    ],
)
def test_production_refuses_to_start(changes, complaint):
    result = manage("check", **changes)

    assert result.returncode != 0
    assert complaint in result.stderr
    assert all(secret not in result.stderr for secret in changes.values() if len(secret) > 5)


def test_state_lies_outside_the_code_where_it_is_told_to(tmp_path):
    code = "from django.conf import settings as s; print(s.DATABASES['default']['NAME'], "
    code += "s.HUEY['filename'], s.STATIC_ROOT == s.BASE_DIR / 'var' / 'static')"

    result = manage("shell", "--no-imports", "--command", code, VAR_DIR=str(tmp_path / "state"))

    assert result.stdout.split() == [
        str(tmp_path / "state" / "db.sqlite3"),
        str(tmp_path / "state" / "jobs.sqlite3"),
        "True",
    ]
