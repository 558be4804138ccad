"""The reference page of the functions of expressions, printed from their tables (docs/reference/functions.md)."""

from __future__ import annotations

from collections.abc import Iterator

from qingmiao.content.expressions import FUNCTIONS, TYPE_WORDS, VARIADIC
from qingmiao.content.norm_function import NormFunction
from qingmiao.content.norms import NORMS


def page() -> str:
    """The whole page as Markdown: the functions of every expression, then those of norms, which only forms may call."""
    lines = [
        "# 式子里的函数",
        "",
        "本页由登记表打印（`python tools/norm_docs.py`），不要手改。式子的写法见 docs/how-to/make-a-form.md；",
        "每个函数的案例在 `tests/spec/expressions/cases.yaml` 和 `norms.yaml`，表单在服务器和浏览器里结果相同。",
        "",
        "## 所有式子都能用的",
        "",
        "| 函数 | 参数 | 结果 |",
        "|---|---|---|",
        *(f"| `{n}` | {_types(given)} | {TYPE_WORDS[gives]} |" for n, (given, gives) in FUNCTIONS.items()),
        *(f"| `{n}` | 一个或几个同类的值 | 与参数同类 |" for n in sorted(VARIADIC - {"add_all"})),
        "",
        "## 按公布的标准计算的，只用于表单",
        "",
        "参数依次写，缺一个结果就是空值（可缺的除外，没有就写 `null`）；年龄不在标准范围内、数值不可信（含世界卫生组织标为",
        "不可信的评分）的也是空值。日龄、月龄由出生日期和检查日期算，满月按历法。浏览器边填边向服务器问，存下的以提交时服务器",
        "算的为准。指标和事实表用派生列（`scored`），统计报表的规则不能用；写了，`qingmiao check` 会说明。导出的 XLSForm、",
        "JSON Schema、FHIR Questionnaire 写明这个值由服务器计算。",
        "",
    ]
    for norm in NORMS.values():
        lines += [*_norm(norm), ""]
    return "\n".join(lines).rstrip() + "\n"


def _types(given: tuple[str, ...]) -> str:
    return "、".join(TYPE_WORDS[t] for t in given)  # type: ignore[index]  # the keys are the same literals


def _norm(norm: NormFunction) -> Iterator[str]:
    yield f"### `{norm.name}` {norm.label}"
    yield ""
    yield f"依据：{norm.source}"
    yield ""
    for one in norm.arguments:
        unit = f"，单位{one.unit}" if one.unit else ""
        known = f"；可用 {'、'.join(one.known())}" if one.known is not None else ""
        missing = "；可缺" if one.may_be_missing else ""
        yield f"- `{one.name}`（{TYPE_WORDS[one.kind]}）{one.words}{unit}{known}{missing}"
    answers = "：" + "、".join(f"`{c}` {w.zh}" for c, w in norm.answers.items()) if norm.answers else ""
    yield f"- 结果：{TYPE_WORDS[norm.gives]}{answers}"
