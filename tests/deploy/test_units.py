"""The units, the proxies and the containers match the site and each other."""

import re
import runpy
import subprocess
import sys

import pytest
import yaml
from django.conf import settings

from tests.deploy.files import CURRENT, DEPLOY, ROOT, service, setting_names, unit

LISTEN = "127.0.0.1:8000"
SERVER = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))


@pytest.mark.parametrize("name", ["web", "worker"])
def test_what_a_unit_starts_is_there(name):
    program, *arguments = service(name)["ExecStart"].split()

    assert program == f"{CURRENT}/.venv/bin/python"
    named = [argument for argument in arguments if "/" in argument or argument.endswith(".py")]
    assert named
    assert all((ROOT / argument).is_file() for argument in named)


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_service_can_do_little(name):
    found = service(name)

    assert found["User"] == "p2plearn"
    assert found["ProtectSystem"] == "strict"
    assert found["CapabilityBoundingSet"] == ""
    assert found["NoNewPrivileges"] == "yes"


def test_the_proxies_and_the_release_ask_where_the_socket_listens():
    socket = unit(DEPLOY / "systemd" / "p2plearn-web.socket")["Socket"]

    assert socket["ListenStream"] == LISTEN
    assert f"proxy_pass http://{LISTEN};" in (DEPLOY / "nginx" / "p2plearn.conf").read_text()
    assert f"reverse_proxy {LISTEN} " in (DEPLOY / "Caddyfile").read_text()
    assert f"http://{LISTEN}/" in (DEPLOY / "release").read_text()


def test_a_stop_waits_for_what_is_in_hand():
    finish = {
        "web": SERVER["graceful_timeout"],
        "worker": settings.HUEY["consumer"]["shutdown_timeout"],
    }

    for name, seconds in finish.items():
        assert int(service(name)["TimeoutStopSec"]) >= seconds + 10
    grace = _compose()["services"]["web"]["stop_grace_period"]
    assert int(grace.removesuffix("s")) >= max(finish.values()) + 10


def test_the_web_server_accepts_its_settings():
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]

    result = subprocess.run(
        [*command, "--check-config", "p2plearn.wsgi"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stderr) == (0, "")


def test_a_token_in_an_address_reaches_no_log_of_nginx():
    text = (DEPLOY / "nginx" / "p2plearn.conf").read_text()
    (log_format,) = re.findall(r"log_format p2plearn (.*?);", text, re.DOTALL)

    assert not re.findall(r"\$(?:request|request_uri|uri|args|http_referer)\b", log_format)
    assert set(re.findall(r"(access_log|error_log) ([^;]+);", text)) == {
        ("access_log", "off"),
        ("access_log", "/var/log/nginx/p2plearn.log p2plearn"),
        ("error_log", "/var/log/nginx/p2plearn-error.log crit"),
    }


def test_the_containers_run_what_the_units_run():
    services = _compose()["services"]
    web = (DEPLOY / "Containerfile").read_text().rpartition("CMD ")[2]

    assert set(services) == {"migrate", "web", "worker", "database", "redis"}
    assert " ".join(services["worker"]["command"]) == _relative(service("worker")["ExecStart"])
    assert yaml.safe_load(web) == [
        word
        for word in _relative(service("web")["ExecStart"]).split()
        for word in (["--bind", "0.0.0.0:8000", word] if word == "p2plearn.wsgi" else [word])
    ]


def test_the_containers_are_given_settings_that_exist():
    names = set(_compose()["x-site"]["environment"])

    assert names <= setting_names()


def test_the_image_is_built_without_what_only_developers_need():
    text = (DEPLOY / "Containerfile").read_text()

    assert text.index("rm requirements-dev.txt requirements-*-tests.txt") < text.index(
        "pip install"
    )
    assert "--require-hashes" in text


def _relative(command: str) -> str:
    return command.replace(f"{CURRENT}/", "")


def _compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())
