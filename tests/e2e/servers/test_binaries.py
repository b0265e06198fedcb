from pathlib import Path

import pytest

from tests.e2e.servers import binaries


def test_chromium_is_the_one_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    browser = _program(tmp_path / "my-browser")
    monkeypatch.setenv("CHROMIUM", str(browser))

    assert binaries.find_chromium() == browser


def test_the_newest_postgres_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for version in ("9", "15", "17"):
        for name in binaries.POSTGRES_NAMES:
            _program(tmp_path / version / "bin" / name)
    monkeypatch.setattr(binaries, "POSTGRES_FOLDERS", (f"{tmp_path}/*/bin",))

    assert binaries.find_postgres() == tmp_path / "17" / "bin"


def test_what_is_missing_is_said_and_fails_only_in_ci(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(binaries, "CHROMIUM_PATHS", ())

    monkeypatch.delenv("CI", raising=False)
    at_home = binaries.main()
    monkeypatch.setenv("CI", "true")
    in_ci = binaries.main()

    said = capsys.readouterr().err
    assert (at_home, in_ci) == (0, 1)
    assert "BROWSER TESTS ARE SKIPPED" in said
    assert "TESTS WITH REDIS ARE SKIPPED" in said


def _program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path
