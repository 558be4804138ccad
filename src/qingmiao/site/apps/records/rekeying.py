"""Sealed columns and blind indexes are brought under the newest keys, while the site goes on working.

A batch of rows is one short transaction; each row is written only where it still says what was read, so that somebody
who saves meanwhile loses nothing. What is under the newest keys already is passed over: a run that was killed is simply
begun again. `SEALED` names every sealed column there is (a test compares it with the models).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from qingmiao.identity.sealed import Keyring
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.records import sealing
from qingmiao.site.apps.records.list_models import ChildList
from qingmiao.site.apps.records.models import Child, ChildVersion, Relation, Relative, Stay
from qingmiao.site.apps.records.mothers.models import MotherVersion

BATCH = 500
Say = Callable[[int, int], None]
"""say(rows done, rows in all): after every batch."""


@dataclass(frozen=True)
class SealedColumn:
    """A sealed column of a model: the place to which its values are bound, and the blind index beside it, if any."""

    model: type[models.Model]
    field: str
    table: str
    column: str
    row: str = "id"
    """The column that says the number of the row to which the value is bound."""
    index: str = ""
    batch: int = BATCH

    @property
    def name(self) -> str:
        """How a list of keys calls it."""
        return f"{self.model._meta.db_table}.{self.field}"


SEALED: tuple[SealedColumn, ...] = (
    SealedColumn(Child, "number_sealed", sealing.CHILD, sealing.NUMBER, index="number_index"),
    SealedColumn(Child, "certificate_sealed", sealing.CHILD, sealing.CERTIFICATE, index="certificate_index"),
    SealedColumn(ChildVersion, "number_sealed", sealing.CHILD, sealing.NUMBER, row="child_id"),
    SealedColumn(ChildVersion, "certificate_sealed", sealing.CHILD, sealing.CERTIFICATE, row="child_id"),
    SealedColumn(Stay, "address_sealed", sealing.STAY, sealing.ADDRESS),
    SealedColumn(Relative, "number_sealed", sealing.RELATIVE, sealing.NUMBER, index="number_index"),
    SealedColumn(Relative, "phone_sealed", sealing.RELATIVE, sealing.PHONE),
    SealedColumn(MotherVersion, "number_sealed", sealing.RELATIVE, sealing.NUMBER, row="file_id"),
    SealedColumn(MotherVersion, "phone_sealed", sealing.RELATIVE, sealing.PHONE, row="file_id"),
    SealedColumn(ChildList, "file_sealed", sealing.LIST, sealing.LISTED, batch=1),
)
"""Every sealed column; the file of a list may be large, so that they go one by one. Apps above add theirs (`seal`)."""
PHONES = (Child, "phone_index")
"""The index of the first guardian's phone, which stands in another table."""


def seal(*columns: SealedColumn) -> None:
    """Make sealed columns of another app known; each app once, when it is loaded."""
    global SEALED
    SEALED = (*SEALED, *columns)


def standing() -> dict[int, int]:
    """Version of the keys → how many values (sealed ones and indexes) are under it."""
    counts: dict[int, int] = {}
    with connection.cursor() as cursor:
        for table, version, field in _counted():
            cursor.execute(f"SELECT {version}, count(*) FROM {table} WHERE {field} IS NOT NULL GROUP BY 1")
            for number, count in cursor.fetchall():
                counts[number] = counts.get(number, 0) + count
    return dict(sorted(counts.items()))


@dataclass(frozen=True)
class KeyVersion:
    """One version of the keys: how its cipher is called ("" where the key file lacks it), whether it is the one that
    seals, how many values are under it."""

    number: int
    cipher: str
    newest: bool
    values: int


def listed() -> tuple[KeyVersion, ...]:
    """Every version that the key file has or that a value is under, the newest first."""
    ring, left = sealing.keys(), standing()
    every = sorted({*ring.seals, *ring.indexes, *left}, reverse=True)
    ciphers = {number: key.cipher.name.replace("_", "-") for number, key in ring.seals.items()}
    return tuple(KeyVersion(n, ciphers.get(n, ""), n == ring.version, left.get(n, 0)) for n in every)


def new() -> int:
    """Put a new version of the keys beside the old ones; it makes what is written from now on. Its number."""
    made = sealing.keys().rotated()
    with transaction.atomic(), audit.through("records.keys"):
        audit.append(audit.SYSTEM, "records.keys.new", object_type="keys", object_id=made.version)
        sealing.replaced(made)
    return made.version


def rotate(say: Say) -> int:
    """Bring everything under the newest keys; how many rows were written. It may be ended anywhere and begun again."""
    ring, done = sealing.keys(), 0
    total = sum(_waiting(column, ring) for column in SEALED) + _phones_waiting(ring)
    for column in SEALED:
        for count in _resealed(column, ring):
            done += count
            say(done, max(total, done))
    for count in _phones(ring):
        done += count
        say(done, max(total, done))
    with transaction.atomic(), audit.through("records.keys"):
        detail = {"rows": done}
        audit.append(audit.SYSTEM, "records.keys.rotate", object_type="keys", object_id=ring.version, detail=detail)
    return done


def retire(version: int) -> None:
    """Take an old version away for good. Raises UserError for the newest, for one that is not there, and while a value
    is left under it.

    Nobody writes to the sealed tables while it is counted, so that none comes under it meanwhile.
    """
    ring = sealing.keys()
    if version not in ring.seals and version not in ring.indexes:
        raise UserError(f"没有第 {version} 版密钥；现有：{'、'.join(str(n) for n in sorted(ring.seals))}")
    if version == ring.version or version == ring.index_version:
        raise UserError(f"第 {version} 版是正在使用的密钥，不能停用；先执行 qingmiao keys new 和 qingmiao keys rotate")
    with transaction.atomic(), audit.through("records.keys"), connection.cursor() as cursor:
        tables = ", ".join(sorted({_quoted(c.model._meta.db_table) for c in SEALED}))
        cursor.execute(f"LOCK TABLE {tables} IN SHARE MODE")
        left = standing().get(version, 0)
        if left:
            raise UserError(f"第 {version} 版密钥下还有 {left} 个值，不能停用；先执行 qingmiao keys rotate")
        audit.append(audit.SYSTEM, "records.keys.retire", object_type="keys", object_id=version)
        sealing.replaced(ring.without(version))


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _version(field: str) -> str:
    """SQL: the version of a sealed value, as its bytes say (`identity.sealed`)."""
    return f"(get_byte({field}, 2) * 256 + get_byte({field}, 3))"


def _index_version(field: str) -> str:
    """SQL: the version of a blind index; one of the first version is the bare hash of 32 bytes."""
    return f"(CASE WHEN length({field}) = 32 THEN 1 ELSE get_byte({field}, 0) * 256 + get_byte({field}, 1) END)"


def _counted() -> Iterator[tuple[str, str, str]]:
    """(table, SQL of the version, column) of every sealed column and every index."""
    for c in SEALED:
        table, field = _quoted(c.model._meta.db_table), _quoted(c.field)
        yield table, _version(field), field
        if c.index:
            yield table, _index_version(_quoted(c.index)), _quoted(c.index)
    field = _quoted(PHONES[1])
    yield _quoted(PHONES[0]._meta.db_table), _index_version(field), field


def _old(column: SealedColumn, ring: Keyring) -> str:
    """SQL: a row whose value or index is not under the newest keys."""
    field = _quoted(column.field)
    old = f"{_version(field)} <> {ring.version}"
    if column.index:
        index = _quoted(column.index)
        old += f" OR {_index_version(index)} <> {ring.index_version}"  # nothing is true of an index that is not there
    return f"{field} IS NOT NULL AND ({old})"


def _waiting(column: SealedColumn, ring: Keyring) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {_quoted(column.model._meta.db_table)} WHERE {_old(column, ring)}")
        return int(cursor.fetchone()[0])


def _resealed(column: SealedColumn, ring: Keyring) -> Iterator[int]:
    """One batch after the other, by the rows' numbers; how many were written of each."""
    table, field, after = _quoted(column.model._meta.db_table), _quoted(column.field), 0
    asked = f"SELECT id, {_quoted(column.row)}, {field} FROM {table} WHERE id > %s AND {_old(column, ring)}"
    index = f", {_quoted(column.index)} = %s" if column.index else ""
    write = f"UPDATE {table} SET {field} = %s{index} WHERE id = %s AND {field} = %s"
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{asked} ORDER BY id LIMIT {column.batch}", [after])
            rows = cursor.fetchall()
            if not rows:
                return
            after = rows[-1][0]
            cursor.executemany(write, [_written(column, ring, *row) for row in rows])
        yield len(rows)


def _written(column: SealedColumn, ring: Keyring, number: int, row: int, sealed: bytes) -> list[Any]:
    """What is written to a row: the same text under the newest keys, where the old value still stands."""
    place = {"table": column.table, "column": column.column}
    text = ring.open(bytes(sealed), row=row, **place)
    index = [ring.blind_number(text)] if column.index else []
    return [ring.seal(text, row=row, **place), *index, number, sealed]


def _phones_waiting(ring: Keyring) -> int:
    return _phone_rows(ring).count()


def _phone_rows(ring: Keyring) -> models.QuerySet[Child]:
    where = f"phone_index IS NOT NULL AND {_index_version('phone_index')} <> %s"
    return Child.objects.extra(where=[where], params=[ring.index_version])


def _phones(ring: Keyring) -> Iterator[int]:
    """The indexes of phones, of the relative's phone that each was made of; without one nothing is found by it."""
    after = 0
    while rows := list(_phone_rows(ring).filter(pk__gt=after).order_by("pk").only("pk", "phone_index")[:BATCH]):
        after = rows[-1].pk
        with transaction.atomic():
            marks = _phone_marks([c.pk for c in rows], ring)
            for child in rows:
                stood = bytes(child.phone_index or b"")
                made = next((m[0] for m in marks.get(child.pk, ()) if stood in m), None)
                Child.objects.filter(pk=child.pk, phone_index=stood).update(phone_index=made)
        yield len(rows)


def _phone_marks(children: list[int], ring: Keyring) -> dict[int, list[tuple[bytes, ...]]]:
    """Child → the marks of each phone of its relatives, under every version, the newest first."""
    found: dict[int, list[tuple[bytes, ...]]] = {}
    rows = Relation.objects.filter(child__in=children, relative__phone_sealed__isnull=False).order_by("-guardian", "pk")
    for child, row, sealed in rows.values_list("child_id", "relative_id", "relative__phone_sealed"):
        phone = ring.open(bytes(sealed or b""), table=sealing.RELATIVE, column=sealing.PHONE, row=row)
        found.setdefault(child, []).append(ring.phone_marks(phone))
    return found
