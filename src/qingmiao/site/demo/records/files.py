"""The children of the register as files, loaded in sets: identity sealed, relatives, addresses, classes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.demo.drafts import Array
from qingmiao.site.apps.directory.api import Person
from qingmiao.site.apps.records import bulk, naming, sealing
from qingmiao.site.demo.accounts import MARK
from qingmiao.site.demo.records.reading import DemoRegister

TABLES = (
    "records_child", "records_child_version", "records_stay", "records_relative", "records_relation",
    "records_attendance",
)  # fmt: skip
CITIZEN = "citizen"
LEFT_TO = f"邻县{MARK}"


def load_files(register: DemoRegister, clinics: Mapping[str, str], by: Person, at: datetime) -> None:
    """Fill the tables of the files (`TABLES`, empty) from the register; what begins after `at` is not there yet."""
    day = at.date()
    relatives = _relatives(register, at)
    bulk.copy_table("records_relative", relatives)
    present = register.stays.filter(
        pc.and_(pc.equal(register.stays["kind"], "residence"), pc.is_null(register.stays["to_date"]))
    )
    classes = _until(register.classes, day)
    _children(register, present, classes, clinics, by, at)
    _stays(register)
    _relations(register)
    attendance = classes.append_column("id", pa.array(np.arange(1, classes.num_rows + 1)))
    bulk.copy_table(
        "records_attendance",
        pa.table(
            {
                "id": attendance["id"], "child_id": pc.add(attendance["child"], 1),
                "school_unit_id": attendance["school_id"], "school_class": attendance["class"],
                "grade": pc.cast(attendance["grade"], pa.string()), "from_date": attendance["from_date"],
                "to_date": attendance["to_date"],
            }
        ),
    )  # fmt: skip


def _until(classes: pa.Table, day: date) -> pa.Table:
    """The classes that had begun on a day; what ends later has no end yet."""
    begun = classes.filter(pc.less_equal(classes["from_date"], pa.scalar(day)))
    open_ = pc.greater(begun["to_date"], pa.scalar(day))
    ends = pc.if_else(open_, pa.scalar(None, pa.date32()), begun["to_date"])
    return begun.set_column(begun.column_names.index("to_date"), "to_date", ends)


def _children(
    register: DemoRegister, stays: pa.Table, classes: pa.Table, clinics: Mapping[str, str], by: Person, at: datetime
) -> None:
    children, count = register.children, register.children.num_rows
    ids = np.asarray(children["child"]) + 1
    place = _at(ids - 1, np.asarray(stays["child"]))
    areas = stays["area"].to_numpy(zero_copy_only=False)[place]
    now = classes.filter(pc.is_null(classes["to_date"]))
    # A child who has moved out goes to no class here any more.
    here = pc.equal(children["state"], "here").cast(pa.int8()).to_numpy().astype(bool)
    in_class = _at(ids - 1, np.asarray(now["child"]))
    in_class = np.where(here, in_class, -1)
    guardians = register.relations.filter(register.relations["guardian"])
    phones = dict(zip(*(register.grown_ups[c].to_pylist() for c in ("grown_up", "phone")), strict=True))
    first = {
        c: phones[g] for c, g in zip(guardians["child"].to_pylist(), guardians["grown_up"].to_pylist(), strict=True)
    }
    names = children["name"].to_pylist()
    keys = {n: naming.keys_of(n) for n in set(names)}
    opened = _opened(ids - 1, register.stays, at)
    numbers, certificates = children["number"].to_pylist(), children["certificate"].to_pylist()
    listed = ids.tolist()
    who = {
        "name": children["name"],
        "former_names": bulk.same("[]", count),
        "sex": pc.cast(children["sex"], pa.string()),
        "birth_date": children["birth_date"],
        "birth_certainty": bulk.same("day", count),
        "papers": pa.array([CITIZEN if n else "none" for n in numbers]),
        "number_sealed": _sealed(sealing.CHILD, sealing.NUMBER, listed, numbers),
        "certificate_sealed": _sealed(sealing.CHILD, sealing.CERTIFICATE, listed, certificates),
    }
    bulk.copy_table(
        "records_child",
        pa.table(
            {
                "id": ids, **who,
                "name_key": pa.array([keys[n].key for n in names]),
                "pinyin": pa.array([keys[n].pinyin for n in names]),
                "initials": pa.array([keys[n].initials for n in names]),
                "number_index": bulk.binary(sealing.number_indexes(numbers)),
                "certificate_index": bulk.binary(sealing.number_indexes(certificates)),
                "phone_index": bulk.binary([sealing.phone_index(first.get(i - 1, "")) for i in listed]),
                "unit_id": pa.array([clinics[a[:9]] for a in areas]),
                "area": pa.array(areas),
                "village": pa.array(stays["village"].to_numpy(zero_copy_only=False)[place]),
                "school_unit_id": _taken(now["school_id"], in_class),
                "school_class": _taken(now["class"], in_class).fill_null(""),
                "grade": _taken(pc.cast(now["grade"], pa.string()), in_class).fill_null(""),
                "left_date": children["left_date"],
                "left_to": pc.if_else(pc.equal(children["state"], "moved_out"), LEFT_TO, ""),
                "state": children["state"],
                "version": bulk.same(1, count),
                "made_by_id": bulk.same(by.pk, count),
                "made_at": opened,
            }
        ),
    )  # fmt: skip
    bulk.copy_table(
        "records_child_version",
        pa.table(
            {
                "id": np.arange(1, count + 1), "child_id": ids, "number": bulk.same(1, count), **who,
                "by_id": bulk.same(by.pk, count), "at": opened,
            }
        ),
    )  # fmt: skip


def _opened(children: Array, stays: pa.Table, at: datetime) -> pa.Array:
    """When each child's file was made: at the beginning of the first home in the county, else at `at`."""
    first = stays.group_by("child").aggregate([("from_date", "min")])
    place = _at(children, np.asarray(first["child"]))
    begun = first["from_date_min"].to_numpy().astype("datetime64[D]")
    days = np.where(place < 0, np.datetime64(at.date(), "D"), begun[place])
    return pc.binary_join_element_wise(pa.array(days).cast(pa.string()), f"00:00:00{at:%z}", " ")


def _at(wanted: Array, known: Array) -> Array:
    """The position of each wanted number in `known`; -1 where it is not."""
    order = np.argsort(known, kind="stable")
    if not len(order):
        return np.full(len(wanted), -1)
    place = np.clip(np.searchsorted(known[order], wanted), 0, len(order) - 1)
    found: Array = np.where(known[order][place] == wanted, order[place], -1)
    return found


def _taken(column: pa.ChunkedArray, place: Array) -> pa.ChunkedArray:
    return column.take(pa.array(place, mask=place < 0))


def _sealed(table: str, column: str, rows: list[int], texts: list[str]) -> pa.Array:
    return bulk.binary(sealing.seal_all(table, column, rows, texts))


def _stays(register: DemoRegister) -> None:
    stays, ids = register.stays, list(range(1, register.stays.num_rows + 1))
    bulk.copy_table(
        "records_stay",
        pa.table(
            {
                "id": ids, "child_id": pc.add(stays["child"], 1), "kind": stays["kind"], "area": stays["area"],
                "village": stays["village"], "from_date": stays["from_date"], "to_date": stays["to_date"],
                "address_sealed": _sealed(sealing.STAY, sealing.ADDRESS, ids, stays["address"].to_pylist()),
            }
        ),
    )  # fmt: skip


def _relatives(register: DemoRegister, at: datetime) -> pa.Table:
    people, count = register.grown_ups, register.grown_ups.num_rows
    ids = [int(g) + 1 for g in people["grown_up"].to_pylist()]
    names, numbers = people["name"].to_pylist(), people["number"].to_pylist()
    keys = {n: naming.key(n) for n in set(names)}
    return pa.table(
        {
            "id": ids, "name": people["name"], "name_key": pa.array([keys[n] for n in names]),
            "papers": bulk.same(CITIZEN, count),
            "number_sealed": _sealed(sealing.RELATIVE, sealing.NUMBER, ids, numbers),
            "number_index": bulk.binary(sealing.number_indexes(numbers)),
            "phone_sealed": _sealed(sealing.RELATIVE, sealing.PHONE, ids, people["phone"].to_pylist()),
            "made_at": bulk.same(at.isoformat(), count),
        }
    )  # fmt: skip


def _relations(register: DemoRegister) -> None:
    rows, count = register.relations, register.relations.num_rows
    bulk.copy_table(
        "records_relation",
        pa.table(
            {
                "id": np.arange(1, count + 1), "child_id": pc.add(rows["child"], 1),
                "relative_id": pc.add(rows["grown_up"], 1), "kind": rows["kind"], "guardian": rows["guardian"],
                "carer": rows["carer"], "sealed": bulk.same(False, count), "from_date": rows["from_date"],
            }
        ),
    )  # fmt: skip
