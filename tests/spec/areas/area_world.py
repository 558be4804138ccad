"""A made-up county whose areas change: rows in, values out. 演示数据，虚构."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from qingmiao.assess import Assessment, assess_pack
from qingmiao.collect import DataError
from qingmiao.collect.folder import Collected, collect
from qingmiao.content import load_pack
from qingmiao.content.check import check_pack
from qingmiao.content.pack import Pack
from qingmiao.measure.run import measure

SOURCE = "source: {document: 虚构试验材料, evidence: local}"
COUNTY = '- {code: "990101", name: 子县, level: county}\n'
FILES = {
    "pack.toml": 'id = "areas"\ntitle = "虚构"\nversion = "1"\nextends = []\n',
    "organisations.yaml": '- {id: bureau, label: {zh: 某局}, kind: department, area: "990101"}\n',
    "plan/plan.yaml": f'id: p\ntitle: 虚构规划\narea: "990101"\nstart: 2021\nend: 2025\n{SOURCE}\n',
    "plan/fields.yaml": """
- id: health
  order: 1
  label: {zh: 健康}
  title: 一、健康
  goals:
    - id: H1
      number: "1"
      text: 各乡镇接种率达到95%以上。
      targets:
        - {id: each, label: {zh: 各乡镇接种率}, kind: every_area, level: township, bound: at_least, value: 95, unit: "%"}
""",
    "facts/doses.yaml": """
id: doses
label: {zh: 剂次}
grain: child
key: [id]
area: town
date: due
columns:
  id: {type: text, label: {zh: 编号}, required: true}
  town: {type: area, label: {zh: 乡镇}, required: true}
  due: {type: date, label: {zh: 应种日期}, required: true}
  given: {type: boolean, label: {zh: 已种}}
""",
    "returns/R1.yaml": f"""
id: R1
form_no: 虚构表1
label: {{zh: 出生}}
issued_by: 虚构单位
period: calendar_year
level: township
reporter: bureau
due: {{days: 30}}
rows: [{{code: "01", label: {{zh: 活产}}, unit: 人}}, {{code: "02", label: {{zh: 死亡}}, unit: 人}}]
columns: [{{code: "1", label: {{zh: 人数}}, unit: 人}}]
{SOURCE}
""",
    "indicators.yaml": "".join(
        f"""
- id: {id_}
  label: {{zh: {label}}}
  unit: "{unit}"
  nature: {nature}
  decimals: 1
  better: higher
  period: calendar_year
  levels: [county, township]
  lead: bureau
  {more}
  {SOURCE}
"""
        for id_, label, unit, nature, more in (
            ("vacc", "接种率", "%", "rate",
                'implements: [each]\n  from: doses\n  numerator: {count: "*", where: "given"}\n'
                '  denominator: {count: "*"}'),
            ("children", "应种儿童", "人", "count", "from: doses\n  numerator: {distinct: id}"),
            ("deaths", "死亡率", "‰", "rate",
                'from: return:R1\n  numerator: {cells: ["02.1"]}\n  denominator: {cells: ["01.1"]}'),
            ("rate", "公布率", "%", "rate", "from: series"),
            ("beds", "床位", "张", "count", "from: series"),
        )
    ),
}  # fmt: skip


def town(code: str, name: str, more: str = "", parent: str = "990101") -> str:
    """One line of areas.yaml."""
    return f'- {{code: "{code}", name: {name}, level: township, parent: "{parent}"{more}}}\n'


@dataclass
class World:
    """Areas and data of one case; figures by indicator, area and year."""

    areas: str
    doses: list[str] = field(default_factory=list)
    returns: list[str] = field(default_factory=list)
    series: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)

    def write(self, root: Path) -> Path:
        """The pack with its data folder."""
        made = {**FILES, "areas.yaml": self.areas, **self.files}
        if self.doses:
            made["data/facts/doses.csv"] = "id,town,due,given\n" + "\n".join(self.doses) + "\n"
        if self.returns:
            made["data/returns/r1.csv"] = "return,period,area,row,column,value\n" + "\n".join(self.returns) + "\n"
        if self.series:
            made["data/series.csv"] = (
                "indicator,area,year,value,numerator,denominator\n" + "\n".join(self.series) + "\n"
            )
        for name, text in made.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        return root

    def pack(self, root: Path) -> Pack:
        """The loaded pack, which must be whole."""
        pack = load_pack(self.write(root))
        assert check_pack(pack) == []
        return pack

    def collected(self, root: Path) -> tuple[Pack, Collected]:
        """The pack and its data as read."""
        pack = self.pack(root)
        return pack, collect(pack, root / "data")

    def values(self, root: Path) -> dict[tuple[str, str, int], dict[str, Any]]:
        """(indicator, area, year) → the row of the values table."""
        return by_key(self.table(root))

    def table(self, root: Path) -> pa.Table:
        """The values table."""
        pack, collected = self.collected(root)
        return measure(pack, collected.tables).values

    def assessed(self, root: Path, year: int) -> Assessment:
        """The assessment of one year."""
        pack, collected = self.collected(root)
        return assess_pack(pack, measure(pack, collected.tables).values, year=year)

    def said(self, root: Path) -> str:
        """What collecting refuses."""
        pack = self.pack(root)
        try:
            collect(pack, root / "data")
        except DataError as e:
            return str(e)
        return ""


def by_key(table: pa.Table) -> dict[tuple[str, str, int], dict[str, Any]]:
    """The rows of a values table by indicator, area and year."""
    return {(r["indicator"], r["area"], r["year"]): r for r in table.to_pylist()}


def doses(prefix: str, area: str, year: int, given: int, total: int, month: int = 6) -> list[str]:
    """`total` doses due in an area and month, of which `given` were given."""
    return [f"{prefix}{i},{area},{year}-{month:02d}-15,{'是' if i < given else '否'}" for i in range(total)]
