import pytest

from tests.e2e.servers import binaries, suite


def test_a_database_that_nobody_knows_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert suite.main(["oracle", "-q"]) == 2
    assert "it must be one of sqlite, postgres, mongodb" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["postgres", "mongodb"])
def test_without_its_server_a_run_is_on_sqlite_and_says_so_but_not_in_ci(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("MONGOD", "/no/such/mongod")
    monkeypatch.setattr(binaries, "POSTGRES_FOLDERS", ())

    monkeypatch.delenv("CI", raising=False)
    # `pytest --version` needs no database.
    at_home = suite.main([name, "--version"])
    monkeypatch.setenv("CI", "true")
    in_ci = suite.main([name, "--version"])

    assert (at_home, in_ci) == (0, 1)
    assert "THE TESTS RUN ON SQLITE INSTEAD" in capsys.readouterr().err
