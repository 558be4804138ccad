"""Numbers quoted in the text of a document: written as {指标@年份}, looked up in the newest run, kept with the document.

What the run does not know is refused, and so is a number typed by hand without its source: whoever is answered can ask
for each number where it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qingmiao.assess.subject_rows import shown_unit
from qingmiao.content.faults import near
from qingmiao.content.indicators import Indicator
from qingmiao.kernel.areas import lies_in
from qingmiao.kernel.errors import UserError
from qingmiao.report.written import has_source
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.monitoring.api import LoadedRun

_TOKEN = re.compile(r"\{(?P<name>[^{}@＠]+)[@＠](?P<year>\d{4})(?:[@＠](?P<area>[^{}@＠]+))?\}")
_CALENDAR = re.compile(
    r"[〔\[（(]\d{4}[〕\]）)]\s*\d+\s*号|第\s*\d+|\d{4}\s*[—–\-至]\s*\d{4}\s*年|\d{4}年|\d{1,2}月|\d{1,2}日"
)
"""Digits that are no figures: years, days, numbers of documents and paragraphs."""
_DIGIT = re.compile(r"[\d０-９]+(?:[.．,，]\d+)*")
TOLD = 3


@dataclass(frozen=True)
class QuotedNumber:
    """A number as it was quoted: `token` as the text has it, the value and unit as published, out of `run`."""

    token: str
    indicator: str
    label: str
    label_en: str
    area: str
    area_name: str
    year: int
    value: str
    unit: str
    run: int


@dataclass(frozen=True)
class QuotedPart:
    """A piece of a text: plain words, or a number; `now`: what the newest run has where that is another value."""

    text: str
    number: QuotedNumber | None = None
    now: str = ""


def quoted(text: str) -> tuple[QuotedNumber, ...]:
    """Every number that a text quotes, once each. UserError names all that cannot be looked up, and lines with a number
    that was typed without its source."""
    wrong = list(_typed(text))
    tokens = list(dict.fromkeys(m.group(0) for m in _TOKEN.finditer(text)))
    state = monitoring.current() if tokens else None
    if tokens and state is None:
        raise UserError("还没有计算过指标，不能引用数字")
    found = []
    for token in tokens:
        match = _TOKEN.fullmatch(token)
        assert match is not None  # as it was found
        assert state is not None
        try:
            found.append(_resolved(state, token, **match.groupdict()))
        except UserError as e:
            wrong.append(str(e))
    if wrong:
        more = f"；等 {len(wrong)} 处" if len(wrong) > TOLD else ""
        raise UserError(f"{'；'.join(wrong[:TOLD])}{more}")
    return tuple(found)


def told(text: str, numbers: tuple[QuotedNumber, ...]) -> tuple[QuotedPart, ...]:
    """A text in pieces: its words, and the numbers as they were when it was written."""
    known, state = {n.token: n for n in numbers}, monitoring.current() if numbers else None
    out, at = [], 0
    for match in _TOKEN.finditer(text):
        number = known.get(match.group(0))
        if number is None:
            continue
        out.append(QuotedPart(text[at : match.start()]))
        now = state.text(number.indicator, number.area, number.year) if state is not None else ""
        out.append(QuotedPart(f"{number.value}{number.unit}", number, now if now and now != number.value else ""))
        at = match.end()
    return (*out, QuotedPart(text[at:]))


def _resolved(state: LoadedRun, token: str, *, name: str, year: str, area: str | None) -> QuotedNumber:
    indicator, place = _indicator(state, name.strip()), _area(state, (area or "").strip())
    value = state.text(indicator.id, place, int(year))
    if not value:
        why = state.series(indicator.id, place).at(int(year)).why_missing
        raise UserError(f"{token}：{year} 年没有这个数" + (f"（{why}）" if why else ""))
    label, areas = indicator.label, state.pack.areas
    return QuotedNumber(
        token, indicator.id, label.zh, label.en, place, areas[place].name if place in areas else "", int(year), value,
        shown_unit(indicator.unit), state.run.number,
    )  # fmt: skip


def _indicator(state: LoadedRun, name: str) -> Indicator:
    """By its id or its whole Chinese name."""
    every = state.pack.indicators
    if name in every:
        return every[name]
    found = [i for i in every.values() if i.label.zh == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"“{name}”：同名的指标有 {len(found)} 个，请写编号：{'、'.join(i.id for i in found)}")
    hint = near(name, [*every, *(i.label.zh for i in every.values())])
    raise UserError(f"“{name}”：没有这个指标" + (f"；{hint}" if hint else ""))


def _area(state: LoadedRun, name: str) -> str:
    """By its code or its name; the plan's own where none is given."""
    if not name:
        return state.root
    inside = {c: a.name for c, a in state.pack.areas.items() if lies_in(c, state.root)}
    found = [c for c, own in inside.items() if name in (c, own)]
    if len(found) != 1:
        raise UserError(f"“{name}”：没有这个地区，或者同名的不止一个；写地区的全名或代码")
    return found[0]


def _typed(text: str) -> Iterator[str]:
    for line in text.splitlines():
        rest = _CALENDAR.sub("", _TOKEN.sub("", line))
        if not has_source(line) and (digits := _DIGIT.findall(rest)):
            yield (
                f"“{line.strip()[:24]}”里的 {'、'.join(digits[:TOLD])} 是手写的数字：改写成引用，例如 {{婴儿死亡率@2025}}，"
                "或者在这一行末尾写明（来源：文件或单位）"
            )
        if "{" in _TOKEN.sub("", line) or "}" in _TOKEN.sub("", line):
            yield f"“{line.strip()[:24]}”里的花括号不是引用；引用写成 {{指标名称或编号@年份}}，乡镇的再加 @乡镇名称"
