"""Write docs/reference/standards/growth-*.md from the data files, the norms and the modules' docstrings.

python tools/standards_docs.py            write the pages
python tools/standards_docs.py --check    exit 1 when a page is stale
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

from qingmiao.standards.growth import (
    NORMS,
    Norm,
    birth,
    derive,
    estimates,
    haemoglobin,
    sampling,
    school_age,
    score_child,
    who2006,
    who2007,
    wst423,
)
from qingmiao.standards.growth.reasons import LABELS
from qingmiao.standards.growth.tables import sources

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference" / "standards"

MODULES: Mapping[str, ModuleType] = {
    "who2006": who2006,
    "who2007": who2007,
    "wst423": wst423,
    "wst586": school_age,
    "wst456": school_age,
    "wst612": school_age,
    "wst800": birth,
}
EXAMPLES: Mapping[str, Mapping[str, str | float]] = {
    "who2006": {"sex": "f", "age_days": 400, "weight_kg": 9.0, "lenhei_cm": 75.0, "measure": "l"},
    "who2007": {"sex": "m", "age_months": 100.5, "height_cm": 128.0, "weight_kg": 25.0},
    "wst423": {"sex": "f", "age_months": 25, "weight_kg": 9.3, "lenhei_cm": 84.0, "measure": "h"},
    "wst586": {"sex": "m", "age_months": 79, "height_cm": 120.0, "weight_kg": 25.5},
    "wst456": {"sex": "m", "age_months": 79, "height_cm": 106.0, "weight_kg": 20.0},
    "wst612": {"sex": "f", "age_months": 100, "height_cm": 130.0},
    "wst800": {"sex": "m", "gestation_weeks": 36.9, "birth_weight_g": 2400.0},
}

UNVERIFIED: Mapping[str, str] = {
    "who2006": "没有。公开样本（300 行）与 WHO 的 R 包逐格一致；另按 R 包的公式在 R 4.2.2 里算了 40 万名落在各界限上下的虚构儿童（按日、按月年龄，含皮褶厚度），760 万格全部相同。",
    "who2007": "没有。公开样本（200 行）与 WHO 的 R 包逐格一致；另按 R 包的公式在 R 4.2.2 里算了 20 万名虚构儿童，120 万格全部相同。60 月龄有评分，与公布表从 61 月龄开始不同，"
    "从样本。",
    "wst423": "行间取值（`between`）、末行以后到 84 月龄、23 至 24 月龄之间的换算、体质指数先取一位小数，标准原文未见明文，是我们的设定；表 A.5–A.10、B.5–B.10 只有一份 PDF。",
    "wst586": "18 岁一行用到 19 岁以前，是我们的设定。",
    "wst456": "没有见到官方 PDF；两份转录一致。17.5 岁一行用到 18 岁以前（两份转录的行名不同）。",
    "wst612": "身高先取两位小数再比较、18 岁一行用到 19 岁以前，是我们的设定。",
    "wst800": "只有一份转录，全部数值未核实；小于、大于胎龄按第 10、90 百分位。",
}


PREVALENCE_CHECK = """与 R 4.2.2 的 `survey` 4.1-1（`svymean`、`svyciprop(method = "logit")`、
`svyvar`，`survey.lonely.psu = "adjust"`）逐数比对：
0–5 岁 1,500 名、5–19 岁 1,500 名虚构儿童，五种设计（不加权、加权、整群、分层、加权整群分层，其中一层只有一个群），
全部分组和指标共 27,270 个数，最大相对差 6 × 10⁻⁸（R 用迭代求 logit，只到这个精度）。

读到的 `anthroplus` 源码把 5–19 岁限在 61–228 月龄；其 1.0.0 版说明改为从 60 月龄起，评分样本也是如此，这里从 60 月龄起，首组名为 60-71 mo。"""


def pages() -> dict[str, str]:
    """File name and content of every page."""
    made = {f"growth-{norm.key}.md": _norm_page(norm) for norm in NORMS.values()}
    made["growth-anaemia.md"] = _anaemia_page()
    made["growth-prevalence.md"] = (
        f"# WHO 患病率估计（5 岁以下、5–19 岁）\n\n{_doc(estimates)}\n\n"
        f"## 抽样设计：权重、群、层\n\n{_doc(sampling)}\n\n"
        f"## `{estimates.__name__}.prevalence`\n\n{_doc(estimates.prevalence)}\n\n"
        f"## `{estimates.__name__}.prevalence_who2007`\n\n{_doc(estimates.prevalence_who2007)}\n\n"
        f"## 核对\n\n{PREVALENCE_CHECK}\n"
    )
    made["growth-derived-columns.md"] = _derived_page()
    return made


def _doc(thing: object) -> str:
    text = inspect.getdoc(thing) or ""
    for role in (":data:", ":class:", ":func:", ":mod:"):
        text = text.replace(role, "")
    return text.replace("``", "`")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ("---",) * len(head), *rows)]
    return "\n".join(lines)


def _sources(standard: str) -> str:
    rows = [source for source in sources() if standard in source.standard]
    parts = []
    for source in rows:
        parts.append(
            f"- **{source.title_zh}**（{source.issuer}，{source.year}）：{source.document}  \n"
            f"  文件 `{source.file}`，sha256 `{source.sha256[:16]}…`  \n"
            f"  核对：{source.check}  \n  许可：{source.licence}"
        )
    return "\n".join(parts)


def _norm_page(norm: Norm) -> str:
    example = EXAMPLES[norm.key]
    result = score_child(norm.key, **example)
    call = ", ".join(f"{name}={value!r}" for name, value in example.items())
    answers = [(f"`{name}`", str(value)) for name, value in result.values.items() if value is not None]
    unscored = [(f"`{name}`", f"{reason.name}：{LABELS[reason]}") for name, reason in result.reasons.items() if reason]
    return "\n\n".join(
        [
            f"# {norm.standard} {norm.title_zh}",
            "<!-- 由 tools/standards_docs.py 生成，不要手改。 -->",
            "## 出处与核对",
            _sources(norm.standard),
            "## 怎样计算",
            _doc(MODULES[norm.key]),
            "## 尚未核实",
            UNVERIFIED[norm.key],
            "## 读的列",
            "带 * 的必须有；"
            + "；".join("至少要有其中一列：" + "、".join(f"`{n}`" for n in group) for group in norm.one_of)
            + "。",
            _table(
                ("列", "含义"),
                [(f"`{f.name}`{' *' if f.required else ''}", f.description) for f in norm.fields],
            ),
            "## 写的列",
            _table(("列", "含义"), [(f"`{name}`", meaning) for name, meaning in norm.outputs]),
            "缺评分的原因：" + "、".join(f"`{name}`" for name in norm.reasons) + "（`--reasons`）。",
            _table(("代码", "含义"), [(str(int(reason)), text) for reason, text in LABELS.items()]),
            "## 算例（演示数据）",
            f"```python\nscore_child({norm.key!r}, {call})\n```",
            _table(("结果", "值"), answers),
            *([_table(("没有评分", "原因"), unscored)] if unscored else []),
            f"整份表：`qingmiao score growth --standard {norm.key} IN OUT`\n",
        ]
    )


def _anaemia_page() -> str:
    rows = [
        (name, f"{start:g}–{end:g} 月龄（不含）", f"< {value:g} 克/升")
        for key, name in haemoglobin.NAMES.items()
        for start, end, value in haemoglobin.limits(key)
    ]
    return "\n\n".join(
        [
            "# 贫血（血红蛋白）",
            "<!-- 由 tools/standards_docs.py 生成，不要手改。 -->",
            _doc(haemoglobin),
            _table(("标准", "年龄", "贫血"), rows),
            "## 出处与核对",
            _sources("WHO 2011"),
            "## 海拔（WHO 2011，界值加的克/升）",
            _table(
                ("海拔，米", "加"),
                [
                    ("1000 以下" if start < 0 else f"{start:g} 起", f"{added:g}")
                    for start, added in haemoglobin.altitude_steps()
                ],
            ),
            "尚未核实：三个标准的海拔修正各只见到一处（WHO 2011 的表、WHO 2024 的公式见于公开程序，原文没有打开）；WHO 2024 的轻、中、重度界值没有。",
            f"`anaemia`\n\n{_doc(haemoglobin.anaemia)}\n",
        ]
    )


def _derived_page() -> str:
    rows = [
        (
            f"`{item.name}`",
            item.standard,
            " ".join(f"`{name}`" for name in item.inputs) + "".join(f" （`{name}`）" for name in item.optional),
            " ".join(f"`{name}`" for name in item.outputs),
            item.description,
        )
        for item in derive.DERIVATIONS.values()
    ]
    head = ("名称", "标准", "输入（括号内可缺）", "输出", "说明")
    return f"# 由生长标准派生的列\n\n<!-- 由 tools/standards_docs.py 生成，不要手改。 -->\n\n{_doc(derive)}\n\n{_table(head, rows)}\n"


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    stale = [
        name
        for name, text in pages().items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text("utf-8") != text
    ]
    if "--check" in sys.argv:
        print("\n".join(f"过期：{name}" for name in stale) or "文档与数据一致")
        return 1 if stale else 0
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
