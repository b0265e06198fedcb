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
