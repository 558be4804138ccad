"""Children who may have a file already: one who is registered against all files, and all files against each other.

Both are judged by the same comparisons (`identity.linking`): exact keys first, then likeness of names, births, numbers,
guardians, telephones and places, with two vetoes. What is doubtful goes to a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
from django.db import connection
from django.db.models import Exists, OuterRef, Q

from qingmiao.identity.linking.candidates import SHOWN
from qingmiao.identity.linking.keys import Keys, PersonRecord, keys
from qingmiao.identity.linking.scoring import Rarity, score
from qingmiao.kernel.areas import stem
from qingmiao.kernel.days import add_months
from qingmiao.site.apps.records import exposure, naming, sealing
from qingmiao.site.apps.records.given import IdentityGiven
from qingmiao.site.apps.records.models import Child, Relation

ASKED = 0.5
"""From this probability on, whoever registers has to say why it is another child."""
MOST = 200
"""So many files are compared with one child at most: those of the same day first."""
WRITTEN = {"month": 7, "year": 4}
"""How much of a birth date is known → characters of its ISO form."""


FoundPair = tuple[int, int, float, tuple[str, ...]]
"""Two files (the one made first on the left), how likely they are of one person, and why in words."""


@dataclass(frozen=True)
class LikelyFile:
    """A file that may be of the person: how likely, and why in words, the weightiest first."""

    file: int
    probability: float
    reasons: tuple[str, ...]


def likely_files(said: IdentityGiven, *, area: str, guardian: str, phone: str) -> tuple[LikelyFile, ...]:
    """The files that may be of a child who is about to be registered, the likeliest first."""
    own = keys(
        PersonRecord(
            said.name, said.sex, said.birth_date.isoformat()[: WRITTEN.get(said.certainty, 10)], said.number or None,
            guardian or None, phone or None, area,
        )
    )  # fmt: skip
    found = _near(said, own, area, guardian, sealing.phone_marks(phone))
    return compared(own, _keyed(found, numbers=bool(said.number)), Rarity(_files()))


def compared(own: Keys, others: Iterable[tuple[int, Keys]], known: Rarity) -> tuple[LikelyFile, ...]:
    """Of the files (number, keys) those that may be of the person whose keys are `own`, the likeliest first."""
    scored = [(number, score(own, other, known)) for number, other in others]
    likely = [LikelyFile(n, s.probability, s.reasons[:5]) for n, s in scored if s.probability >= SHOWN]
    return tuple(sorted(likely, key=lambda one: (-one.probability, one.file)))


def _near(said: IdentityGiven, own: Keys, area: str, guardian: str, phones: tuple[bytes, ...]) -> list[Child]:
    """The files worth comparing: of the same day and half the name's sound, the guardian's name, or (of a child without
    a name) the township; of the same sound in a year near; of the same telephone."""
    heard, day = naming.keys_of(said.name), said.birth_date
    alike = Q(pk__in=[])
    if own.written is None:
        alike |= Q(area__startswith=stem(area[:9]))
    if guardian:
        named = Relation.objects.filter(child=OuterRef("pk"), relative__name_key=naming.key(guardian))
        alike |= Q(Exists(named))
    if own.family_sound:
        alike |= Q(pinyin__startswith=own.family_sound)
    if own.given_sound:
        alike |= Q(pinyin__endswith=own.given_sound)
    where = Q(birth_date=day) & alike
    if heard.pinyin:
        first, after = date(day.year, 1, 1), date(day.year + 1, 1, 1)
        near = Q(birth_date__gte=add_months(first, -12), birth_date__lt=add_months(after, 12))
        where |= Q(pinyin=heard.pinyin) & near
    if phones:
        where |= Q(phone_index__in=phones)
    rows = Child.objects.filter(where & exposure.USED)
    found = list(rows.only(*_COLUMNS)[: 5 * MOST])
    return sorted(found, key=lambda c: (c.birth_date != day, c.pinyin != heard.pinyin, c.pk))[:MOST]


_COLUMNS = ("id", "name", "sex", "birth_date", "birth_certainty", "number_sealed", "area", "pinyin", "state")


def _keyed(children: Sequence[Child], *, numbers: bool) -> Iterable[tuple[int, Keys]]:
    """Each file's keys; numbers are opened only where one is compared."""
    adults = _guardians([c.pk for c in children])
    for c in children:
        guardian, phone = adults.get(c.pk, ("", ""))
        number = sealing.opened(sealing.CHILD, sealing.NUMBER, c.pk, c.number_sealed) if numbers else ""
        yield c.pk, keys(_person(c, number, guardian, phone))


def _person(c: Child, number: str, guardian: str, phone: str) -> PersonRecord:
    birth = c.birth_date.isoformat()[: WRITTEN.get(c.birth_certainty, 10)]
    return PersonRecord(c.name, c.sex, birth, number or None, guardian or None, phone or None, c.area)


def _guardians(children: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    """Of each child the first guardian's name and telephone."""
    rows = Relation.objects.filter(child__in=children, guardian=True, to_date=None).select_related("relative")
    found: dict[int, tuple[str, str]] = {}
    for r in rows.order_by("child", "pk"):
        if r.child_id not in found:
            phone = sealing.opened(sealing.RELATIVE, sealing.PHONE, r.relative_id, r.relative.phone_sealed)
            found[r.child_id] = (r.relative.name, phone)
    return found


def _files() -> int:
    """About how many files there are, as the database last counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'records_child'::regclass")
        return int(cursor.fetchone()[0])


def all_pairs() -> list[FoundPair]:
    """Every two files that may be of one child (left before right, probability, reasons): all against all.

    It opens every number and telephone in memory and belongs in a child process.
    """
    rows = list(Child.objects.filter(exposure.USED).only(*_COLUMNS).order_by("pk"))
    adults = _guardians([c.pk for c in rows])
    return every_pair(
        {
            c.pk: _person(
                c, sealing.opened(sealing.CHILD, sealing.NUMBER, c.pk, c.number_sealed), *adults.get(c.pk, ("", ""))
            )
            for c in rows
        },
        "儿童档案",
    )


def every_pair(people: Mapping[int, PersonRecord], register: str) -> list[FoundPair]:
    """Every two of these people who may be one, the likeliest first; the batch engine needs the memory of all."""
    from qingmiao.identity.linking.batch import link

    if not people:
        return []
    columns = {
        "record_id": [str(n) for n in people], "register": [register] * len(people),
        "name": [p.name for p in people.values()], "sex": [p.sex for p in people.values()],
        "birth_date": [p.birth for p in people.values()], "id_number": [p.number for p in people.values()],
        "guardian_name": [p.guardian for p in people.values()], "guardian_phone": [p.phone for p in people.values()],
        "area_code": [p.area for p in people.values()],
    }  # fmt: skip
    linked = link(pa.table({n: pa.array(v, pa.string()) for n, v in columns.items()}), threads=1)
    known, found = Rarity(len(people)), list[FoundPair]()
    for pair in linked.pairs.to_pylist():
        left, right = sorted((int(pair["left"]), int(pair["right"])))
        why = score(keys(people[left]), keys(people[right]), known).reasons
        found.append((left, right, float(pair["probability"]), why[:5]))
    return sorted(found, key=lambda p: (-p[2], p[0], p[1]))
