"""The export file: lines of JSON, one for each row or uploaded file.

The first line is a header. The last has the number of rows of each model and a checksum of all
lines between them, which does not depend on the database.
"""

import gzip
import hashlib
import json
import os
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

FORMAT = "p2plearn-data"
VERSION = 1
STANDARD = "-"
# In place of a model's label, if the line is an uploaded file.
MEDIA = "uploaded files"
GZIP_MAGIC = b"\x1f\x8b"


class InvalidExport(Exception):
    """The file cannot be used; str() says why."""


@dataclass(frozen=True)
class Summary:
    """counts: lines by model label, and MEDIA. checksum: SHA-256 of these lines."""

    counts: Mapping[str, int]
    checksum: str


class Writer:
    """Writes the lines one after the other."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._sum = hashlib.sha256()
        self._counts: Counter[str] = Counter()

    def begin(self, header: Mapping[str, Any]) -> None:
        self._target.write(_line({"format": FORMAT, "version": VERSION, **header}))

    def add(self, label: str, values: list[Any]) -> None:
        line = _line([label, *values])
        self._sum.update(line)
        self._counts[label] += 1
        self._target.write(line)

    def end(self) -> Summary:
        summary = Summary(dict(self._counts), self._sum.hexdigest())
        self._target.write(_line({"counts": summary.counts, "checksum": summary.checksum}))
        return summary


@contextmanager
def writing(name: str) -> Iterator[BinaryIO]:
    """The file to write to: standard output for "-", compressed if name ends in .gz.

    A file gets its name when it is complete, and only its owner can read it. Raises InvalidExport
    if the name is taken.
    """
    if name == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(name)
    if path.exists():
        raise InvalidExport(f"{path} is there already.")
    part = path.with_name(f"{path.name}.part")
    # It contains password hashes. An existing one belongs to another run, so it stays.
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if name.endswith(".gz"):
                with gzip.GzipFile(fileobj=file, filename="", mode="wb", compresslevel=6) as packed:
                    yield cast(BinaryIO, packed)
            else:
                yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def reading(file: BinaryIO) -> Iterator[BinaryIO]:
    """The lines of an open file from its beginning on, compressed or not."""
    file.seek(0)
    is_packed = file.read(2) == GZIP_MAGIC
    file.seek(0)
    yield cast(BinaryIO, gzip.GzipFile(fileobj=file, mode="rb")) if is_packed else file


def header_of(lines: BinaryIO) -> dict[str, Any]:
    """The header. Raises InvalidExport unless it is that of an export of this version."""
    header = _parsed(_next(lines))
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise InvalidExport("This file was not written by export_data.")
    if header.get("version") != VERSION:
        raise InvalidExport(
            f"The file is of version {header.get('version')}, and this site reads {VERSION}."
        )
    return header


def checked(lines: BinaryIO) -> Summary:
    """The summary of the rest of the file. Raises InvalidExport if it is cut off or altered."""
    checksum, counts = hashlib.sha256(), Counter[str]()
    while isinstance(parsed := _parsed(line := _next(lines)), list):
        checksum.update(line)
        counts[str(parsed[0])] += 1
    if _next(lines):
        raise InvalidExport("The file has data after its last line: it was altered.")
    if parsed != {"counts": counts, "checksum": checksum.hexdigest()}:
        raise InvalidExport("The file was altered: its checksum is not that of its rows.")
    return Summary(dict(counts), checksum.hexdigest())


def rows(lines: BinaryIO) -> Iterator[tuple[str, list[Any]]]:
    """Yield `(label, values)` for each row after the header of a checked file."""
    for line in lines:
        parsed = json.loads(line)
        if isinstance(parsed, list):
            yield parsed[0], parsed[1:]


def _line(content: Any) -> bytes:
    """A line of JSON; keys are sorted, since their order differs between databases."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return f"{text}\n".encode()


def _next(lines: BinaryIO) -> bytes:
    try:
        return lines.readline()
    except (EOFError, OSError, zlib.error) as error:
        raise InvalidExport("The file cannot be unpacked: it is cut off or was altered.") from error


def _parsed(line: bytes) -> Any:
    """The line's value. Raises InvalidExport if it is not JSON or is cut off."""
    if not line.endswith(b"\n"):
        raise InvalidExport("The file is cut off.")
    try:
        return json.loads(line)
    except ValueError as error:
        raise InvalidExport("The file has a line that is no JSON.") from error
