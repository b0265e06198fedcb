"""`make rehearse`: follow docs/deploy.md word for word on a bare Debian, and release under load.

Boots a Debian 12 with its own systemd in a folder, runs the commands of the page in it, and has
people read and book over TLS while the code and a setting change. Takes minutes, needs root, and
rehearses the commit that is checked out. KEEP=1 keeps the machine's folder.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bin.install import ROOT, say
from bin.rehearsal.document import commands
from bin.rehearsal.load import SUBJECT, Load, Visitor
from bin.rehearsal.machine import Machine, MachineError, make_bare_root, refuse_what_cannot_work

PAGE = ROOT / "docs" / "deploy.md"
PEOPLE = ROOT / "bin" / "rehearsal" / "people.py"
FOLDER = Path(os.environ.get("REHEARSAL") or ROOT / "var" / "rehearsal")
PORTS = (80, 443, 5432, 6379, 8000)
DOMAIN = "learn.example.com"
REPOSITORY = "/srv/p2plearn.git"
# What each reader of the page sets; further below, a certificate without the open internet.
YOURS = f"""
DOMAIN={DOMAIN}
EMAIL_URL=filemail:////var/lib/p2plearn/mail
REPOSITORY={REPOSITORY}
echo 127.0.0.1 $DOMAIN >> /etc/hosts
"""
CERTIFICATE = f"/etc/letsencrypt/live/{DOMAIN}/fullchain.pem"
SELF_SIGNED = f"""
mkdir --parents {Path(CERTIFICATE).parent}
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={DOMAIN} \\
    -addext subjectAltName=DNS:{DOMAIN} \\
    -keyout {Path(CERTIFICATE).parent}/privkey.pem -out {CERTIFICATE}
cp {CERTIFICATE} /usr/local/share/ca-certificates/{DOMAIN}.crt
update-ca-certificates
"""
UNITS = "/etc/systemd/system/p2plearn-*.service /etc/systemd/system/p2plearn-*.socket"
MANAGE = "/opt/p2plearn/current/deploy/manage"
SECONDS_AROUND = 5


def main() -> int:
    refuse_what_cannot_work(PORTS)
    FOLDER.mkdir(parents=True, exist_ok=True)
    log = FOLDER / "log"
    log.write_text("", encoding="utf-8")
    with _step("a bare Debian"):
        make_bare_root(FOLDER / "bookworm")
    with Machine(FOLDER / "bookworm", log=log, is_kept=bool(os.environ.get("KEEP"))) as machine:
        _bring_code(machine)
        with _step("the page, word for word"):
            machine.run(_script())
        with _step("the units"):
            say(machine.run(f"systemd-analyze verify --man=no {UNITS}") or "nothing to complain of")
            say(machine.run("systemd-analyze security --no-pager | grep p2plearn"))
        with _step("a release and a new setting under load"):
            _release_under_load(machine)
        with _step("releases that must not come through"):
            _refuse_a_release_that_does_not_start(machine)
            _go_back_from_a_release_that_does_not_answer(machine)
        with _step("Caddy in place of nginx"):
            _exchange_nginx_for_caddy(machine)
    say("The page holds.")
    return 0


def _script() -> str:
    """The page's commands up to the first release, as one script."""
    parts = []
    for kind, text in commands(PAGE):
        if kind == "yours":
            parts.append(YOURS)
        elif kind == "public":
            parts.append(SELF_SIGNED)
        elif not kind:
            parts.append(text)
    return "\n".join(parts)


def _only(kind: str) -> str:
    """The commands of the one block of that kind."""
    (text,) = (text for each, text in commands(PAGE) if each == kind)
    return text


def _bring_code(machine: Machine) -> None:
    """Clone this checkout's HEAD as the repository that the page clones."""
    bare = machine.root / REPOSITORY.lstrip("/")
    here = ["git", "-C", str(ROOT)]
    head = subprocess.run([*here, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    for command in (
        ["git", "clone", "--quiet", "--bare", "--no-hardlinks", str(ROOT), str(bare)],
        ["git", "-C", str(bare), "update-ref", "refs/heads/release", head.stdout.strip()],
        ["git", "-C", str(bare), "symbolic-ref", "HEAD", "refs/heads/release"],
    ):
        subprocess.run(command, check=True)


def _commit(machine: Machine, subject: str, edit: str) -> None:
    """Add a commit to the released branch; edit is shell code that runs in its checkout."""
    machine.run(
        f"""
        rm -rf /root/work && git clone --quiet {REPOSITORY} /root/work && cd /root/work
        git config user.name Rehearsal
        git config user.email rehearsal@example.com
        {edit}
        git add --all
        git commit --quiet -m "{subject}"
        git push --quiet origin HEAD:release
        """
    )


def _release_under_load(machine: Machine) -> None:
    people = json.loads(
        machine.run(f"{MANAGE} shell --no-imports", stdin=PEOPLE.read_text()).splitlines()[-1]
    )
    certificate = machine.root / CERTIFICATE.lstrip("/")
    _status, page = Visitor(DOMAIN, certificate).get("/")
    (stylesheet, *_others) = re.findall(r'href="(/static/css/[^"]+\.css)"', page)
    pages = ["/", "/mentors/", f"/mentors/{people['mentors'][0]}/", stylesheet]
    last = max((ROOT / "meetings" / "migrations").glob("0*.py")).stem
    _commit(
        machine,
        "Change a page, a style and the database",
        f"""
        sed -i 's/{{% endblock content %}}/<p hidden>second release<\\/p>&/' \\
            templates/meetings/mentors/home.html
        for style in static/css/*.css; do echo '.second-release {{ color: red }}' >> "$style"; done
        cat > meetings/migrations/9999_rehearsal.py <<'END'
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("meetings", "{last}")]
    operations = [migrations.RunSQL("ALTER TABLE meetings_meeting ADD COLUMN rehearsal integer")]
END
        """,
    )
    with Load(
        DOMAIN, certificate, mentors=people["mentors"], sessions=people["learners"], pages=pages
    ) as load:
        time.sleep(SECONDS_AROUND)
        machine.run(_only("release"))
        _status, second = Visitor(DOMAIN, certificate).get("/")
        time.sleep(SECONDS_AROUND)
        machine.run("echo UPCOMING_MEETINGS_LIMIT=21 >> /etc/p2plearn/env")
        machine.run(_only("restart"))
        time.sleep(SECONDS_AROUND)
    _expect("second release" in second, "the new page")
    _expect(f'href="{stylesheet}"' not in second, "the new style under a name of its own")
    for name, record in load.records.items():
        say(
            f"{name}: {record.answers} answers, {len(record.failures)} failed, "
            f"the slowest after {record.slowest:.1f} s"
        )
    if load.failures:
        raise MachineError("Requests were lost:\n" + "\n".join(load.failures[:20]))
    _expect(all(record.answers > 50 for record in load.records.values()), "a load worth the name")
    _expect(_said(machine, "settings.UPCOMING_MEETINGS_LIMIT") == "21", "the new setting")
    stored = _said(machine, f"Meeting.objects.filter(subject={SUBJECT!r}).count()")
    say(f"bookings acknowledged: {load.booked}, in the database: {stored}")
    _expect(stored == str(load.booked), "as many meetings as were acknowledged")
    _wait_for_mail(machine)


def _wait_for_mail(machine: Machine) -> None:
    """Wait for the worker's first mail, which shows that it works within its limits."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if any((machine.root / "var/lib/p2plearn/mail").glob("*")):
            return
        time.sleep(1)
    raise MachineError("The worker sent no mail within a minute.")


def _refuse_a_release_that_does_not_start(machine: Machine) -> None:
    running = machine.run("readlink /opt/p2plearn/current")
    _commit(machine, "Break the settings", "echo 'raise RuntimeError' >> p2plearn/settings.py")
    _expect(_fails(machine, _only("release")), "a refusal")
    _expect(machine.run("readlink /opt/p2plearn/current") == running, "the release before")
    _expect_an_answer(machine)


def _go_back_from_a_release_that_does_not_answer(machine: Machine) -> None:
    running = machine.run("readlink /opt/p2plearn/current")
    edit = (
        "git revert --no-edit HEAD; echo '{% nonsense %}' >> templates/meetings/mentors/home.html"
    )
    _commit(machine, "Break the first page", edit)
    _expect(_fails(machine, _only("release")), "a refusal")
    _expect(machine.run("readlink /opt/p2plearn/current") == running, "the release before")
    _expect_an_answer(machine)


def _exchange_nginx_for_caddy(machine: Machine) -> None:
    machine.run("systemctl disable --now nginx")
    machine.run(f"DOMAIN={DOMAIN}\n{_only('caddy')}")
    # Caddy's own certificate, in place of one from the open internet.
    machine.run(
        """
        sed -i '1i { \\n local_certs \\n skip_install_trust \\n}' /etc/caddy/Caddyfile
        systemctl reload caddy
        """
    )
    authority = "/var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt"
    machine.run(
        f"curl --retry 20 --retry-all-errors --retry-delay 1 --cacert {authority} "
        f"--fail --silent --output /dev/null https://{DOMAIN}/"
    )


def _said(machine: Machine, expression: str) -> str:
    code = "from django.conf import settings; from meetings.models import Meeting; "
    command = f'{MANAGE} shell --no-imports --command "{code} print({expression})"'
    return machine.run(command).strip()


def _expect_an_answer(machine: Machine) -> None:
    machine.run(f"curl --fail --silent --show-error --output /dev/null https://{DOMAIN}/")


def _fails(machine: Machine, text: str) -> bool:
    try:
        machine.run(text)
    except MachineError:
        return True
    return False


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise MachineError(f"Expected {what}, in vain.")


@contextmanager
def _step(name: str) -> Iterator[None]:
    began = time.monotonic()
    say(f"== {name}")
    yield
    say(f"== {name}: {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MachineError as error:
        sys.exit(f"{error}\nThe whole story: {FOLDER / 'log'}")
