"""Rows of a list whose child has no file make one (`registers` of the layout): newborns without a name by their
mother's, twins apart, the mother linked. Nothing is made before the list is imported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from qingmiao.collect.child_sheets import FoundHeadings, ReadRows, RowFault
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.errors import UserError
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import NotAllowedError, Seen
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import filing, given, registering, sealing
from qingmiao.site.apps.records.list_matching import MOTHER
from qingmiao.site.apps.records.list_models import ChildList, ListedRow
from qingmiao.site.apps.records.models import GONE, Child
from qingmiao.site.apps.records.mothers.births import ENDINGS
from qingmiao.site.apps.records.mothers.models import MotherFile

PLACES = {
    "姓名": "name", "性别": "sex", "出生日期": "birth", "证件号码": "number", "出生医学证明编号": "certificate",
    "电话": "mother_phone",
}  # fmt: skip
"""Field of the register, as its faults name it → word of the column."""


@dataclass(frozen=True)
class NewFile:
    """The file that a row makes."""

    identity: given.IdentityGiven
    home: given.StayGiven
    mother: given.RelativeGiven | None


@dataclass
class NewFiles:
    """Number of the row → the file that it makes, and why others make none."""

    files: dict[int, NewFile] = field(default_factory=dict)
    faults: list[RowFault] = field(default_factory=list)

    def children(self) -> dict[int, Child]:
        """Number of the row → the child as it would be, under a number that no child has."""
        found = {}
        for n, one in self.files.items():
            who = one.identity
            found[n] = Child(
                pk=-n - 1, name=who.name, sex=who.sex, birth_date=who.birth_date, birth_certainty=who.certainty,
                area=one.home.area, village=one.home.village,
            )  # fmt: skip
        return found


def new_files(rows: ReadRows, found: FoundHeadings, which: Iterable[int]) -> NewFiles:
    """What some of the rows (numbers of the read ones) would register; every fault with its cell."""
    made, wanted = NewFiles(), sorted(which)
    people = {n: {w: rows.people[w][n].as_py() for w in rows.people.column_names} for n in wanted}
    homes = _homes(people.values())
    for n, said in people.items():
        try:
            made.files[n] = _file(said, homes)
        except UserError as e:
            for fault in e.faults:
                of = (
                    "mother_number"
                    if fault.file == "亲属" and fault.place == "证件号码"
                    else PLACES.get(fault.place, "")
                )
                where = of or {"现住址": "area", "亲属": "mother"}.get(fault.file, "name")
                made.faults.append(RowFault(rows.rows[n], found.place(says=where), fault.message))
    made.faults += _taken(made.files, rows, found)
    made.faults += _alike(people, made.files, rows, found)
    return made


def register(reach: Reach, files: Mapping[int, NewFile], places: Sequence[int], listed: ChildList) -> dict[int, int]:
    """Make the files, for the person's unit: number of the row → the child. `places`: the place of each row.

    Must run in the writer's transaction. Raises what the door of a file refuses.
    """
    made = {}
    for n, one in files.items():
        parents = (one.mother,) if one.mother is not None else ()
        reason = f"由名单“{listed.name}”第 {places[n] + 1} 行建档"
        made[n] = registering.register(reach, one.identity, stays=(one.home,), relatives=parents, reason=reason)
        ListedRow.objects.filter(listed=listed, place=places[n] + 1).update(child=made[n])
    return made


def take_back(listed: ChildList, reason: str, by: Person) -> tuple[int, int]:
    """The files that a list made are taken back, but for those in which anything else stands by now: how many were, and
    how many stay. Must run in the transaction of the list, after its records were withdrawn."""
    made = Child.objects.filter(pk__in=registered(listed)).exclude(GONE).select_related("unit").order_by("pk")
    job, taken, stay = audit.NamedActor(by.username, by.unit_id), 0, 0
    for child in made:
        told = {"reason": f"撤销名单“{listed.name}”：{reason}"[:500]}
        try:
            access.perform(job, child, "void", Seen(child.state, child.version), told)
            taken += 1
        except NotAllowedError:
            stay += 1
    return taken, stay


def registered(listed: ChildList) -> QuerySet[Any]:
    """The numbers of the files that a list made."""
    return ListedRow.objects.filter(listed=listed, standing="new", child__isnull=False).values("child")


def _file(said: Mapping[str, Any], homes: Mapping[str, tuple[str, str]]) -> NewFile:
    """Raises UserError naming every field that is wrong."""
    faults: list[Any] = []

    def read(of: Any, **answers: Any) -> Any:
        try:
            return of(**answers)
        except UserError as e:
            faults.extend(e.faults)
            return None

    born, sex, mother = said["birth"], said["sex"] or "", said["mother"] or ""
    name = said["name"] or (f"{mother[:58]}{ENDINGS[sex]}" if mother and sex in ENDINGS else "")
    day = born.isoformat() if born is not None else ""
    who = read(
        given.identity, name=name, sex=sex, birth_date=day, certainty="day", number=said["number"] or "",
        certificate=said["certificate"] or "",
    )  # fmt: skip
    area, village = _area(said["area"]), said["village"] or ""
    if not said["area"]:
        area, village = homes.get(said["mother_number"] or "", ("", ""))
    home = read(given.stay, kind="residence", area=area, village=village, address="", from_date=day or "2000-01-01")
    parent = None
    if mother:
        parent = read(
            given.relative, name=mother, kind=MOTHER, number=said["mother_number"] or "", guardian=True, carer=False,
            phone=said["mother_phone"] or "", sealed=False, from_date=day or "2000-01-01",
        )  # fmt: skip
    if faults:
        raise UserError("建不了档", faults)
    return NewFile(who, home, parent)


def _area(text: str | None) -> str:
    """The code of a township that is named or coded; "" where it is none, or several have the name."""
    plain, areas = (text or "").strip(), site_pack.pack().areas
    if plain in areas or (plain.isascii() and plain.isdigit()):
        return plain
    named = [a.code for a in areas.values() if a.level == AreaLevel.TOWNSHIP and a.name == plain]
    return named[0] if len(named) == 1 else ""


def _homes(people: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """Number of a mother as the list writes it → where her own file says that she lives."""
    marks = {n: sealing.number_marks(n) for one in people if (n := one["mother_number"])}
    files = MotherFile.objects.filter(relative__number_index__in=[m for of in marks.values() for m in of])
    known = {
        bytes(i or b""): (area, village)
        for i, area, village in files.values_list("relative__number_index", "area", "village")
    }
    return {n: known[m] for n, of in marks.items() for m in of if m in known}


def _taken(files: Mapping[int, NewFile], rows: ReadRows, found: FoundHeadings) -> Iterable[RowFault]:
    """A number that another file has already, also one that this person does not see; or another row."""
    marks: dict[bytes, list[tuple[int, str]]] = defaultdict(list)
    for n, one in files.items():
        for says, number in (("number", one.identity.number), ("certificate", one.identity.certificate)):
            for mark in sealing.number_marks(number):
                marks[mark].append((n, says))
    for of in marks.values():
        for n, says in of[1:]:
            told = f"和第 {rows.rows[of[0][0]] + 1} 行的号码相同"
            yield RowFault(rows.rows[n], found.place(says=says), told)
    held = Q(number_index__in=list(marks)) | Q(certificate_index__in=list(marks))
    for child in Child.objects.filter(held).exclude(GONE).select_related("unit"):
        for index in (child.number_index, child.certificate_index):
            for n, says in marks.get(bytes(index), ()) if index is not None else ():
                yield RowFault(rows.rows[n], found.place(says=says), filing.taken_words(child))


def _alike(
    people: Mapping[int, Mapping[str, Any]], files: Mapping[int, NewFile], rows: ReadRows, found: FoundHeadings
) -> Iterable[RowFault]:
    """Two rows of one mother, day and sex without numbers: twins, or one child twice; nobody knows."""
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for n in files:
        said = people[n]
        if not said["certificate"] and not said["number"]:
            groups[said["mother_number"] or said["mother"], said["birth"], said["sex"], said["name"]].append(n)
    for of in groups.values():
        for n in of[1:]:
            told = f"和第 {rows.rows[of[0]] + 1} 行分不清是双胞胎还是同一名儿童；请写明出生医学证明编号或证件号码"
            yield RowFault(rows.rows[n], found.place(says="name"), told)
