"""A form as XLSForm: the sheets survey, choices and settings, for ODK, KoboToolbox and others.

A check that is a query, a check of the whole form and a check of a computed value become notes that show when the check
is false; where the check blocks, the note is required, which no program lets pass. A value of a published norm is
computed by the server once the answers arrive: it is empty here, a note says so, and its checks wait for the server.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from qingmiao.content.base import Label
from qingmiao.content.forms import FILLED_ON
from qingmiao.forms.kinds import KINDS, LONG_TEXT_MAX, TEXT_MAX
from qingmiao.forms.ready import ReadyCheck, ReadyField, ReadyForm
from qingmiao.forms.xpath import TRUE, XPath
from qingmiao.kernel.errors import UserError

Row = dict[str, str]
Sheets = dict[str, list[Row]]
ZH, EN = "中文 (zh)", "English (en)"
YES_NO = "yes_no"
_TEXT_LIMITS = {"text": TEXT_MAX, "long_text": LONG_TEXT_MAX}


def sheets(ready: ReadyForm) -> Sheets:
    """Sheet → rows, each a column → text; English columns only where every label has its English."""
    return _XlsformWriter(ready).sheets()


def workbook(ready: ReadyForm) -> bytes:
    """The .xlsx file. Raises UserError for what XLSForm cannot say."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    for name, rows in sheets(ready).items():
        sheet = book.add_worksheet(name)
        header = list(dict.fromkeys(k for row in rows for k in row))
        for c, key in enumerate(header):
            sheet.write_string(0, c, key)
            for r, row in enumerate(rows, start=1):
                if row.get(key):  # an empty text would be read as the word None
                    sheet.write_string(r, c, row[key])
    book.close()
    return out.getvalue()


@dataclass
class _XlsformWriter:
    ready: ReadyForm
    choices: dict[str, list[Row]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        every = self.ready.every()
        self.taken = {f.id for f in every} | {FILLED_ON}
        self.english = all(label.en for label in self._labels())
        plain = XPath(self.ready.types)
        groups = {f.id: plain.is_true(f.show_if) if f.show_if is not None else TRUE for f in every if f.field.repeat}
        self.times = frozenset(f.id for f in every if f.type == "time")
        self.groups = groups

    def _labels(self) -> Iterator[Label]:
        yield self.ready.form.label
        for one in self.ready.every():
            yield from (x for x in (one.field.label, one.field.help) if x is not None)
            yield from (o.label for o in one.field.options)
            yield from (c.check.message for c in one.checks)
            if one.type in ("area", "organisation") and one.choices:
                yield Label(zh="只有中文")
        yield from (c.check.message for c in self.ready.checks)

    def xpath(self, own: str = "") -> XPath:
        return XPath(self.ready.types, self.times, self.groups, own)

    def sheets(self) -> Sheets:
        form = self.ready.form
        survey: list[Row] = [{"type": "today", "name": FILLED_ON}]
        for one in self.ready.fields:
            survey += self._rows(one)
        for ready in self.ready.checks:
            if not self._served(ready):
                survey.append(self._check_note(ready, None))
        choices = [row for rows in self.choices.values() for row in rows]
        settings = {
            "form_title": form.label.zh, "form_id": form.id, "version": str(form.version), "default_language": ZH,
        }  # fmt: skip
        return {"survey": survey, "choices": choices, "settings": [settings]}

    def _rows(self, one: ReadyField) -> Iterator[Row]:
        row: Row = {"type": self._type(one), "name": one.id} | self._said("label", one.field.label)
        row |= self._said(
            "hint",
            one.field.help or (Label(zh=one.field.unit, en=one.field.unit) if one.field.unit else None),
        )
        if KINDS[one.type].appearance:
            row["appearance"] = KINDS[one.type].appearance
        self._refuse_served(one)
        if one.show_if is not None:
            row["relevant"] = self.xpath().is_true(one.show_if)
        if one.type == "group":
            word = "repeat" if one.field.repeat else "group"
            yield row | {"type": f"begin_{word}"}
            for inner in one.fields:
                yield from self._rows(inner)
            yield {"type": f"end_{word}", "name": one.id}
            if one.field.repeat:
                yield from self._row_limits(one)
            return
        if one.compute is not None:
            row.pop(f"label::{EN}", None)
            served = one.id in self.ready.served
            row["calculation"] = "''" if served else self.xpath().calculation(one.compute, one.field.decimals)
            if served:
                yield self._served_note(one)
        elif one.field.always_required:
            row["required"] = "yes"
        elif one.required_if is not None:
            row["required"] = self.xpath().is_true(one.required_if)
        checks = [c for c in one.checks if not self._served(c)]
        blocking = [c for c in checks if c.check.level == "error" and one.compute is None]
        yield row | self._constraint(one, blocking)
        for ready in checks:
            if ready not in blocking:
                yield self._check_note(ready, one)

    def _served(self, ready: ReadyCheck) -> bool:
        return self.ready.asks_server(ready.tree)

    def _refuse_served(self, one: ReadyField) -> None:
        """A condition on what only the server computes would never hold there."""
        for tree, word in ((one.show_if, "show_if"), (one.required_if, "required_if")):
            if self.ready.asks_server(tree):
                raise UserError(
                    f"XLSForm 写不了「{one.id}」的 {word}：它要用按公布标准计算的值，这个值交到服务器后才有；"
                    "请改用填报的字段作条件，或不导出 XLSForm"
                )

    def _served_note(self, one: ReadyField) -> Row:
        label = Label(zh=f"「{one.field.words}」交到服务器后计算，这里不显示", en=f"{one.id} is computed by the server")
        shown = TRUE if one.show_if is None else self.xpath().is_true(one.show_if)
        return self._note(one.id, label, shown, False)

    def _type(self, one: ReadyField) -> str:
        kind = KINDS[one.type].xlsform
        if kind == f"select_one {YES_NO}":
            yes_no = (("yes", Label(zh="是", en="Yes")), ("no", Label(zh="否", en="No")))
            self.choices[YES_NO] = [self._choice(YES_NO, c, x) for c, x in yes_no]
            return kind
        if kind != "select_one":
            return kind
        if not one.choices:
            return "text"
        name = f"c_{one.id}" if one.type == "code" else f"known_{one.type}"
        labels = {o.code: o.label for o in one.field.options}
        rows = [self._choice(name, c, labels.get(c) or Label(zh=zh)) for c, zh in one.choices.items()]
        self.choices[name] = rows
        return f"select_multiple {name}" if one.field.multiple else f"select_one {name}"

    def _choice(self, name: str, code: str, label: Label) -> Row:
        if any(c.isspace() for c in code):
            raise UserError(f"代码「{code}」里有空格，XLSForm 存不了；请改代码表")
        return {"list_name": name, "name": code} | self._said("label", label)

    def _constraint(self, one: ReadyField, blocking: list[ReadyCheck]) -> Row:
        low, high = one.field.min, one.field.max
        parts, zh, en = [], [], []
        if low is not None and one.compute is None:
            parts.append(f". >= {low:.15g}")
            zh.append(f"不能小于 {low:.15g}{one.field.unit}")
            en.append(f"not below {low:.15g}")
        if high is not None and one.compute is None:
            parts.append(f". <= {high:.15g}")
            zh.append(f"不能大于 {high:.15g}{one.field.unit}")
            en.append(f"not above {high:.15g}")
        if one.type in _TEXT_LIMITS:
            parts.append(f"string-length(.) <= {_TEXT_LIMITS[one.type]}")
            zh.append(f"最多 {_TEXT_LIMITS[one.type]} 个字")
            en.append(f"at most {_TEXT_LIMITS[one.type]} characters")
        for ready in blocking:
            parts.append(f"not({self.xpath(one.id).is_false(ready.tree)})")
            zh.append(ready.check.message.zh)
            en.append(ready.check.message.en)
        if not parts:
            return {}
        message = Label(zh="；".join(zh), en="; ".join(en))
        return {"constraint": " and ".join(parts)} | self._said("constraint_message", message)

    def _check_note(self, ready: ReadyCheck, of: ReadyField | None) -> Row:
        relevant = self.xpath().is_false(ready.tree)
        if of is not None:
            relevant = f"(${{{of.id}}} != '' and {relevant})"
        return self._note(ready.check.id, ready.check.message, relevant, ready.check.level == "error")

    def _row_limits(self, one: ReadyField) -> Iterator[Row]:
        """XLSForm has no least and greatest number of rows; a required note stands for them."""
        count, shown = f"count(${{{one.id}}})", self.groups[one.id]
        for value, sign, zh, en in (
            (one.field.min, "<", "至少", "at least"), (one.field.max, ">", "最多", "at most"),
        ):  # fmt: skip
            if value is not None:
                label = Label(zh=f"「{one.field.words}」{zh} {value:g} 行", en=f"{one.id}: {en} {value:g} rows")
                out = f"{count} {sign} {value:g}"
                yield self._note(one.id, label, out if shown == TRUE else f"({shown} and {out})", True)

    def _note(self, id_: str, label: Label, relevant: str, blocks: bool) -> Row:
        name = f"check_{id_}"
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        row = {"type": "note", "name": name} | self._said("label", label) | {"relevant": relevant}
        return row | ({"required": "yes"} if blocks else {})

    def _said(self, key: str, label: Label | None) -> Row:
        if label is None:
            return {}
        return {f"{key}::{ZH}": label.zh} | ({f"{key}::{EN}": label.en} if self.english else {})
