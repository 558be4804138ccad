"""Women who may have a file already: one who is registered against all files, and all files against each other; by the
same comparisons as children (`records/twice.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q

from qingmiao.identity.linking.keys import Keys, PersonRecord, keys
from qingmiao.identity.linking.scoring import Rarity
from qingmiao.kernel.days import add_months
from qingmiao.site.apps.records import naming, sealing
from qingmiao.site.apps.records.mothers.given import MotherGiven
from qingmiao.site.apps.records.mothers.models import MotherFile
from qingmiao.site.apps.records.twice import MOST, FoundPair, LikelyFile, compared, every_pair

REGISTER = "孕产妇档案"


def likely_files(said: MotherGiven, *, but: int = 0) -> tuple[LikelyFile, ...]:
    """The files that may be of a woman, the likeliest first; not the one of number `but`."""
    own = keys(
        PersonRecord(
            said.name, "F", said.birth_date.isoformat(), said.number or None, None, said.phone or None, said.area
        )
    )
    found = _near(said, but)
    return compared(own, _keyed(found, numbers=bool(said.number)), Rarity())


def _near(said: MotherGiven, but: int) -> list[MotherFile]:
    """The files worth comparing: of the same number; of the same day; of the same name in a year near."""
    day = said.birth_date
    first, after = date(day.year, 1, 1), date(day.year + 1, 1, 1)
    named = Q(relative__name_key=naming.key(said.name))
    where = Q(birth_date=day)
    where |= named & Q(birth_date__gte=add_months(first, -12), birth_date__lt=add_months(after, 12))
    if said.number:
        where |= Q(relative__number_index__in=sealing.number_marks(said.number))
    rows = MotherFile.objects.filter(where, merged_into=None).exclude(pk=but).select_related("relative")
    found = list(rows.order_by("pk")[: 5 * MOST])
    return sorted(found, key=lambda f: (f.birth_date != day, f.pk))[:MOST]


def _keyed(files: Sequence[MotherFile], *, numbers: bool) -> Iterable[tuple[int, Keys]]:
    """Each file's keys; numbers are opened only where one is compared."""
    for file in files:
        yield file.pk, keys(_person(file, numbers=numbers))


def _person(file: MotherFile, *, numbers: bool = True) -> PersonRecord:
    woman = file.relative
    number = sealing.opened(sealing.RELATIVE, sealing.NUMBER, file.pk, woman.number_sealed) if numbers else ""
    phone = sealing.opened(sealing.RELATIVE, sealing.PHONE, file.pk, woman.phone_sealed)
    return PersonRecord(
        woman.name, "F", file.birth_date.isoformat(), number or None, None, phone or None, file.area
    )  # fmt: skip


def all_pairs() -> list[FoundPair]:
    """Every two files that may be of one woman; it opens every number and belongs in a child process."""
    rows = MotherFile.objects.filter(merged_into=None).select_related("relative").order_by("pk")
    return every_pair({file.pk: _person(file) for file in rows}, REGISTER)
