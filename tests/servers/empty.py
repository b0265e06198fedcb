"""Empty databases of the kind that the tests run on."""

import os
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql


def empty_database(folder: Path, name: str) -> str:
    """A DATABASE_URL of one; beside the tests' own on the server that DATABASE_URL names, or a file
    in folder."""
    url = urlsplit(os.environ.get("DATABASE_URL", ""))
    if not url.hostname:
        return f"sqlite:///{folder / name}.sqlite3"
    # Worker processes of pytest-xdist each have their own.
    name = f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    if url.scheme == "mongodb":
        _drop_mongo(url.geturl(), name)
    else:
        _create_postgres(url.geturl(), name)
    return url._replace(path=f"/{name}").geturl()


def _create_postgres(url: str, name: str) -> None:
    identifier = sql.Identifier(name)
    with psycopg.connect(url, autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier)
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(identifier))


def _drop_mongo(url: str, name: str) -> None:
    """MongoDB makes it with the first thing in it."""
    # Only there where MongoDB is used.
    with import_module("pymongo").MongoClient(url) as client:
        client.drop_database(name)
