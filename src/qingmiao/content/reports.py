"""Report layouts (报告版式) as content: which blocks stand in which order, with which words, under which conditions.

The kinds of blocks are few and belong to the engine (`qingmiao.report.blocks`); this module knows their names, so that
the check refuses an unknown block, place or condition, and every digit in prose, with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from qingmiao.content.base import Content, Id, Label

ATTAINMENT = ("met", "not_met", "undetermined", "pending", "by_superior")
PACE = ("met", "on_track", "behind", "far_behind", "away", "undetermined")
LIKELIHOOD = ("likely", "uncertain", "unlikely", "none", "not_applicable")
OF_A_FIELD = (
    *("all", *ATTAINMENT, "judged", "own", "unmonitored", "boundary"),
    *(f"pace.{code}" for code in PACE),
    *(f"likelihood.{code}" for code in LIKELIHOOD),
)
"""Counts that exist for the whole plan and for each field; within `each: field` they are the field's."""
COUNTS = frozenset((*OF_A_FIELD, "warnings", "warnings.unlikely", "quality", "late", "townships"))
SETTINGS = ("discount", "prior_years", "min_points", "shown_low", "shown_high", "likely", "unlikely", "pace_on_track")
PLACES = frozenset(
    (
        *("plan", "year", "start", "end", "rate", "snapshot", "run", "each", "field"),
        *(f"count.{name}" for name in COUNTS),
        *(f"setting.{name}" for name in (*SETTINGS, "pace_behind")),
        "percent.rate_coverage",
    )
)
"""What may stand in braces in a template."""
DEEPEST = 4
"""Levels of headings (GB/T 9704-2012, 7.3.3)."""
STANDARD = ("annual",)
"""Layouts that the engine brings, so that a pack without any layout has a report."""
CONDITIONS = frozenset(
    (
        *("before_plan", "after_plan", "nothing_yet", "rate_told", "lower_areas", "compared", "demo"),
        *(f"some.{name}" for name in COUNTS),
    )
)
"""What a block or sentence may depend on; `not X` turns one round, several must all hold."""
PLACE = re.compile(r"\{([^{}]*)\}")


def _template(text: str) -> str:
    if re.search(r"\d", text):
        raise ValueError("文字里不能写数字：数字一律用花括号里的引用，例如 {count.met}")
    for place in PLACE.findall(text):
        if place not in PLACES:
            raise ValueError(f"没有「{{{place}}}」这个引用；可用的有 {'、'.join(sorted(PLACES))}")
    if "{" in PLACE.sub("", text) or "}" in PLACE.sub("", text):
        raise ValueError("花括号不成对；花括号只用来写引用")
    return text


def _condition(text: str) -> str:
    if text.removeprefix("not ") not in CONDITIONS:
        raise ValueError(f"没有「{text}」这个条件；可用的有 {'、'.join(sorted(CONDITIONS))}，前面可加 not")
    return text


Template = Annotated[str, Field(min_length=1), AfterValidator(_template)]
"""Prose with references in braces and no digit of its own."""
Condition = Annotated[str, AfterValidator(_condition)]


class Bilingual(Content):
    """A template in Chinese and, where given, in English; both refer to the same numbers. Plain text is Chinese
    alone."""

    zh: Template
    en: Template | Literal[""] = ""

    @model_validator(mode="after")
    def _same_places(self) -> Self:
        zh, en = set(PLACE.findall(self.zh)), set(PLACE.findall(self.en))
        if self.en and zh != en:
            told = "、".join(f"{{{place}}}" for place in sorted(zh ^ en))
            raise ValueError(f"中文和英文里的引用不一样：{told}；两种文字要引用同样的数字")
        return self

    def said(self, language: str) -> str:
        """The template in a language (`zh`, `en`); Chinese where there is no English."""
        return (self.en or self.zh) if language == "en" else self.zh


def _both(given: Any) -> Any:
    return {"zh": given} if isinstance(given, str) else given


Words = Annotated[Bilingual, BeforeValidator(_both, json_schema_input_type=str | Bilingual)]
"""Prose of a layout: text, or `{zh: …, en: …}`."""


class Sentence(Content):
    """A sentence that is said only where all its conditions hold."""

    say: Words
    when: tuple[Condition, ...] = ()


class Where(Content):
    """Which targets a table or text is about: those with any of the answers named; nothing named means all."""

    attainment: tuple[Literal["met", "not_met", "undetermined", "pending", "by_superior"], ...] = ()
    pace: tuple[Literal["met", "on_track", "behind", "far_behind", "away", "undetermined"], ...] = ()
    likelihood: tuple[Literal["likely", "uncertain", "unlikely", "none", "not_applicable"], ...] = ()


TableName = Literal["by_field", "unmonitored", "results", "warnings", "quality", "townships", "definitions"]
COLUMNS: dict[str, tuple[str, ...]] = {
    "results": ("target", "unit", "base", "last", "now", "bar", "attainment", "pace", "likelihood"),
    "unmonitored": ("target", "attainment", "reason", "lead"),
    "warnings": ("kind", "about", "reason", "basis", "change"),
    "quality": ("kind", "about", "finding"),
}
"""Columns that a layout may choose from, in the order of the whole table."""
_KINDS = ("section", "paragraph", "written", "table", "charts", "targets", "townships", "each", "element")


class LayoutBlock(Content):
    """One block: exactly one of section, paragraph, written, table, charts, targets, townships, each, element."""

    section: Words | None = None
    """A heading; its level is its depth, its number is given by its place. `blocks` stand below it."""
    blocks: tuple[LayoutBlock, ...] = ()
    numbered: bool = True
    new_page: bool = False
    paragraph: Words | tuple[Sentence | Words, ...] | None = None
    role: Literal["body", "note", "lead"] = "body"
    written: Words | None = None
    """A section that officials write on the site; says what belongs here until then, and is left out of what is filed
    where nobody wrote it."""
    table: TableName | None = None
    columns: tuple[str, ...] = ()
    notices: Literal["all", "late"] = "all"
    """late: only returns that are late or missing (table quality)."""
    empty: Words | None = None
    """What is said in place of a table without rows."""
    charts: Literal["by_field", "series", "dots"] | None = None
    targets: Literal["told"] | None = None
    """A paragraph for each target: value and verdict, change, chance, pace, likelihood."""
    townships: Literal["told"] | None = None
    """Sentences on the lower areas: who lies outside the limits, who inside, who has no value."""
    each: Literal["field"] | None = None
    """`blocks` once for each field that has targets (or for the one field that the report is about)."""
    element: Literal["legend", "signature", "approval", "numbers", "page_break"] | None = None
    """approval: a page of its own, where who drafted, who reviewed and the head of the county sign by hand."""
    where: Where = Where()
    when: tuple[Condition, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [k for k in _KINDS if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError(f"一块只能是一种：{'、'.join(_KINDS)} 中恰好写一个，现在有 {len(given)} 个")
        if bool(self.blocks) != (given[0] in ("section", "each")):
            raise ValueError("section 和 each 下面要有 blocks，别的块下面不能有")
        known = COLUMNS.get(self.table or "", ())
        for column in self.columns:
            if column not in known:
                raise ValueError(
                    f"表 {self.table} 没有可选的列「{column}」；可选：{'、'.join(known) or '（全部列固定）'}"
                )
        return self


class Layout(Content):
    """A report layout: `{id: brief, label: {zh: 专报}, title: "{plan}…", blocks: […]}`; one file a report."""

    id: Id
    label: Label
    title: Words
    about: Literal["plan", "field"] = "plan"
    """field: the report is about one field, named when it is made."""
    contents: bool = True
    """Whether a front page lists the headings; a report of few pages has none."""
    index_name: Words = Bilingual(zh="附件", en="Annex")
    """What tables call the list of numbers, as its heading does."""
    words: dict[str, str | dict[str, str | list[str]]] = {}
    """Words of the engine's blocks said otherwise, by the keys of the engine's words; no digits, only the known
    places."""
    words_en: dict[str, str | dict[str, str | list[str]]] = {}
    """The same for the report in English."""
    blocks: tuple[LayoutBlock, ...] = ()
    """Empty only where the layout says the standard report of the same id in other words."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.blocks and self.id not in STANDARD:
            raise ValueError(f"没有 blocks；只有标准报告（{'、'.join(STANDARD)}）可以只改词语、不写版式")
        if self.blocks and not any(b.element == "numbers" for b in _all(self.blocks)):
            raise ValueError("没有数字索引；每份报告要有一块 element: numbers，读的人由它查到每个数字的来源")
        if _depth(self.blocks) > DEEPEST:
            raise ValueError("section 最多套四层")
        allowed = {"plan", "year"} | ({"field"} if self.about == "field" else set())
        for place in PLACE.findall(self.title.zh):
            if place not in allowed:
                raise ValueError(f"标题里不能用「{{{place}}}」；可用 {'、'.join(sorted(allowed))}")
        if self.about == "plan":
            _no_field(self.blocks)
        return self


def _all(blocks: tuple[LayoutBlock, ...]) -> Iterator[LayoutBlock]:
    for block in blocks:
        yield block
        yield from _all(block.blocks)


def _depth(blocks: tuple[LayoutBlock, ...]) -> int:
    return max((_depth(b.blocks) + (b.section is not None) for b in blocks), default=0)


def _no_field(blocks: tuple[LayoutBlock, ...]) -> None:
    """Outside `each: field` nothing is the field's."""
    for block in blocks:
        said = block.paragraph if isinstance(block.paragraph, tuple) else (block.paragraph,)
        texts = [block.section, block.empty, *(s.say if isinstance(s, Sentence) else s for s in said)]
        if any(text is not None and "{field}" in text.zh for text in texts):
            raise ValueError("{field} 只能写在 each: field 的下面，或 about: field 的报告里")
        if block.each is None:
            _no_field(block.blocks)
