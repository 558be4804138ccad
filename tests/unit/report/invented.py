"""An invented county (演示数据): a pack, values and findings that show every kind of verdict. Nothing here is real."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa

from qingmiao.content import Pack
from qingmiao.content.areas import AreaItem
from qingmiao.content.codes import CodeList
from qingmiao.content.indicators import Indicator
from qingmiao.content.leads import Lead
from qingmiao.content.organisations import OrganisationItem
from qingmiao.content.plan import PlanField, PlanHead
from qingmiao.content.policy import Policy
from qingmiao.content.references import ReferenceValue
from qingmiao.figures.findings import (
    AreaLimits,
    FindingNumber,
    Findings,
    Interval,
    Notice,
    ShownForecast,
    TargetAnswers,
)

COUNTY = "990100"
TOWNSHIPS = tuple(f"990100{n:03d}" for n in range(1, 11))
YEAR = 2024
HOSTILE = "#set $x$ *粗* _斜_ <script>alert('x')</script> {{ 7*7 }} \\ @ref `码` & \"引\""

_TARGETS = (
    # field, id, label, kind, extra, unit, noise, better, verdict, pace, likelihood
    ("health", "T01", "新生儿死亡率", "at_most", {"value": 3.2}, "‰", "poisson", "lower", "met", "on_track", "likely"),
    ("health", "T02", "婴儿死亡率", "at_most", {"value": 5.3}, "‰", "poisson", "lower", "met", "on_track", "uncertain"),
    ("health", "T03", "小学生近视率", "at_most", {"value": 38}, "%", "binomial", "lower", "not_met", "behind", "unlikely"),
    ("health", "T04", "适龄儿童免疫规划疫苗接种率", "every_area",
        {"value": 90, "level": "township", "bound": "at_least", "qualifiers": ["keep"]}, "%", "binomial", "higher",
        "undetermined", "undetermined", "none"),
    ("health", "T05", "儿童超重、肥胖上升趋势得到控制", "contained", {}, "%", "binomial", "lower", "not_met", "away", "uncertain"),
    ("health", "T06", "国家学生体质健康标准达标率", "at_least", {"value": 95, "qualifiers": ["strive"]}, "%", "binomial", "higher",
        "not_met", "far_behind", "unlikely"),
    ("safety", "T07", "儿童伤害死亡率", "reduce_by", {"cut": "20%", "baseline": {"year": 2020}}, "1/10万", "poisson", "lower",
        "not_met", "behind", "uncertain"),
    ("safety", "T08", "儿童溺水死亡率", "falling", {"qualifiers": ["sustained"]}, "1/10万", "poisson", "lower", "met",
        "undetermined", "none"),
    ("education", "T09", "学前教育毛入园率", "at_least", {"value": 92}, "%", "binomial", "higher", "met", "on_track", "likely"),
    ("education", "T10", "每千人口拥有三岁以下婴幼儿托位数", "at_least", {"value": 4.5}, "个/千人口", "none", "higher", "met", "on_track",
        "likely"),
    ("education", "T11", "空气质量达到上级下达的目标", "assigned", {}, "%", "none", "higher", "pending", "undetermined",
        "undetermined"),
    ("education", "T12", "公众儿童优先意识明显增强", "qualitative", {}, "", "none", "none", "undetermined", "undetermined",
        "undetermined"),
)  # fmt: skip


def invented_pack(*, label: str | None = None, layers: tuple[Path, ...] = ()) -> Pack:
    """The pack; `label` replaces the first target's and indicator's label (for hostile text)."""
    source = {"document": "演示规划（虚构）", "place": "第一部分", "evidence": "proposal"}
    names = {"health": "儿童与健康", "safety": "儿童与安全", "education": "儿童与教育"}
    fields, indicators = [], {}
    for order, (fid, name) in enumerate(names.items(), start=1):
        targets = []
        for field, tid, own, kind, extra, unit, noise, better, *_ in _TARGETS:
            if field != fid:
                continue
            shown = label if label is not None and tid == "T01" else own
            targets.append({"id": tid, "label": {"zh": shown}, "kind": kind, "unit": unit, **extra})
            comparisons = (
                [{"area": "CN", "series": "N_" + tid, "label": "全国（演示）"}] if tid in ("T01", "T09") else []
            )
            indicators["i." + tid] = Indicator.model_validate(
                {
                    "id": "i." + tid,
                    "label": {"zh": shown},
                    "implements": [tid],
                    "unit": unit,
                    "decimals": 1,
                    "better": better,
                    "noise": noise,
                    "period": "calendar_year",
                    "from": "series",
                    "lead": "office",
                    "comparisons": comparisons,
                    "formula": f"{own}的分子除以分母（演示定义）",
                    "source": source,
                }
            )
        goal = {"id": fid + "-1", "number": "1", "text": "演示主要目标", "targets": targets}
        fields.append(
            PlanField.model_validate(
                {
                    "id": fid,
                    "order": order,
                    "label": {"zh": name},
                    "title": f"（{order}）{name}",
                    "goals": [goal],
                }
            )
        )
    areas = [AreaItem.model_validate({"code": COUNTY, "name": "示例县", "level": "county"})]
    for code, word in zip(TOWNSHIPS, "甲乙丙丁戊己庚辛壬癸", strict=True):
        areas.append(
            AreaItem.model_validate({"code": code, "name": f"{word}乡", "level": "township", "parent": COUNTY})
        )
    references = [
        ReferenceValue.model_validate(
            {"series": f"N_{t}", "area": "CN", "year": y, "value": v, "unit": u, "source": "演示来源"}
        )
        for t, u, values in (
            ("T01", "‰", (4.2, 3.9, 3.5, 3.4, 3.1, 3.1, 2.8)),
            ("T09", "%", (81.7, 83.4, 85.2, 88.1, 89.7, 91.1, 92.0)),
        )
        for y, v in zip(range(2018, 2025), values, strict=True)
    ]
    office = OrganisationItem.model_validate(
        {
            "id": "office",
            "label": {"zh": "示例县妇女儿童工作委员会办公室"},
            "kind": "committee",
            "area": COUNTY,
        }
    )
    bureau = OrganisationItem.model_validate(
        {
            "id": "health_bureau",
            "label": {"zh": "示例县卫生健康局"},
            "short": "县卫健局",
            "kind": "department",
            "area": COUNTY,
        }
    )
    return Pack(
        id="invented",
        title="示例县",
        version="1",
        root=Path(),
        layers=layers,
        plan=PlanHead.model_validate(
            {
                "id": "plan",
                "title": "示例县儿童发展规划",
                "area": COUNTY,
                "start": 2021,
                "end": 2025,
                "source": source,
            }
        ),
        fields=tuple(fields),
        codes={
            "sex": CodeList.model_validate(
                {"id": "sex", "label": {"zh": "性别"}, "items": [{"code": "m", "label": {"zh": "男"}}]}
            )
        },
        areas={a.code: a for a in areas},
        organisations={"office": office, "health_bureau": bureau},
        leads=(Lead.model_validate({"of": "T04", "lead": "health_bureau", "evidence": "proposal"}),),
        indicators=indicators,
        references=tuple(references),
        policy=Policy(),
    )


def _path(indicator: str) -> tuple[float, float, float]:
    """Start and end of the invented trend, and a typical denominator."""
    return {
        "i.T01": (4.4, 2.8, 1500), "i.T02": (6.2, 4.4, 1500), "i.T03": (45.0, 41.5, 9000), "i.T04": (94.0, 96.0, 4000),
        "i.T05": (19.0, 22.5, 9000), "i.T06": (90.0, 91.5, 12000), "i.T07": (16.0, 13.5, 45000),
        "i.T08": (5.0, 2.2, 45000),
        "i.T09": (84.0, 93.0, 6000), "i.T10": (2.1, 4.6, 210000),
    }[indicator]  # fmt: skip


FACTORS = {"‰": 1000, "%": 100, "1/10万": 100_000, "个/千人口": 1000, "": 1}


def invented_values() -> pa.Table:
    """Yearly values 2016–2024 of the county, 2024 of the townships; T11 and T12 have none, one township lacks T04."""
    rng = random.Random(7)
    rows = []

    def row(
        indicator: str, area: str, year: int, rate: float, people: int, factor: int, sex: str | None = None
    ) -> None:
        events = max(0, round(rate * people / factor + rng.gauss(0, (rate * people / factor) ** 0.5 * 0.4)))
        rows.append(
            {
                "indicator": indicator, "area": area, "year": year, "sex": sex, "numerator": float(events),
                "denominator": float(people), "value": events / people * factor, "obs_status": "A",
                "origin": "facts", "definition_version": 1,
            }
        )  # fmt: skip

    for field, tid, _, _, _, unit, *_ in _TARGETS:
        indicator = "i." + tid
        if tid in ("T11", "T12"):
            continue
        start, end, people = _path(indicator)
        for k, year in enumerate(range(2016, 2025)):
            row(
                indicator,
                COUNTY,
                year,
                start + (end - start) * k / 8,
                round(people * (1 - 0.01 * k)),
                FACTORS[unit],
            )
        if tid in ("T03", "T04", "T06", "T09") or field == "nothing":
            for n, code in enumerate(TOWNSHIPS):
                if tid == "T04" and n == 6:
                    continue
                row(
                    indicator,
                    code,
                    YEAR,
                    end * (1 + 0.012 * ((n * 7) % 5 - 2)),
                    people // 12 + 37 * n,
                    FACTORS[unit],
                )
        row(indicator, COUNTY, YEAR, end, people // 2, FACTORS[unit], "m")
    schema = pa.schema(
        [("indicator", pa.string()), ("area", pa.string()), ("year", pa.int16()), ("sex", pa.string()),
            ("numerator", pa.float64()),
         ("denominator", pa.float64()), ("value", pa.float64()), ("obs_status", pa.string()), ("origin", pa.string()),
         ("definition_version", pa.int32())]
    )  # fmt: skip
    return pa.Table.from_pylist(rows, schema)


def invented_findings(values: pa.Table) -> Findings:
    """Findings for all targets but one (T12 was not assessed)."""
    county = {(r["indicator"], r["year"]): r for r in values.to_pylist() if r["area"] == COUNTY and r["sex"] is None}
    findings, limits = [], []
    for _, tid, label, _, _, unit, noise, _, verdict, pace, likelihood in _TARGETS:
        if tid == "T12":
            continue
        numbers: dict[str, FindingNumber] = {}
        indicator, intervals, forecasts = "i." + tid, [], []
        if pace not in ("undetermined",):
            share = {"on_track": 104.0, "behind": 71.2, "far_behind": 32.5, "away": -40.0}[pace]
            numbers["progress"] = FindingNumber(share, 1, "已完成变化的比例", "%")
            numbers["time_share"] = FindingNumber(80.0, 0, "已用时间的比例", "%")
        if likelihood in ("likely", "uncertain", "unlikely"):
            p = {"likely": 0.82, "uncertain": 0.55, "unlikely": 0.12}[likelihood]
            numbers["probability"] = FindingNumber(p, 2, "到期末达标的概率")
            last = county[indicator, YEAR]["value"]
            numbers["forecast_2025"] = FindingNumber(last * 0.98, 1, "预测值", unit)
            forecasts.append(ShownForecast(2025, last * 0.98, last * 0.9, last * 1.06))
        if tid == "T07":
            numbers["bar"] = FindingNumber(county[indicator, 2020]["value"] * 0.8, 1, "按基期值算出的目标值", unit)
        if noise == "poisson":
            for y in range(2016, 2025):
                r = county[indicator, y]
                half = 1.96 * max(r["numerator"], 0.5) ** 0.5 / r["denominator"] * FACTORS[unit]
                intervals.append(Interval(y, max(0.0, r["value"] - half), r["value"] + half))
            numbers["interval_low"] = FindingNumber(intervals[-1].low, 1, "区间下限", unit)
            numbers["interval_high"] = FindingNumber(intervals[-1].high, 1, "区间上限", unit)
            numbers["pooled"] = FindingNumber(
                county[indicator, YEAR]["value"] * 1.05, 1, f"{YEAR - 2}—{YEAR}年合并值", unit
            )
        findings.append(
            TargetAnswers(
                target=tid, indicator=indicator, area=COUNTY, year=YEAR, attainment=verdict, boundary=tid == "T02",
                pooled_years=(YEAR - 2, YEAR) if "pooled" in numbers else None,
                attainment_reason={"T04": "缺庚乡的数据，10 个乡镇中 9 个有数值", "T11": "上级尚未下达"}.get(tid, f"{label}与目标值比较"),
                pace=pace, likelihood=likelihood, grade="B" if "probability" in numbers else "", numbers=numbers,
                intervals=tuple(intervals), forecasts=tuple(forecasts),
                caveats=("逐年增减由少数事件决定，年度升降近于抽签",) if tid == "T08" else (),
            )
        )  # fmt: skip
    for r in values.to_pylist():
        if r["area"] in TOWNSHIPS and r["indicator"] in ("i.T03", "i.T04"):
            half = 9000 / r["denominator"] ** 0.5 / 20
            mean = county[r["indicator"], YEAR]["value"]
            outside = abs(r["value"] - mean) > 0.06 * mean
            limits.append(AreaLimits(r["indicator"], r["area"], YEAR, mean - half, min(100.0, mean + half), outside))
    notices = (
        Notice("w1", "预计难达标", "小学生近视率", "到 2025 年达标的概率为 0.12，低于 0.30", "2016—2024 年 9 个年度值", "近视率一年内下降 3.5 个百分点以上",
            "T03", "i.T03", COUNTY),
        Notice("w2", "小样本波动", "儿童溺水死亡率", "分子仅 1 人，上下变动可由随机性解释", "2016—2024 年人口与死亡登记", "连续三年高于 4 人", "T08", "i.T08",
            COUNTY),
        Notice("w3", "乡镇异常", "适龄儿童免疫规划疫苗接种率", "丙乡 93.1%，低于 99.8% 界限 94.0%", "2024 年接种记录 412 条", "核实后接种率高于 94.0%", "T04",
            "i.T04", TOWNSHIPS[2]),
        Notice("q1", "缺报", "庚乡预防接种年报", "2024 年度报表未报送", "报表接收记录", "补报", quality=True),
        Notice("q2", "合计不平", "学前教育年报", "第 3 行 1 列不等于其下各行之和，差 12", "2024 年学前教育年报", "报送单位更正", quality=True),
    )  # fmt: skip
    return Findings(tuple(findings), tuple(limits), notices)
