"""Write ``metadata.json`` of the fitness, vision, immunisation and child-health data folders, hashes included."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TypeAlias

DATA = Path(__file__).resolve().parent.parent / "src/qingmiao/standards/data"
FACTS = "numbers and rules of a public norm (facts); compiled by hand and by program, text of the document not copied"
OURS = "Qingmiao's own settings, same licence as the code"

Issued: TypeAlias = tuple[str, int | None, str, str]
"""Issuer, year, document, how far it was checked."""

ISSUED: dict[str, dict[str, Issued]] = {
    "fitness": {
        "*": (
            "教育部",
            2014,
            "国家学生体质健康标准（2014年修订），教体艺〔2014〕5号",
            "two independent public implementations agree in every cell both hold; the official annex was not opened",
        ),
        "grade_names.csv": (
            "青苗项目",
            2026,
            "年级的常用写法和教育部上报表的年级编号",
            "names: everyday use; codes: as public sheets write them, the form itself not opened; see column check",
        ),
    },
    "vision": {
        "acuity_conversion.csv": (
            "国家标准",
            None,
            "五分记录 = 5 - logMAR",
            "exact by definition; preferred: ISO 3 series R10; nominal decimals general knowledge",
        ),
        "acuity_referral.csv": (
            "（未见原文）",
            None,
            "国卫办妇幼发〔2021〕11号",
            "one public implementation; line difference unverified",
        ),
        "refraction_referral.csv": (
            "（未见原文）",
            None,
            "国卫办妇幼发〔2021〕11号",
            "one public implementation",
        ),
        "eye_exam_schedule.csv": (
            "国家卫生健康委",
            2021,
            "0～6岁儿童眼保健及视力检查服务规范（试行），国卫办妇幼发〔2021〕11号",
            "a page quoting the document; the annex was not opened",
        ),
        "hyperopia_reserve.csv": (
            "（未见原文）",
            None,
            "儿童青少年裸眼视力和屈光状态评价（2025年标准的数值未见）",
            "one public implementation and general knowledge, unverified",
        ),
        "myopia_rules.csv": (
            "国家卫生健康委",
            2020,
            "WS/T 663-2020",
            "as quoted in a journal article; see column check",
        ),
    },
    "immunisation": {
        "schedule.csv": (
            "国家疾病预防控制局",
            2026,
            "国家免疫规划疫苗儿童免疫程序：国卫办疾控函〔2021〕196号；国疾控卫免发〔2024〕20号；国疾控卫免发〔2026〕16号",
            "several public sources agree; the official text was not opened; see column check",
        ),
        "catch_up.csv": (
            "国家疾病预防控制局",
            2021,
            "国家免疫规划疫苗儿童免疫程序及说明（2021年版）补种原则等",
            "as quoted by public files, some general knowledge; each row says which in column check",
        ),
    },
    "child_health": {
        "visits.csv": (
            "国家卫生健康委",
            2017,
            "国家基本公共卫生服务规范（第三版）",
            "quoted by a public file",
        ),
        "warning_signs.csv": ("国家卫生健康委", 2022, "国卫办妇幼发〔2022〕12号", "quoted by a public file"),
        "newborn_screening.csv": (
            "卫生部",
            2010,
            "新生儿疾病筛查技术规范（2010年版）",
            "secondary pages; see column check",
        ),
        "disability_screening_flow.csv": (
            "中国残联、国家卫生计生委",
            2013,
            "残联厅发〔2013〕8号",
            "secondary pages; see column check",
        ),
    },
}
SETTINGS = {
    "fitness/plausible.csv",
    "vision/plausible.csv",
    "immunisation/editions.csv",
    "immunisation/products.csv",
    "immunisation/combined.csv",
    "immunisation/names.csv",
    "immunisation/health_states.csv",
}


def metadata(subject: str) -> str:
    """The JSON text of one folder's metadata."""
    listed = []
    for path in sorted((DATA / subject).glob("*.csv")):
        if f"{subject}/{path.name}" in SETTINGS:
            entry: Issued = ("青苗项目", 2026, "本项目的设置", "a setting of ours; see column check")
        else:
            known = ISSUED[subject]
            entry = known.get(path.name) or known["*"]
        issuer, year, document, verified = entry
        listed.append(
            {
                "file": path.name,
                "issuer": issuer,
                "year": year,
                "document": document,
                "licence": OURS if f"{subject}/{path.name}" in SETTINGS else FACTS,
                "verified": verified,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
        )
    return json.dumps({"files": listed}, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for folder in ISSUED:
        (DATA / folder / "metadata.json").write_text(metadata(folder), encoding="utf-8")
