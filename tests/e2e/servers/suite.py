"""Run pytest on a database server for this run alone.

`python -m tests.e2e.servers.suite mongodb -n auto`: sqlite, postgres or mongodb; the rest
is for pytest.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from bin.supervisor import Stopped, stoppable
from tests.e2e.servers.binaries import find_mongod, find_postgres, shout
from tests.e2e.servers.mongodb import MongoError, MongoServer
from tests.e2e.servers.postgres import PostgresError, PostgresServer

# Random tests run in full on SQLite only; on the other databases, these smaller numbers do.
FEWER = {"HISTORIES": "20", "EXAMPLES": "5", "KILLS": "1"}


@contextmanager
def postgres() -> Iterator[str]:
    with PostgresServer() as server:
        yield server.create_database("p2plearn")


@contextmanager
def mongodb() -> Iterator[str]:
    with MongoServer() as server:
        yield server.create_database("p2plearn")


SERVERS: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "sqlite": lambda: nullcontext(""),
    "postgres": postgres,
    "mongodb": mongodb,
}
CURES = {
    "postgres": "Install it (apt install postgresql; macOS: brew install postgresql@17).",
    "mongodb": "Install it (pip install -r requirements-mongodb-tests.txt, Linux on x86-64), or "
    "set MONGOD to the path of a mongod.",
}


def main(arguments: Sequence[str]) -> int:
    """Run pytest, and return its exit status."""
    name, *for_pytest = arguments or [""]
    if name not in SERVERS:
        shout([f"DATABASE is {name!r}; it must be one of {', '.join(SERVERS)}."])
        return 2
    if not _is_here(name):
        shout([f"no server for DATABASE={name}: THE TESTS RUN ON SQLITE INSTEAD. {CURES[name]}"])
        # In CI, falling back to another database is a failure.
        if os.environ.get("CI") == "true":
            return 1
        name = "sqlite"
    try:
        with SERVERS[name]() as url:
            if url:
                less = ", ".join(f"{what}={os.environ.get(what, n)}" for what, n in FEWER.items())
                shout(
                    [
                        f"All tests on {name}; of the random ones fewer than on SQLite: {less}.",
                        "In the browser only the journeys: pages are looked at on SQLite.",
                    ]
                )
            return _run(for_pytest, url)
    except (MongoError, PostgresError) as error:
        shout([str(error)])
        return 1


def _is_here(name: str) -> bool:
    finders = {"postgres": find_postgres, "mongodb": find_mongod}
    return name not in finders or finders[name]() is not None


def _run(for_pytest: Sequence[str], url: str) -> int:
    env = dict(os.environ)
    if url:
        env = {**FEWER, **env, "DATABASE_URL": url}
    command = [sys.executable, "-m", "pytest", *for_pytest]
    return subprocess.run(command, env=env, check=False).returncode


if __name__ == "__main__":
    with stoppable():
        try:
            status = main(sys.argv[1:])
        except Stopped:
            # The server and its folder have been removed by now.
            status = 1
    sys.exit(status)
