"""Files and settings named in docs/deploy.md exist; `make rehearse` tests its commands."""

import re

import pytest

from bin.rehearsal.document import commands
from tests.deploy.files import CURRENT, DEPLOY, PAGE, ROOT, service, setting_names

# gunicorn reads these itself.
GUNICORNS = {"WEB_CONCURRENCY"}


def test_each_block_of_commands_has_its_part_in_the_rehearsal():
    kinds = [kind for kind, _text in commands(PAGE)]

    # A rehearsal leaves out two: it runs no containers, and has no public domain.
    assert {kind for kind in kinds if kind} == {
        "caddy",
        "container",
        "public",
        "release",
        "restart",
        "yours",
    }
    assert all(kinds.count(kind) == 1 for kind in kinds if kind)
    assert kinds.count("") >= 5


def test_the_settings_that_it_writes_exist():
    script = "\n".join(text for _kind, text in commands(PAGE))
    (written,) = re.findall(r"<<END\n(.*?)^END$", script, re.MULTILINE | re.DOTALL)

    names = set(re.findall(r"^([A-Z_]+)=", written, re.MULTILINE))

    assert names <= setting_names()
    assert {"SECRET_KEY", "ENCRYPTION_KEYS", "JWT_SIGNING_KEYS", "TRUSTED_PROXIES"} <= names


def test_the_settings_that_it_names_exist():
    prose = re.sub(r"^```.*?^```$", "", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)

    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)\b", prose))

    assert named
    assert named <= setting_names() | GUNICORNS


def test_the_files_that_it_names_exist():
    text = PAGE.read_text()
    found = re.findall(rf"(?:{CURRENT}|/opt/p2plearn/source|\s|`)/?(deploy/[\w./-]*\w)", text)

    # Made by the person who deploys: the settings of the containers.
    missing = {name for name in found if not (ROOT / name).exists()} - {"deploy/env"}

    assert found
    assert missing == set()


def test_it_and_the_units_agree_on_where_things_are():
    text = PAGE.read_text()
    common = service("web")

    assert f"cat > {common['EnvironmentFile']} <<END" in text
    assert f"VAR_DIR=/var/lib/{common['StateDirectory']}\n" in text
    assert f"--shell /usr/sbin/nologin {common['User']}\n" in text
    assert common["WorkingDirectory"] == CURRENT
    assert (
        f"current={CURRENT.replace('/opt/p2plearn', '$home')}" in (DEPLOY / "release").read_text()
    )


@pytest.mark.parametrize(
    "path", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda path: path.name
)
def test_pages_lead_to_files_that_exist(path):
    targets = re.findall(r"\]\((?!\w+:|#)([^)#]+)", path.read_text())

    assert [target for target in targets if not (path.parent / target).exists()] == []
