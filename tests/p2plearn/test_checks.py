from tests.p2plearn.production import manage


def check(**changes):
    return manage("check", "--deploy", "--fail-level", "WARNING", **changes)


def test_production_is_fit_to_deploy():
    result = check(CACHE_URL="redis://127.0.0.1/0", JOBS_URL="redis://127.0.0.1/1")

    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


def test_without_redis_it_is_too_and_says_what_each_machine_has_for_itself():
    result = check()

    assert result.returncode == 0, result.stderr
    assert "p2plearn.I001" in result.stderr
    assert "p2plearn.I002" in result.stderr


def test_what_makes_it_weak_is_named():
    result = check(
        EMAIL_URL="consolemail://",
        RATE_LIMITS="off",
        CACHE_URL="locmemcache://",
        SITE_URL="http://learn.example.com",
    )

    assert result.returncode != 0
    for each in ("E001", "E002", "W001"):
        assert f"accounts.{each}" in result.stderr
    for each in ("W012", "W016"):
        assert f"security.{each}" in result.stderr
