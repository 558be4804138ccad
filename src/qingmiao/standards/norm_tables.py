"""The tables of published norms that ship with the library: rows, and where they come from.

Each folder of ``data/`` holds CSV files and a ``metadata.json`` that gives every file's issuer, year, document,
licence note and SHA-256. A table is read once, when first used; scoring reads no file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class NormSource:
    """Where one data file comes from; ``verified`` says how far its numbers were checked."""

    file: str
    issuer: str
    year: int | None
    document: str
    licence: str
    verified: str
    sha256: str


@cache
def rows(subject: str, file: str) -> tuple[Mapping[str, str], ...]:
    """Rows of ``data/<subject>/<file>`` as read-only mappings of text; an empty cell is ``""``."""
    text = _bytes(subject, file).decode("utf-8")
    return tuple(MappingProxyType(dict(row)) for row in csv.DictReader(io.StringIO(text)))


@cache
def sources(subject: str) -> Mapping[str, NormSource]:
    """The metadata of every file of a folder, by file name."""
    listed = json.loads(_bytes(subject, "metadata.json"))["files"]
    return MappingProxyType({entry["file"]: NormSource(**entry) for entry in listed})


def sha256(subject: str, file: str) -> str:
    """The hash of a data file as it is now, to compare with its metadata."""
    return hashlib.sha256(_bytes(subject, file)).hexdigest()


def _bytes(subject: str, file: str) -> bytes:
    return (files("qingmiao.standards") / "data" / subject / file).read_bytes()
