"""Which child a row of a list is about: by number, then by name with birth and sex, then by the mother's; what is not
sure goes to a person.

The rows are laid beside the register in the database, all at once: exact keys decide there; only what they leave open
is weighed one by one. Only children for whom the person may record this kind are known here: any other is as good as
not there.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from django.db import connection, transaction

from qingmiao.content.records import RecordKind
from qingmiao.forms.coded import CodedColumn, dictionary
from qingmiao.identity.linking.candidates import SHOWN
from qingmiao.identity.linking.keys import PersonRecord, keys
from qingmiao.identity.linking.scoring import Rarity, score
from qingmiao.site.apps.records import bulk, naming, sealing
from qingmiao.site.apps.records.exposure import Sights
from qingmiao.site.apps.records.models import GONE, Child

MOST = 5
"""So many possible children are shown for a row."""
_ROLL = re.compile(r"[A-Za-z]\s*(\d{17}[\dXx])")
"""A school roll number that is a letter and the identity number."""
MOTHER = "mother"
"""In the code list of kinship."""


CLASSMATE = 0.8
"""How likely a row is about the child of its name in its class when the birth date differs: local setting."""


class ListedMatch(NamedTuple):
    """What a row comes to. `candidates`: (child, probability, reasons), the likeliest first. `by_mother`: it is sure by
    the mother alone."""

    standing: str
    child: int | None = None
    candidates: tuple[tuple[int, float, tuple[str, ...]], ...] = ()
    by_mother: bool = False


@dataclass(frozen=True)
class _NearChild:
    """A child with which a row is compared, and how it was found."""

    pk: int
    name: str
    key: str
    sex: str
    birth: date
    numbered: bool
    has_number: bool
    named: bool
    by_mother: bool
    classmate: bool


def recordable(of: Sights, kind: RecordKind) -> Sights:
    """The sights of the roles alone that record this kind; broken glass does not count."""
    roles = set(kind.recorded_by)
    return Sights(of.person, tuple(h for h in of.held if h.roles & roles), of.charges, frozenset(), of.units)


def reached(of: Sights, kind: RecordKind, children: Iterable[int]) -> set[int]:
    """Of some children, those for whom the person may record the kind."""
    rows = Child.objects.filter(recordable(of, kind).where).exclude(GONE)
    return set(rows.filter(pk__in=bulk.among(children)).values_list("pk", flat=True))


def match(people: pa.Table, of: Sights, kind: RecordKind) -> list[ListedMatch]:
    """Each row's child, in the rows' order. `people`: a text column each `PersonWord` (`birth`: days)."""
    with transaction.atomic():
        _lay_out(people, of, kind)
        found: dict[int, ListedMatch] = {n: ListedMatch("sure", pk) for n, pk in _asked(SURE)}
        left = [n for n in range(people.num_rows) if n not in found]
        _hear(people, left)
        near: dict[int, list[_NearChild]] = defaultdict(list)
        for n, *row in _asked(NEAR):
            near[n].append(_NearChild(*row))
        size = _asked("SELECT count(*) FROM reached")[0][0]
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE listed; DROP TABLE heard; DROP TABLE marked; DROP TABLE reached")
    rarity = Rarity(max(size, 1))
    for n, row in zip(left, people.take(pa.array(left, pa.int64())).to_pylist(), strict=True):
        found[n] = _weighed(row, near[n], rarity)
    rows = [found[n] for n in range(people.num_rows)]
    twice = {pk for pk, many in Counter(m.child for m in rows if m.by_mother).items() if many > 1}
    told = ("同一名儿童对上了名单里的几行",)
    return [
        ListedMatch("unsure", None, ((m.child, 0.9, told),)) if m.by_mother and m.child in twice and m.child else m
        for m in rows
    ]


def _asked(question: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return list(cursor.fetchall())


def _lay_out(people: pa.Table, of: Sights, kind: RecordKind) -> None:
    """The rows and the children within reach as tables of this transaction."""
    said = {word: dictionary(people[word]) for word in ("name", "mother", *_NUMBERS)}
    marks = {word: [sealing.number_marks(read(n or "")) for n in said[word].values] for word, read in _NUMBERS.items()}
    marked = {word: said[word].mask([bool(m) for m in marks[word]]) for word in _NUMBERS}
    within = Child.objects.filter(recordable(of, kind).where).exclude(GONE).values("pk")
    query, parameters = within.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE listed (n int, name_key text, birth date, sex text, numbered bool,"
            " certified bool, school_class text, mothered bool, mother_key text) ON COMMIT DROP;"
            " CREATE TEMP TABLE marked (n int, of_mother bool, mark bytea) ON COMMIT DROP"
        )
        bulk.copy_table("listed", pa.table({
            "n": np.arange(people.num_rows), "name_key": _keyed(said["name"]), "birth": people["birth"],
            "sex": people["sex"], "numbered": marked["number"], "certified": marked["certificate"],
            "school_class": people["school_class"], "mothered": marked["mother_number"],
            "mother_key": _keyed(said["mother"]),
        }))  # fmt: skip
        for word, rows in marked.items():
            each = [(n, mark) for n in np.flatnonzero(rows).tolist() for mark in marks[word][said[word].places[n]]]
            written = {"n": [n for n, _ in each], "mark": bulk.binary([mark for _, mark in each])}
            bulk.copy_table("marked", pa.table({**written, "of_mother": [word == "mother_number"] * len(each)}))
        cursor.execute(f"CREATE TEMP TABLE reached (id) ON COMMIT DROP AS {query}", parameters)  # Django's own
        cursor.execute("CREATE UNIQUE INDEX ON reached (id); CREATE INDEX ON marked (n)")
        cursor.execute("ANALYZE reached; ANALYZE listed; ANALYZE marked")


def _keyed(names: CodedColumn) -> pa.Array:
    """Names in the form by which they are found; none where there is none."""
    keys = [naming.key(name or "") or None for name in names.values]
    return pa.array(keys, pa.string()).take(pa.array(names.places))


def _hear(people: pa.Table, left: Sequence[int]) -> None:
    """How the names sound of the rows that exact keys leave open."""
    names = people["name"].to_pylist()
    sounds = {name: naming.keys_of(name or "").pinyin or None for name in {names[n] for n in left}}
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE heard (n int, pinyin text) ON COMMIT DROP")
        with cursor.copy("COPY heard FROM STDIN") as copy:
            for n in left:
                copy.write_row((n, sounds[names[n]]))
        cursor.execute("ANALYZE heard")


_HERE = "JOIN reached ON reached.id = c.id"
_SEX = "(l.sex IS NULL OR l.sex = c.sex)"
_PAIRS = f"""
numbered AS (
    SELECT DISTINCT l.n, c.id, coalesce(c.name_key = l.name_key, true)
        AND coalesce(l.birth = c.birth_date, true) AND {_SEX} AS agrees
    FROM listed l JOIN (
        SELECT m.n, c.id FROM marked m JOIN records_child c ON c.number_index = m.mark WHERE NOT m.of_mother
        UNION SELECT m.n, c.id FROM marked m JOIN records_child c ON c.certificate_index = m.mark WHERE NOT m.of_mother
    ) p USING (n) JOIN records_child c ON c.id = p.id {_HERE}
),
named AS (
    SELECT l.n, c.id, NOT l.numbered OR c.number_index IS NULL AS agrees
    FROM listed l JOIN records_child c ON c.name_key = l.name_key AND c.birth_date = l.birth AND {_SEX} {_HERE}
)"""
SURE = f"""
WITH {_PAIRS}
SELECT n, max(id) FROM numbered GROUP BY n HAVING count(*) = 1 AND bool_and(agrees)
UNION ALL
SELECT n, max(id) FROM named WHERE n NOT IN (SELECT n FROM numbered) GROUP BY n HAVING count(*) = 1 AND bool_and(agrees)
"""  # made of the sentences above alone
"""(row, child) of the rows that exact keys decide: the very number and nothing against it; or name, birth and sex of
one child alone, and no other number."""
NEAR = f"""
WITH {_PAIRS},
open AS (SELECT * FROM listed WHERE n NOT IN (SELECT n FROM ({SURE}) s)),
mothered AS (
    SELECT DISTINCT l.n, c.id FROM open l JOIN records_child c ON c.birth_date = l.birth AND {_SEX} {_HERE}
    JOIN records_relation r ON r.child_id = c.id AND r.kind = '{MOTHER}' AND r.to_date IS NULL
    JOIN records_relative m ON m.id = r.relative_id
    WHERE (c.certificate_index IS NULL OR NOT l.certified)
      AND CASE WHEN l.mothered THEN EXISTS (
          SELECT 1 FROM marked x WHERE x.n = l.n AND x.of_mother AND x.mark = m.number_index
      ) ELSE m.name_key = l.mother_key END
),
near AS (
    SELECT n, id FROM numbered UNION SELECT n, id FROM named UNION SELECT n, id FROM mothered
    UNION SELECT l.n, c.id FROM open l JOIN records_child c ON c.name_key = l.name_key {_HERE}
    UNION SELECT l.n, c.id FROM open l JOIN heard h USING (n)
        JOIN records_child c ON c.pinyin = h.pinyin AND c.birth_date = l.birth {_HERE}
    UNION SELECT l.n, c.id FROM open l JOIN records_child c
        ON c.school_class = l.school_class AND c.birth_date = l.birth AND l.school_class <> '' {_HERE}
)
SELECT k.n, c.id, c.name, c.name_key, c.sex, c.birth_date,
    EXISTS (SELECT 1 FROM numbered x WHERE (x.n, x.id) = (k.n, c.id)),
    c.number_index IS NOT NULL, EXISTS (SELECT 1 FROM named x WHERE (x.n, x.id) = (k.n, c.id)),
    EXISTS (SELECT 1 FROM mothered x WHERE (x.n, x.id) = (k.n, c.id)),
    coalesce(open.school_class = c.school_class AND c.school_class <> '', false)
FROM near k JOIN open ON open.n = k.n JOIN records_child c ON c.id = k.id ORDER BY k.n, c.id
"""  # made of the sentences above alone
"""Of every other row the children that it may be about, and by what."""


def _weighed(row: Mapping[str, Any], near: Sequence[_NearChild], rarity: Rarity) -> ListedMatch:
    """A row that exact keys leave open."""
    numbered, named = [k for k in near if k.numbered], [k for k in near if k.named]
    of_mother = [k for k in near if k.by_mother]
    if not numbered and not named and len(of_mother) == 1 and row["mother_number"]:
        return ListedMatch("sure", of_mother[0].pk, by_mother=True)
    numbers = row["number"] or row["certificate"]
    likely: dict[int, tuple[float, tuple[str, ...]]] = {
        k.pk: (1.0, ("证件号码相同，姓名、性别或出生日期不同",)) for k in numbered
    }
    for k in named:
        said = "姓名、性别、出生日期相同，证件号码不同" if numbers and k.has_number else "同名同日出生的不止一名"
        likely.setdefault(k.pk, (0.95, (said,)))
    for k in of_mother:
        likely.setdefault(k.pk, (0.9, ("母亲、性别、出生日期相同",)))
    likely = likely or _alike(row, near, rarity)
    if not likely:
        return ListedMatch("absent")
    ranked = sorted(likely.items(), key=lambda x: (-x[1][0], x[0]))[:MOST]
    return ListedMatch("unsure", None, tuple((pk, round(p, 3), why) for pk, (p, why) in ranked))


def _alike(
    row: Mapping[str, Any], near: Sequence[_NearChild], rarity: Rarity
) -> dict[int, tuple[float, tuple[str, ...]]]:
    """The children that sound alike, have the same name, or were born that day and go to that class; one of that name
    in that class is shown whatever the birth date says: it is what was mistyped."""
    name, birth = str(row["name"] or ""), row["birth"]
    key, said = naming.key(name), keys(PersonRecord(name, row["sex"], birth.isoformat() if birth else None))
    found: dict[int, tuple[float, tuple[str, ...]]] = {}
    for k in near:
        told = score(said, keys(PersonRecord(k.name, k.sex, k.birth.isoformat())), rarity)
        if k.key == key and k.classmate and birth is not None:
            found[k.pk] = (max(told.probability, CLASSMATE), ("同班同名，出生日期不同",))
        elif told.probability >= SHOWN or (k.key == key and birth is None):
            found[k.pk] = (told.probability, told.reasons[:3])
    return found


def _number(text: str | None) -> str:
    """The identity number of a cell: a school roll number holds it behind a letter."""
    plain = (text or "").strip()
    roll = _ROLL.fullmatch(plain)
    return roll[1] if roll else plain


_NUMBERS: Mapping[str, Callable[[str], str]] = {"number": _number, "certificate": _number, "mother_number": str}
"""What a list says of a number → how it is read."""
