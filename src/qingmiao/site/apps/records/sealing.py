"""What is kept encrypted in this app: which columns, under which names, and how much of it is shown masked.

The keys lie in a file of the site's folder, outside the database and its backups (`identity.sealed`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import connection

from qingmiao.identity.numbers import disguised
from qingmiao.identity.sealed import Keyring, new_keyring, read_keyring, write_keyring
from qingmiao.site.apps.records.models import Child, Relative

NUMBER, CERTIFICATE, PHONE, ADDRESS, LISTED = "number", "certificate", "phone", "address", "file"
CHILD, RELATIVE, STAY, LIST = "records_child", "records_relative", "records_stay", "records_list"


FILE = "keys.json"


@lru_cache(maxsize=4)
def _read(path: str, changed: int, number: int) -> Keyring:
    """The keys of a file as it stood at a change."""
    return read_keyring(Path(path))


def keys() -> Keyring:
    """The site's keys, read anew whenever their file changes (`qingmiao keys`); made where nothing was ever sealed with
    others."""
    path = f"{settings.HOME}/{FILE}"  # asked for every sealed value: nothing but one look at the file
    try:
        stands = os.stat(path)
    except FileNotFoundError:
        if not Child.objects.exists() and not Relative.objects.exists():
            write_keyring(Path(path), new_keyring())
        return read_keyring(Path(path))  # says in words what is missing
    return _read(path, stands.st_mtime_ns, stands.st_ino)


def replaced(ring: Keyring) -> None:
    """Keep other keys from now on; every process reads them with the next value that it seals or opens."""
    write_keyring(Path(settings.HOME) / FILE, ring)


def forget() -> None:
    """Read the keys anew when they are next asked for."""
    _read.cache_clear()


def next_row(table: str) -> int:
    """The number of the next row of a table: what is sealed is bound to it before it is written."""
    return next_rows(table, 1)[0]


def next_rows(table: str, count: int) -> list[int]:
    """The numbers of so many next rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [int(row[0]) for row in cursor.fetchall()]


def seal(table: str, column: str, row: int, text: str) -> bytes | None:
    """A text encrypted for one column of one row; None for nothing."""
    return keys().seal(text, table=table, column=column, row=row) if text else None


def seal_all(table: str, column: str, rows: Iterable[int], texts: Iterable[str | None]) -> list[bytes | None]:
    """The texts of one column sealed for their rows, all under the keys of one moment."""
    ring = keys()
    return [
        ring.seal(text, table=table, column=column, row=row) if text else None
        for row, text in zip(rows, texts, strict=True)
    ]


def opened(table: str, column: str, row: int, data: bytes | memoryview | None) -> str:
    """The text of a sealed column of one row; "" where there is none."""
    return keys().open(bytes(data), table=table, column=column, row=row) if data is not None else ""


def number_index(text: str) -> bytes | None:
    """The keyed hash by which an identity or birth certificate number is found; None for nothing."""
    return keys().blind_number(text)


def number_indexes(texts: Iterable[str | None]) -> list[bytes | None]:
    """`number_index` of many, all under the keys of one moment."""
    ring = keys()
    return [ring.blind_number(text) for text in texts]


def number_marks(text: str) -> tuple[bytes, ...]:
    """The hashes by which such a number is found, under every key that rows may still have."""
    return keys().number_marks(text)


def phone_marks(text: str) -> tuple[bytes, ...]:
    """The same of a phone."""
    return keys().phone_marks(text)


def phone_index(text: str) -> bytes | None:
    """The keyed hash by which a phone is found; None for nothing."""
    return keys().blind_phone(text)


def pseudonym(child: int) -> str:
    """How facts name a child: never reversible without the key."""
    return keys().pseudonym(child)


def pseudonyms(children: Iterable[int]) -> list[str]:
    """The same of many, all under the keys of one moment."""
    ring = keys()
    return [ring.pseudonym(child) for child in children]


def person_mark(number: str) -> str:
    """A keyed hash by which somebody who works with children is found again by the identity number, in its one form;
    it is under the key that never changes, and no number can be had back from it."""
    return keys().pseudonym(number, kind="worker")


def mother_pseudonym(woman: int) -> str:
    """How facts name a woman with a file, another one than a child of the same number has."""
    return keys().pseudonym(woman, kind="mother")


def case_pseudonym(case: int) -> str:
    """How facts name a case."""
    return keys().pseudonym(case, kind="case")


def masked(kind: str, text: str) -> str:
    """A number, a phone or an address with its middle hidden, as screens show it."""
    if kind == ADDRESS or not text:
        return "已登记（不显示）" if text else ""
    return f"{text[:3]}****{text[-4:]}" if kind == PHONE and len(text) == 11 else disguised(text)
