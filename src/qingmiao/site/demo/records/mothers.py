"""Mothers' files of the demonstration: the mothers of the children born lately and women who are pregnant now, told
through the doors as the scenario says (`mothers`), so that lists and work lists of the running year have something to
show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from qingmiao.content.pack import Pack
from qingmiao.content.yaml_source import read_yaml
from qingmiao.demo.register.numbers import PHONES
from qingmiao.demo.scenario import read_scenario
from qingmiao.identity.numbers import read_person_number
from qingmiao.site.apps.directory.api import Reach
from qingmiao.site.apps.records import api, sealing
from qingmiao.site.apps.records.models import Child, Relation
from qingmiao.site.demo import accounts

PLACE = "mothers"
CASES = Path("tests") / "records"
MOTHER = "mother"
YEAR = timedelta(days=365)
TWICE = 2
"""So many women are registered a second time."""
TERM = 280
"""Days from the last period to the day on which a child is expected (Naegele)."""


@dataclass(frozen=True)
class Pregnancy:
    """A woman's present or last pregnancy: when it began, whom she bore (None: not yet)."""

    period: date
    child: Child | None = None


def tell(pack: Pack, on: date) -> int:
    """All files, up to a day; how many women. None without the scenario's place or without who keeps such files."""
    scenario = read_scenario(pack)
    said = scenario.group(PLACE)
    keeper = accounts.first(str(said.get("keeper", "")))
    if keeper is None or not api.mothers.may_register(Reach(keeper)):
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # the loading made them immediate; a file stands before its row
    teller, made = WomenScenario(pack, said, on), 0
    for n, (child, who) in enumerate(_bore(int(said["delivered"]), on)):
        pregnancy = Pregnancy(child.birth_date - timedelta(days=TERM - n % 9), child)
        made += teller.woman(Reach(keeper), who, pregnancy, n)
    homes = list(
        Child.objects.filter(state="here").exclude(village="").order_by("-birth_date", "pk")[: int(said["pregnant"])]
    )
    for n, home in enumerate(homes):
        names = said["names"]
        name = f"{names[n % len(names)]}{'' if n < len(names) else '一二三四五六七八九'[n // len(names) - 1]}"
        born = date(on.year - 22 - n % 15, 1 + n % 12, 1 + n)
        who = api.mother_given.MotherGiven(name, born, home.area, home.village, "none", "", f"{PHONES}{n:08d}")
        made += teller.woman(Reach(keeper), who, Pregnancy(on - timedelta(days=40 + 235 * n // len(homes))), n)
        if n < TWICE:  # entered anew where she was not at home, and put before who settles such pairs
            again = replace(who, phone="")
            api.mothers.register(Reach(keeper), again, reason=f"在外地建册，先建档{accounts.MARK}")
    return made


def _bore(most: int, on: date) -> list[tuple[Child, Any]]:
    """The children born within a year, each with its mother as somebody would type her; of twins the first."""
    found, seen = list[tuple[Child, Any]](), set[int]()
    rows = Relation.objects.filter(
        kind=MOTHER, to_date=None, child__state="here", child__birth_date__range=(on - YEAR, on)
    )
    rows = rows.exclude(relative__number_index=None).exclude(child__village="").select_related("child", "relative")
    for r in rows.order_by("-child__birth_date", "child_id")[: 3 * most]:
        number = sealing.opened(sealing.RELATIVE, sealing.NUMBER, r.relative_id, r.relative.number_sealed)
        read = read_person_number(number)
        if r.relative_id in seen or read is None or read.birth is None or len(found) == most:
            continue
        seen.add(r.relative_id)
        phone = sealing.opened(sealing.RELATIVE, sealing.PHONE, r.relative_id, r.relative.phone_sealed)
        who = api.mother_given.MotherGiven(
            r.relative.name, read.birth, r.child.area, r.child.village, r.relative.papers, number, phone
        )
        found.append((r.child, who))
    return found


class WomenScenario:
    """Registers women and records what the scenario says of them."""

    def __init__(self, pack: Pack, said: Mapping[str, Any], on: date) -> None:
        self.said, self.on = said, on
        self.people = {one["by"]: accounts.first(one["by"]) for one in said["records"]}
        self.cases = {one["kind"]: _case(pack, one["kind"]) for one in said["records"]}

    def woman(self, keeper: Reach, who: Any, of: Pregnancy, n: int) -> int:
        """One woman and her records so far, in the order of their days; 1."""
        number = api.mothers.register(keeper, replace(who), reason=f"演示建档{accounts.MARK}")
        done = []
        for at, one in enumerate(self.said["records"]):
            if one.get("since") == "birth" and of.child is None:
                continue
            start = of.child.birth_date if of.child is not None and one.get("since") == "birth" else of.period
            day = start + timedelta(days=int(one["days"]))
            if day <= self.on and not (one.get("every") and (n + at) % int(one["every"]) == 0):
                done.append((day, at, one))
        for day, at, one in sorted(done, key=lambda d: d[:2]):
            self._record(number, of, n, day, at, one)
        return 1

    def _record(self, number: int, of: Pregnancy, n: int, day: date, at: int, one: Mapping[str, Any]) -> None:
        by = self.people[one["by"]]
        if by is None:
            return
        words = self._words(of, day)
        answers = dict(self.cases[one["kind"]]) | {f: words[str(w)] for f, w in one["answers"].items()}
        graded, grades = self.said["graded"], self.said["grades"]
        if one["kind"] == graded["kind"]:
            grade = str(grades[n % len(grades)])
            answers |= {graded["field"]: grade, **graded["refer"].get(grade, {})}
        explained: dict[str, str] = {}
        for _ in range(2):  # what is asked back is explained the second time
            made, filled = api.write(
                Reach(by), number, one["kind"], operation=f"demo-mother-{number}-{at}", answers=answers,
                explanations=explained, subject="mother",
            )  # fmt: skip
            if made:
                return
            explained = {q.key: f"已核对{accounts.MARK}" for q in filled.queries}
        raise ValueError(f"{one['kind']}：{[f.message for f in filled.faults]}")

    def _words(self, of: Pregnancy, day: date) -> dict[str, Any]:
        born = of.child.birth_date if of.child is not None else of.period + timedelta(days=TERM)
        names = self.said["child"]
        child = {names["sex"]: of.child.sex, names["outcome"]: "1", names["weight"]: "3300"} if of.child else {}
        return {
            "day": day.isoformat(), "period": of.period.isoformat(),
            "expected": (of.period + timedelta(days=TERM)).isoformat(),
            "next": (day + timedelta(days=28)).isoformat(),
            "weeks": f"{(born - of.period).days / 7:.1f}", "children": [child] if child else [],
        }  # fmt: skip


def _case(pack: Pack, kind: str) -> Mapping[str, Any]:
    """The answers of the pack's own example of a kind of record; of the last layer that has one."""
    found: Mapping[str, Any] = {}
    for layer in pack.layers:
        path = layer / CASES / f"{kind}.yaml"
        if path.is_file():
            data = read_yaml(path, str(path)).data
            found = data["answers"] if isinstance(data, Mapping) else {}
    return {f: v.isoformat() if isinstance(v, date) else v for f, v in found.items()}
