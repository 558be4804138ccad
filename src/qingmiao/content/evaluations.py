"""Schemes of evaluation (`evaluations/`): what the evaluation group scores of a unit, by which methods, on which
sample, with which weights.

A scheme is filled in as a form of its own (`form_of`): points from 0 to 100 an item, why points were taken off, and the
weighted total where the weights are known. Weights without a source are the county's (`local: true`): the scheme ships
without them, and `evaluation_weights` of the policy sets all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id, Label, MisplacedError, Name, Source
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.forms import Form, FormField
from qingmiao.content.pack import Pack
from qingmiao.content.policy import Policy
from qingmiao.kernel.errors import Fault

WHOLE = Decimal(100)
"""What the weights of a scheme add up to, and the most points of an item."""
TOTAL = "total"
WHY = "_why"
Method = Literal["data", "documents", "interview", "visit", "survey"]
METHODS: Mapping[Method, Label] = {
    "data": Label(zh="数据分析", en="analysis of the figures"),
    "documents": Label(zh="查阅资料", en="papers"),
    "interview": Label(zh="访谈", en="interviews"),
    "visit": Label(zh="实地查看", en="visits"),
    "survey": Label(zh="问卷调查", en="questionnaires"),
}
Weight = Annotated[Decimal, Field(gt=0, le=WHOLE)]


class EvaluationItem(Content):
    """One item: what is judged, how, what shows it, of whom or where. `weight` in percent, only with a source."""

    id: Name
    label: Label
    methods: Annotated[tuple[Method, ...], Field(min_length=1)]
    shown_by: Label | None = None
    """What evidence is looked at."""
    sample: Label | None = None
    """Of whom, where and how many, for interviews, visits and questionnaires."""
    weight: Weight | None = None

    @model_validator(mode="after")
    def _free(self) -> Self:
        if self.id == TOTAL or self.id.endswith(WHY):
            raise MisplacedError(f"{TOTAL} 和以 {WHY} 结尾的名字系统自己用，换一个 id", at=("id",))
        return self


class PackageTable(Content):
    """A fact table of the package that an outside evaluator is given: one row a person, the last of the year.

    `person`: the column that tells persons apart (never given out). `by`: what others may know of a person beside the
    township, needed most first; `columns`: everything else (`disclosure.rows.anonymous`).
    """

    fact: Id
    person: Name
    by: tuple[Name, ...] = ()
    columns: Annotated[tuple[Name, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _once(self) -> Self:
        every = [self.person, *self.by, *self.columns]
        if len(set(every)) < len(every):
            raise ValueError("person、by、columns 里一列只写一次")
        return self


class EvaluationScheme(Content):
    """Items in their order. `local`: the weights are the county's, and stand in its policy."""

    id: Id
    version: Annotated[int, Field(ge=1)] = 1
    label: Label
    source: Source
    local: bool = False
    items: Annotated[tuple[EvaluationItem, ...], Field(min_length=1)]
    package: tuple[PackageTable, ...] = ()
    """What a commissioned evaluator is given of persons, made so that nobody can be told."""
    note: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [i.id for i in self.items]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"评估项的 id 重复：{'、'.join(twice)}")
        given = [i.weight for i in self.items if i.weight is not None]
        if self.local and given:
            raise ValueError("本县设置（local: true）的方案不写 weight，权重写在 policy.yaml 的 evaluation_weights 里")
        if not self.local and (len(given) < len(ids) or sum(given) != WHOLE):
            raise ValueError(f"每项都要写 weight，合计等于 {WHOLE}（现在 {sum(given)}）；没有依据的写 local: true")
        return self

    def weights(self, policy: Policy) -> Mapping[str, Decimal]:
        """Item → weight; empty while the county has not set them."""
        if self.local:
            return policy.evaluation_weights.get(self.id, {})
        return {i.id: i.weight for i in self.items if i.weight is not None}


def form_of(scheme: EvaluationScheme, policy: Policy) -> Form:
    """The form by which a scheme is scored, under its id and version."""
    return Form(
        id=scheme.id, version=scheme.version, label=scheme.label, purpose="record", source=scheme.source,
        fields=tuple(_fields(scheme, scheme.weights(policy))),
    )  # fmt: skip


def _fields(scheme: EvaluationScheme, weights: Mapping[str, Decimal]) -> Iterator[FormField]:
    for item in scheme.items:
        yield FormField(
            id=item.id, label=item.label, type="number", min=0, max=float(WHOLE), unit="分",
            help=_help(item, weights.get(item.id)),
        )  # fmt: skip
        why = Label(zh=f"{item.label.zh}：扣分理由", en=f"{item.label.en}: why points are off" if item.label.en else "")
        yield FormField(id=f"{item.id}{WHY}", label=why, type="long_text", show_if=f"{item.id} < {WHOLE}")
    if weights:
        sums = " + ".join(f"{i.id} * {weights[i.id]:f}" for i in scheme.items)
        yield FormField(
            id=TOTAL, label=Label(zh="加权总分", en="Weighted total"), type="computed", compute=f"({sums}) / {WHOLE}",
            decimals=1, unit="分",
        )  # fmt: skip


def _help(item: EvaluationItem, weight: Decimal | None) -> Label:
    zh = [f"方法：{'、'.join(METHODS[m].zh for m in item.methods)}"]
    en = [f"Methods: {', '.join(METHODS[m].en for m in item.methods)}"]
    for said, (head, head_en) in ((item.shown_by, ("依据材料", "shown by")), (item.sample, ("样本", "sample"))):
        if said is not None:
            zh.append(f"{head}：{said.zh}")
            en.append(f"{head_en}: {said.en or said.zh}")
    zh.append(f"权重 {weight:f}%" if weight is not None else "权重由本县设置，还没有设置，不计总分")
    en.append(f"weight {weight:f}%" if weight is not None else "weight not set by the county yet, so no total")
    return Label(zh="；".join(zh), en="; ".join(en))


def check_evaluations(pack: Pack) -> Iterator[Fault]:
    """The policy sets the weights of schemes that leave them to the county: of all items, adding up to 100. What an
    outside evaluator is given names columns that there are, and none by which a person is known."""
    schemes = pack.entries("evaluations", EvaluationScheme)
    for scheme in schemes.values():
        for n, one in enumerate(scheme.package):
            for message, hint in _not_given(pack, one):
                yield fault_at(pack, "evaluations", scheme.id, "wrong_value", message, hint, at=("package", n))
    place = pack.place("policy", "policy")
    for id_, weights in pack.policy.evaluation_weights.items() if not pack.lent else ():
        for message, hint in _wrong(schemes, id_, weights):
            line = place.at("evaluation_weights", id_)
            yield Fault(place.file, line, "wrong_value", message, place=id_, hint=hint)


def _not_given(pack: Pack, one: PackageTable) -> Iterator[tuple[str, str]]:
    """(what of a table of the package cannot be, what to do)."""
    fact = pack.facts.get(one.fact)
    if fact is None:
        if unknown(pack, pack.facts, one.fact):
            yield f"数据包提到没有的事实表「{one.fact}」", near(one.fact, pack.facts)
        return
    if one.person not in fact.columns:
        yield f"事实表「{one.fact}」没有 person 所写的列「{one.person}」", near(one.person, fact.columns)
    for name in (*one.by, *one.columns):
        column, derived = fact.columns.get(name), fact.derived.get(name)
        if column is None and derived is None:
            yield f"事实表「{one.fact}」没有列「{name}」", near(name, (*fact.columns, *fact.derived))
        elif name in {*fact.key, fact.area} or (column is not None and column.sensitivity == "核心"):
            yield f"列「{name}」能认出人或者地点，不能给外部", "去掉这一列；地区由系统给到乡镇"
        elif column is not None and column.type not in ("code", "boolean", "integer"):
            why = f"列「{name}」是{column.type}，照原样给出能认出人"
            yield why, "换成分组的派生列（bands 或 expr）"


def _wrong(
    schemes: Mapping[str, EvaluationScheme], id_: str, weights: Mapping[str, Decimal]
) -> Iterator[tuple[str, str]]:
    scheme = schemes.get(id_)
    if scheme is None:
        yield f"policy.yaml 的 evaluation_weights 提到没有的评估方案「{id_}」", near(id_, schemes)
        return
    if not scheme.local:
        yield f"评估方案「{id_}」的权重有依据，不由本县设置", "去掉这一项"
        return
    items = {i.id for i in scheme.items}
    if odd := sorted(set(weights) ^ items):
        yield f"评估方案「{id_}」的权重与评估项对不上：{'、'.join(odd)}", "每个评估项写一个权重，不多不少"
    elif sum(weights.values()) != WHOLE:
        yield f"评估方案「{id_}」的权重合计 {sum(weights.values())}，应等于 {WHOLE}", "改到合计等于 100"
