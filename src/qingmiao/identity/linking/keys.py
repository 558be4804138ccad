"""What of a record is compared and looked up by: one form of its name, sound, birth, number, guardian, telephone, area.

`keys` makes them for one person, `key_table` for columns. They are what an application keeps beside a child to find it
again: `BLOCKS` says which equal columns make two records worth comparing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.identity.likeness import canonical
from qingmiao.identity.linking.births import NO_BIRTH, Birth, read_birth
from qingmiao.identity.names import normal_name, read_name
from qingmiao.identity.numbers import NumberKind, as_eighteen, plain_number, read_person_number
from qingmiao.identity.readings import sounds
from qingmiao.kernel.identifiers import is_identity_number
from qingmiao.kernel.misread import MisreadError, half_width

ADULT_YEARS = 14
"""A number whose birth is so many years before the record's is a parent's, entered in the wrong place."""


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A record of a child as it came: texts of cells; `sex` ``M``, ``F`` or ``None``; `birth` as written."""

    name: str | None = None
    sex: str | None = None
    birth: str | None = None
    number: str | None = None
    guardian: str | None = None
    phone: str | None = None
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """The columns of a record; ``None`` where the record does not say.

    `written`: the name with variants made one (a child's own name only); `sound`, `family_sound`, `given_sound`:
    without tone; `birth`, `swapped`, `solar`: ISO days (see `Birth`); `number`: 18 characters or what was written,
    `sound_number` whether its check is right; `tail`: its last 9; `guard`: the sound of the guardian's, else of the
    mother's name.
    """

    name: str | None = None
    written: str | None = None
    sound: str | None = None
    family_sound: str | None = None
    given_sound: str | None = None
    mother: str | None = None
    twin: bool | None = None
    sex: str | None = None
    birth: str | None = None
    year: int | None = None
    month: int | None = None
    day: int | None = None
    swapped: str | None = None
    solar: str | None = None
    number: str | None = None
    right: bool | None = None
    tail: str | None = None
    guardian: str | None = None
    guard: str | None = None
    phone: str | None = None
    village: str | None = None
    town: str | None = None
    county: str | None = None


BLOCKS: tuple[tuple[str, ...], ...] = (
    ("number",),
    ("sound", "birth"),
    ("phone", "birth"),
    ("guard", "birth"),
    ("town", "birth"),
    ("family_sound", "birth"),
    ("given_sound", "birth"),
    ("sound", "phone"),
    ("sound", "guard"),
    ("sound", "year"),
    ("sound", "month", "day"),
    ("phone", "year"),
    ("phone", "month", "day"),
    ("guard", "town", "year"),
    ("tail",),
)
"""Two records are compared when they agree on all columns of one of these."""


def keys(person: PersonRecord) -> Keys:
    """The keys of one record. Raises `MisreadError` for a birth that cannot be read; everything else is read
    leniently."""
    birth = read_birth(person.birth)
    number, right = number_keys(person.number, birth)
    name, guardian = name_keys(person.name), guardian_keys(person.guardian)
    said = person.sex or read_name(person.name).sex or None
    guard = guardian[1] or (guardian_keys(name[5])[1] if name[5] else None)
    return Keys(
        *name,
        said,
        *birth_keys(birth),
        number,
        right,
        number[-9:] if number and len(number) == 18 else None,
        guardian[0],
        guard,
        phone_key(person.phone),
        *area_keys(person.area),
    )


NameKeys = tuple[str | None, str | None, str | None, str | None, str | None, str | None, bool]


@lru_cache(maxsize=1 << 18)
def name_keys(text: str | None) -> NameKeys:
    """The name as it came, written, sound, sound of the surname and of the given part, the mother's name, and whether
    it is called a twin."""
    read = read_name(text)
    heard = sounds(read.tokens, read.surname)
    family, given = "".join(heard[: read.surname]), "".join(heard[read.surname :])
    if not read.named:
        own = normal_name(text) if read.tokens else ""
        return own or None, None, None, family or None, None, read.mother or None, read.twin
    return text, "".join(canonical(read.tokens)), "".join(heard), family or None, given, None, False


@lru_cache(maxsize=1 << 18)
def guardian_keys(text: str | None) -> tuple[str | None, str | None]:
    """The guardian's name and its sound; nothing where there is only a surname or no name."""
    read = read_name(text)
    if not read.named:
        return None, None
    return text, "".join(sounds(read.tokens, read.surname))


def birth_keys(
    birth: Birth,
) -> tuple[str | None, int | None, int | None, int | None, str | None, str | None]:
    """Birth, year, month, day as written, swapped and solar day."""
    if birth is NO_BIRTH:
        return None, None, None, None, None, None
    return (
        _iso(birth.day),
        birth.year or None,
        birth.month or None,
        birth.number or None,
        _iso(birth.swapped),
        _iso(birth.solar),
    )


def number_keys(text: str | None, birth: Birth) -> tuple[str | None, bool | None]:
    """The number, and whether its check is right; none for a number of somebody who was grown at the birth."""
    plain = plain_number(text)
    if len(plain) < 6:
        return None, None
    try:
        read = read_person_number(plain)
    except MisreadError:
        read = None
    if read is None:
        right = is_identity_number(plain)
        return (None, None) if _grown(plain, birth) else (plain, right)
    if read.birth and birth.year and birth.year - read.birth.year >= ADULT_YEARS:
        return None, None
    return as_eighteen(read).text, read.kind is not NumberKind.PASSPORT


def _grown(plain: str, birth: Birth) -> bool:
    year = plain[6:10]
    return bool(birth.year) and len(plain) == 18 and year.isdigit() and 1900 < int(year) <= birth.year - ADULT_YEARS


@lru_cache(maxsize=1 << 18)
def phone_key(text: str | None) -> str | None:
    """The digits of a telephone, without +86; none below 7 digits and for one digit repeated."""
    digits = re.sub(r"\D", "", half_width(text or ""))
    if len(digits) > 11 and digits.startswith(("86", "0086")):
        digits = digits.removeprefix("00").removeprefix("86")
    return digits if len(digits) >= 7 and len(set(digits)) > 2 else None


@lru_cache(maxsize=1 << 16)
def area_keys(text: str | None) -> tuple[str | None, str | None, str | None]:
    """Village (12 digits), township (9) and county (6) of a code; what only zeros stand for is not said."""
    digits = re.sub(r"\D", "", half_width(text or ""))
    if len(digits) < 6:
        return None, None, None
    town = digits[:9] if len(digits) >= 9 and digits[6:9] != "000" else None
    village = digits[:12] if town and len(digits) >= 12 and digits[9:12] != "000" else None
    return village, town, digits[:6]


_SCHEMA = pa.schema(
    [
        (
            f.name,
            pa.int32()
            if f.name in ("year", "month", "day")
            else pa.bool_()
            if f.name in ("right", "twin")
            else pa.string(),
        )
        for f in fields(Keys)
    ]
)


def key_table(people: pa.Table, *, shared: int = 60) -> pa.Table:
    """The keys of many records: a row each of `people` (columns of `PersonRecord`, text), in its order.

    Each different text is read once. A telephone, or a guardian's sound, of more than `shared` records is no key of a
    family (a school's, a placeholder) and is left out. Births must be readable (`read_birth`).
    """
    people = people.cast(pa.schema([(column, pa.string()) for column in people.column_names]))
    columns: dict[str, Any] = {}
    name = _mapped(people["name"], name_keys)
    for place, column in enumerate(("name", "written", "sound", "family_sound", "given_sound", "mother")):
        columns[column] = name(place, pa.string())
    said = _mapped(people["name"], lambda text: (read_name(text).sex or None,))(0, pa.string())
    columns["twin"] = name(6, pa.bool_())
    columns["sex"] = pc.coalesce(people["sex"].combine_chunks().cast(pa.string()), said)
    births = _mapped(people["birth"], lambda text: birth_keys(read_birth(text)))
    for place, column in enumerate(("birth", "year", "month", "day", "swapped", "solar")):
        columns[column] = births(place, _SCHEMA.field(column).type)
    both = pc.binary_join_element_wise(
        pc.fill_null(people["number"], ""), pc.fill_null(people["birth"], ""), "\x1f"
    )  # a number is judged beside the birth
    numbers = _mapped(both, lambda text: number_keys(text.split("\x1f")[0], read_birth(text.split("\x1f")[1])))
    columns["number"], columns["right"] = numbers(0, pa.string()), numbers(1, pa.bool_())
    columns["tail"] = pc.if_else(
        pc.equal(pc.utf8_length(columns["number"]), 18), pc.utf8_slice_codeunits(columns["number"], 9, 18), None
    )
    guardian = _mapped(people["guardian"], guardian_keys)
    columns["guardian"] = guardian(0, pa.string())
    mother = _mapped(columns["mother"], guardian_keys)(1, pa.string())
    columns["guard"] = _rare(pc.coalesce(guardian(1, pa.string()), mother), shared * 20)
    columns["phone"] = _rare(_mapped(people["phone"], lambda text: (phone_key(text),))(0, pa.string()), shared)
    areas = _mapped(people["area"], area_keys)
    for place, column in enumerate(("village", "town", "county")):
        columns[column] = areas(place, pa.string())
    return pa.table(columns, schema=_SCHEMA)


def _mapped(column: Any, read: Callable[[str], tuple[Any, ...]]) -> Callable[[int, pa.DataType], pa.Array]:
    """`read` of each different text, put back in the column's order: place in what it gives, type → array."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = whole.cast(pa.string()).dictionary_encode()
    rows = [read(text) for text in coded.dictionary.to_pylist()]

    def place(number: int, kind: pa.DataType) -> pa.Array:
        return pa.array([row[number] for row in rows], type=kind).take(coded.indices)

    return place


def _rare(column: pa.Array, limit: int) -> pa.Array:
    counts = column.value_counts()
    often = counts.field("values").filter(pc.greater(counts.field("counts"), limit))
    return pc.if_else(pc.is_in(column, value_set=often), pa.scalar(None, column.type), column) if len(often) else column


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
