"""The demonstration's funds and projects."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from qingmiao.content.pack import Pack
from qingmiao.site.apps.acting import api
from qingmiao.site.apps.directory.api import Person
from qingmiao.site.demo.accounts import MARK


def stage(pack: Pack, office: Person, people: list[Person], on: date) -> None:
    """Four funds and three projects, each with the unit that leads a fitting goal."""
    by_unit = {str(p.organisation_id): p for p in people}
    funds = [
        ("妇儿工委工作经费", "budget", "", 30, 30, 21),
        ("监测评估经费", "budget", "", 12, 12, 8),
        ("儿童健康服务补助", "higher", "健康", 86, 80, 64),
        ("困境儿童关爱", "social", "困境", 20, 15, 9),
    ]
    for item, source, word, budget, allocated, spent in funds:
        who = _of_goal(pack, by_unit, word, on.year)[0] or office
        api.add_fund(
            office, year=on.year, unit=str(who.organisation_id), item=f"{item}{MARK}", source=source,
            budget=Decimal(budget), allocated=Decimal(allocated), spent=Decimal(spent),
        )  # fmt: skip
    projects = [
        ("乡镇儿童之家提升改造", "儿童之家", 100, "十个乡镇全部验收"),
        ("中小学教室照明改造", "近视", 65, "完成二十所，其余寒假施工"),
        ("出生缺陷免费筛查", "出生缺陷", 40, "已签订服务协议，按月结算"),
    ]
    for title, word, percent, progress in projects:
        lead, goal = _of_goal(pack, by_unit, word, on.year)
        number = api.add_project(
            office, year=on.year, unit=str((lead or office).organisation_id), title=f"{title}{MARK}", goal=goal,
            due=date(on.year, 12, 20),
        )  # fmt: skip
        api.put_project(office, number, version=1, percent=percent, progress=progress)


def _of_goal(pack: Pack, by_unit: dict[str, Person], word: str, year: int) -> tuple[Person | None, str]:
    """The liaison of the unit that leads the first goal with a word in its text, and the goal."""
    for id_, goal in pack.goals.items():
        lead = pack.lead_of(id_, year)
        if word and word in goal.text and lead is not None and lead.lead in by_unit:
            return by_unit[lead.lead], id_
    return None, ""
