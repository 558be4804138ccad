"""A whole pack from a sheet of targets: plan, units, who leads, a plain series for each target, and an empty
series.csv."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from qingmiao.content.check import check_path
from qingmiao.content.new_pack import pack_id, refuse_taken
from qingmiao.content.target_sheet import Rows, TargetRow, TargetSheet, find_header, read_targets
from qingmiao.content.words import half_width
from qingmiao.kernel.csv_out import csv_bytes
from qingmiao.kernel.errors import Fault, UserError

SERIES_COLUMNS = ("indicator", "area", "year", "value", "numerator", "denominator", "source", "note")
PLAN_KEYS = ("规划名称", "地区名称", "行政区划代码", "起始年", "结束年", "文件")
AREA_COLUMNS = ("代码", "名称", "上级代码")
_PLACEHOLDER = ("990001", "示例县")
_LEVELS = {2: "province", 4: "city", 6: "county", 9: "township", 12: "village"}
_KINDS = (("法院", "court"), ("检察院", "procuratorate"), ("公安", "police"), ("司法局", "justice"), ("司法行政", "justice"),
          ("委员会办公室", "committee"), ("工委", "committee"), ("妇联", "group"),
          ("团委", "group"), ("联合会", "group"), ("残联", "group"), ("工会", "group"), ("共青团", "group"),
          ("镇人民政府", "township"), ("乡人民政府", "township"), ("街道办", "township"))  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A new pack: its files, and what was assumed or left out (to be told to people)."""

    files: list[Path]
    targets: int
    notes: list[str] = field(default_factory=list)


def pack_from_targets(folder: Path, sheets: Mapping[str, Rows], shown: str, *, title: str | None = None) -> Made:
    """Write the pack of a workbook of targets to `folder` (empty or absent): whole, or nothing at all.

    `sheets`: name → cells as seen. The sheet with the table of targets is found by its headings; sheets 规划 (name and
    value in two columns) and 地区 (代码, 名称, 上级代码) may stand beside it. Raises UserError naming every cell.
    """
    refuse_taken(folder)
    plan = _plan(sheets.get("规划", ()))
    areas = [r for r in _table(sheets.get("地区", ()), AREA_COLUMNS) if r["代码"]]
    main = next((n for n, rows in sheets.items() if n not in ("规划", "地区") and find_header(rows) is not None), "")
    rows = sheets.get(main, next(iter(sheets.values()), ()))
    code = plan["行政区划代码"] or _PLACEHOLDER[0]
    sheet = read_targets(rows, f"{shown}:{main}" if len(sheets) > 1 else shown, code)
    notes = list(sheet.unused)
    files = _files(folder, sheet, plan, areas, notes, title)
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=_standing(folder)))
    try:
        for name, data in files.items():
            path = part / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        faults = check_path(part)[1]
        if faults:
            told = [Fault(shown, 0, f.code, f.message, f.place, f.hint) for f in faults]
            raise UserError("由目标表得不出完整的内容包，什么都没有写", told)
        part.chmod(0o755)
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Made([folder / name for name in files], len(sheet.rows), notes)


def _standing(folder: Path) -> Path:
    above = folder.absolute().parent
    above.mkdir(parents=True, exist_ok=True)
    return above


def _plan(rows: Rows) -> dict[str, str]:
    given = {half_width(r[0]).strip(" :"): r[1].strip() for r in rows if len(r) > 1 and r[0].strip()}
    return {key: given.get(key, "") for key in PLAN_KEYS}


def _table(rows: Rows, columns: tuple[str, ...]) -> list[dict[str, str]]:
    top = next((n for n, r in enumerate(rows) if [c.strip() for c in r[:2]] == list(columns[:2])), None)
    if top is None:
        return []
    return [dict(zip(columns, [c.strip() for c in (*r, "", "", "")], strict=False)) for r in rows[top + 1 :]]


def _files(
    folder: Path,
    sheet: TargetSheet,
    plan: dict[str, str],
    areas: list[dict[str, str]],
    notes: list[str],
    title: str | None,
) -> dict[str, bytes]:
    code, name = plan["行政区划代码"] or _PLACEHOLDER[0], plan["地区名称"] or _PLACEHOLDER[1]
    if not plan["行政区划代码"] or not plan["地区名称"]:
        notes.append(
            f"没有地区的名称和代码，先写成虚构的 {name}（{code}）：改 areas.yaml、organisations.yaml、plan/plan.yaml"
        )
    start, end = _years(sheet.rows, plan, notes)
    named = title or plan["规划名称"] or f"{name}儿童发展规划（{start}—{end}年）"
    units = _units(sheet.rows, notes)
    document = plan["文件"] or plan["规划名称"] or "（待填：规划文件的名称和文号）"
    head = {"id": f"{pack_id(folder)}-plan", "title": named, "area": code, "start": start, "end": end,
            "source": {"document": document, "evidence": "local"}}  # fmt: skip
    listed: list[dict[str, Any]] = [{"code": code, "name": name, "level": _LEVELS.get(len(code), "county")}]
    listed += [
        {
            "code": a["代码"],
            "name": a["名称"],
            "level": _LEVELS.get(len(a["代码"]), "township"),
            "parent": a["上级代码"] or code,
        }
        for a in areas
        if a["代码"] != code
    ]
    every = {r.target["level"] for r in sheet.rows if "level" in r.target} - {a["level"] for a in listed}
    if every:
        notes.append("有逐一达到的目标，还没有列出那一级的地区：补在 areas.yaml（或在工作簿里加「地区」表）")
    people = [
        {
            "id": id_,
            "label": {"zh": label},
            "kind": next((k for word, k in _KINDS if word in label), "department"),
            "area": code,
        }
        for label, id_ in units.items()
    ]
    texts = {
        "pack.toml": f'id = "{pack_id(folder)}"\ntitle = "{_toml(named)}"\nversion = "0.1.0"\nextends = []\n',
        "plan/plan.yaml": "# 由目标表生成：核对名称、地区、起止年和来源。\n" + _dump(head),
        "areas.yaml": "".join(_line(a) for a in listed),
        "organisations.yaml": "# kind 按名称推定，请核对。\n" + "".join(_line(u) for u in people),
        "README.md": _README,
    }
    texts |= _fields(sheet.rows, units)
    partners = _leads(sheet.rows, units)
    if partners:
        texts["leads.yaml"] = "".join(_line(x) for x in partners)
    found = {path: text.encode("utf-8") for path, text in texts.items()}
    found["data/series.csv"] = csv_bytes(",".join(SERIES_COLUMNS) + "\n")
    return found


def _years(rows: list[TargetRow], plan: dict[str, str], notes: list[str]) -> tuple[int, int]:
    """The plan's years: as written, else the latest target year, and the year after the commonest base year (or five
    years)."""
    given = [int(plan[k]) if re.fullmatch(r"\d{4}", plan[k]) else 0 for k in ("起始年", "结束年")]
    ends = [int(r.target["year"]) for r in rows if "year" in r.target]
    bases = [int(r.target["baseline"]["year"]) for r in rows if "baseline" in r.target]
    end = given[1] or (max(ends) if ends else (max(bases) + 5 if bases else 2025))
    start = given[0] or (max(set(bases), key=bases.count) + 1 if bases else end - 4)
    if not all(given):
        notes.append(f"没有写规划的起止年，先按 {start}—{end} 年：核对 plan/plan.yaml")
    return min(start, end), end


def _units(rows: list[TargetRow], notes: list[str]) -> dict[str, str]:
    names = dict.fromkeys(n for r in rows for n in (r.lead or _UNKNOWN, *r.partners))
    bare = [str(r.row) for r in rows if not r.lead]
    if bare:
        rows_told = "、".join(bare[:10]) + ("……" if len(bare) > 10 else "")
        notes.append(f"第 {rows_told} 行没有牵头单位，先写成「{_UNKNOWN}」：改 organisations.yaml")
    return {name: f"u{n:02d}" for n, name in enumerate(names, start=1)}


_UNKNOWN = "牵头单位（待定）"


def _fields(rows: list[TargetRow], units: dict[str, str]) -> dict[str, str]:
    """One file a field: its goals in the order of the sheet, each with its targets."""
    titles = list(dict.fromkeys(r.field for r in rows))
    texts = {}
    for order, title in enumerate(titles, start=1):
        own = [r for r in rows if r.field == title]
        label = re.sub(r"^[（(][一二三四五六七八九十]+[)）]|^[一二三四五六七八九十\d]+[、.．]", "", title).strip()
        goals = []
        for n, goal in enumerate(dict.fromkeys(r.goal for r in own), start=1):
            targets = [_target(r, units) for r in own if r.goal == goal]
            goals.append({"id": f"f{order}.g{n}", "number": str(n), "text": goal, "targets": targets})
        body = {
            "id": f"f{order}",
            "order": order,
            "label": {"zh": label or "（未分领域）"},
            "title": title or "（未分领域）",
        }
        texts[f"plan/fields/{order:02d}.yaml"] = _dump({**body, "goals": goals})
    return texts


def _target(row: TargetRow, units: dict[str, str]) -> dict[str, Any]:
    series: dict[str, Any] = {"lead": units[row.lead or _UNKNOWN]}
    return {**row.target, "indicator": series}


def _leads(rows: list[TargetRow], units: dict[str, str]) -> list[dict[str, Any]]:
    """Partners stand in leads.yaml; a lead alone is written in the target."""
    return [
        {
            "of": r.target["id"],
            "lead": units[r.lead or _UNKNOWN],
            "with": [units[p] for p in r.partners],
            "evidence": "local",
        }
        for r in rows
        if r.partners
    ]


def _dump(data: object) -> str:
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1_000_000)


def _line(data: object) -> str:
    text = yaml.dump(
        data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1_000_000, default_flow_style=True
    )
    return f"- {text}"


class _Dumper(yaml.SafeDumper):
    """Short maps on one line, texts that look like numbers in quotes."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> Any:
        """Any: what the library passes."""
        flat = all(not isinstance(v, dict | list) for v in mapping.values()) and len(mapping) <= 3
        return super().represent_mapping(tag, mapping, flow_style=True if flat else flow_style)

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> Any:
        """Any: what the library passes."""
        flat = all(not isinstance(v, dict | list) for v in sequence)
        return super().represent_sequence(tag, sequence, flow_style=True if flat else flow_style)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _toml(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


_README = """# 由目标表生成的内容包

1. 核对 `plan/plan.yaml`、`areas.yaml`、`organisations.yaml`；目标在 `plan/fields/`，一个领域一个文件，每个目标带着自己的指标（`indicator`）。
2. 检查：`qingmiao check .`
3. 把各年的数填进 `data/series.csv`：`indicator` 写目标的编号，`area` 写地区代码。
4. 运行：`qingmiao monitor --pack . --data data --year 2024 --out ../out`

有报表或明细数据的指标，另写 `indicators/` 里的文件，并删去目标里的 `indicator`。写法见 `docs/how-to/make-a-pack.md`。
"""
