"""A form made ready: every field with what it inherits, its type's class, and its expressions parsed once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from qingmiao.content.checklist_forms import form_of
from qingmiao.content.checklists import Checklist
from qingmiao.content.codes import CodeList
from qingmiao.content.expressions import Tree, Type, check_types, columns_of, norm_answers, norms_of, parse
from qingmiao.content.facts import Fact
from qingmiao.content.form_fields import expression_type, resolved_form
from qingmiao.content.forms import FILLED_ON, Form, FormCheck, FormField
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import UserError


@dataclass(frozen=True)
class ReadyCheck:
    """One check with its tree."""

    check: FormCheck
    tree: Tree


@dataclass(frozen=True)
class ReadyField:
    """A resolved field. `reads_as`: what expressions see; None for a note and a plain group."""

    field: FormField
    reads_as: Type | None
    show_if: Tree | None = None
    required_if: Tree | None = None
    compute: Tree | None = None
    checks: tuple[ReadyCheck, ...] = ()
    fields: tuple[ReadyField, ...] = ()
    choices: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Code → Chinese label of what may be chosen: the field's codes, the pack's areas or units; empty = anything. Of a
    computed field: the codes that a norm's function gives."""

    @property
    def id(self) -> str:
        """The field's id."""
        return self.field.id

    @property
    def type(self) -> str:
        """The field's type; a computed field's is "computed"."""
        return str(self.field.type)


@dataclass(frozen=True)
class ReadyForm:
    """A form that can be filled and exported."""

    form: Form
    fields: tuple[ReadyField, ...]
    checks: tuple[ReadyCheck, ...]
    types: Mapping[str, Type]
    """Every name that an expression of this form may read → its type."""
    served: frozenset[str] = frozenset()
    """The computed fields that only the server can compute: they call a norm's function, or read one that does."""

    @cached_property
    def single(self) -> Mapping[str, ReadyField]:
        """The fields that are filled in once: all by id but those within repeated groups."""
        return {f.id: f for top in self.fields for f in (top, *(() if top.field.repeat else top.fields))}

    def asks_server(self, tree: Tree | None) -> bool:
        """Whether an expression needs a value that only the server computes."""
        return tree is not None and _asks(tree, self.served)

    def every(self) -> tuple[ReadyField, ...]:
        """Every field from top to bottom, a group before what is in it."""
        return tuple(x for f in self.fields for x in (f, *f.fields))


def prepare(pack: Pack, form_id: str) -> ReadyForm:
    """A form of a checked pack, or that of a checklist, ready.

    Raises UserError for an unknown id and ExpressionError where the pack was not checked.
    """
    checklists = pack.entries("checklists", Checklist)
    if form_id not in pack.forms and form_id not in checklists:
        known = "、".join((*pack.forms, *checklists)) or "这个内容包没有表单"
        raise UserError(f"没有表单「{form_id}」；可用：{known}")
    form = pack.forms.get(form_id) or form_of(checklists[form_id])
    return ready_form(form, pack.facts, pack.codes, places(pack))


Places = Mapping[str, Mapping[str, str]]
"""Field type (area, organisation) → code → Chinese name of what may be chosen."""


def places(pack: Pack) -> Places:
    """The areas and units of a pack."""
    return {
        "area": {a.code: a.name for a in pack.areas.values()},
        "organisation": {o.id: o.label.zh for o in pack.organisations.values()},
    }


def ready_form(
    form: Form,
    facts: Mapping[str, Fact],
    codes: Mapping[str, CodeList],
    of: Places,
    known: Mapping[str, Type] = MappingProxyType({}),
) -> ReadyForm:
    """A checked form ready, with the fact tables and code lists that it names, and the areas and units to choose.

    `known`: what its expressions read beside its own fields, with their types (see `fill`).
    """
    whole = resolved_form(form, facts, codes)
    types: dict[str, Type] = {FILLED_ON: "date", **known}
    fields = tuple(_field(f, types, of) for f in whole.fields)
    served: frozenset[str] = frozenset()
    for one in (x for f in fields for x in (f, *f.fields)):
        if one.compute is not None and _asks(one.compute, served):
            served |= {one.id}
    return ReadyForm(whole, fields, _checks(whole.checks), types, served)


def _asks(tree: Tree, served: frozenset[str]) -> bool:
    return bool(norms_of(tree) or served & set(columns_of(tree)))


def _field(one: FormField, types: dict[str, Type], places: Places) -> ReadyField:
    compute = parse(one.compute) if one.compute is not None else None
    reads_as = check_types(compute, types, norms=True) if compute is not None else expression_type(one)
    inner = tuple(_field(f, types, places) for f in one.fields)
    if reads_as is not None:
        types[one.id] = reads_as
    choices = {o.code: o.label.zh for o in one.options} or places.get(str(one.type), {})
    if compute is not None:
        choices = {code: label.zh for code, label in norm_answers(compute).items()}
    return ReadyField(
        one,
        reads_as,
        show_if=parse(one.show_if) if one.show_if is not None else None,
        required_if=parse(one.required_if) if one.required_if is not None else None,
        compute=compute,
        checks=_checks(one.every_check),
        fields=inner,
        choices=choices,
    )


def _checks(checks: tuple[FormCheck, ...]) -> tuple[ReadyCheck, ...]:
    return tuple(ReadyCheck(c, parse(c.check)) for c in checks)
