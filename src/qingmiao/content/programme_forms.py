"""The fields of a programme and the form of each step: ordinary forms, so that they are shown and judged as every
other."""

from __future__ import annotations

from collections.abc import Mapping

from qingmiao.content.expressions import ExpressionError, Type, check_types, parse
from qingmiao.content.form_fields import expression_type, resolved
from qingmiao.content.forms import FILLED_ON, Form, FormField
from qingmiao.content.pack import Pack
from qingmiao.content.person_words import dotted_text
from qingmiao.content.programme_parts import CASE_THINGS, CaseBlock, CaseField, FieldGroup, ProgrammeStep
from qingmiao.content.programmes import Programme


def blocks_of(pack: Pack) -> dict[str, CaseBlock]:
    """The shared blocks of fields, by id."""
    return pack.entries("case_blocks", CaseBlock)


def case_fields(programme: Programme, blocks: Mapping[str, CaseBlock]) -> dict[str, CaseField]:
    """Every field of a case by id: those of the blocks that its steps name, then its own; its own win."""
    named = dict.fromkeys(b for s in programme.steps for b in s.blocks)
    found = {f.id: f for b in named if b in blocks for f in blocks[b].fields}
    return found | {f.id: f for f in programme.fields}


def case_groups(programme: Programme, blocks: Mapping[str, CaseBlock]) -> dict[str, FieldGroup]:
    """The restricted groups of fields, by id."""
    named = dict.fromkeys(b for s in programme.steps for b in s.blocks)
    return {i: g for b in named if b in blocks for i, g in blocks[b].groups.items()} | dict(programme.groups)


def step_fields(programme: Programme, blocks: Mapping[str, CaseBlock], step: ProgrammeStep) -> tuple[FormField, ...]:
    """What is filled in with a step, in the order in which the programme has its fields, those of blocks first: what
    it `asks` must be answered, what it `may` can be, a block's fields as the block says."""
    of_blocks = {f.id for b in step.blocks if b in blocks for f in blocks[b].fields}
    every = case_fields(programme, blocks).values()
    return tuple(
        _asked(f, f.id in step.asks) if f.id in step.fields else f
        for f in every
        if f.id in step.fields or f.id in of_blocks
    )


def step_form(programme: Programme, blocks: Mapping[str, CaseBlock], step: ProgrammeStep) -> Form | None:
    """The form of a step; None where nothing is filled in."""
    fields = step_fields(programme, blocks, step)
    if not fields:
        return None
    return Form.model_construct(
        id=f"{programme.id}.{step.do}", version=1, label=step.label, purpose="record", fields=fields, checks=(),
        source=programme.source, population="", sampling="", pass_score=None, fact=None, publishes=None, roles=(),
        open=False, personal="", serves=(), note="",
    )  # fmt: skip


def case_types(pack: Pack, programme: Programme) -> dict[str, Type]:
    """Every name that an expression of a programme may read, with its type."""
    types: dict[str, Type] = {FILLED_ON: "date"}
    for one in case_fields(programme, blocks_of(pack)).values():
        for each in (one, *(one.fields if not one.repeat else ())):
            whole = resolved(each, pack.facts, pack.codes)
            kind = expression_type(whole)
            if whole.compute is not None:
                try:
                    kind = check_types(parse(case_text(whole.compute)), types, norms=True)
                except ExpressionError:
                    continue
            if kind is not None:
                types[each.id] = kind
    types |= {f"count.{name}": "number" for name in programme.counts}
    types |= {f"on.{name}": "date" for name in programme.states}
    types |= {f"mark.{s.mark}": "boolean" for s in programme.steps if s.mark is not None}
    return types | {f"referred.{r.to}": "boolean" for s in programme.steps for r in s.refers}


def case_text(text: str) -> str:
    """An expression of a programme with its dotted words as columns."""
    return dotted_text(text, CASE_THINGS)


def _asked(field: CaseField, must: bool) -> CaseField:
    """A field as a step asks for it."""
    if field.type in ("computed", "note"):
        return field
    if field.type == "group":
        rows = {"min": max(1, int(field.min or 0)) if must else 0} if field.repeat else {}
        return field.model_copy(update=rows)
    if must:
        return field if field.required_if is not None else field.model_copy(update={"required": True})
    return field.model_copy(update={"required": False, "required_if": None})
