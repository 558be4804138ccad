"""Rules over forms: columns and codes exist, expressions fit and read only what stands above them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from qingmiao.content.expressions import (
    TYPE_WORDS,
    ExpressionError,
    Type,
    check_types,
    columns_of,
    parse,
)
from qingmiao.content.faults import circle, fault_at, near, unknown
from qingmiao.content.form_codes import known_codes
from qingmiao.content.form_fields import EXPRESSION_TYPES, FITTING, column_of, expression_type, own_columns, resolved
from qingmiao.content.forms import FILLED_ON, LEVELS, NUMBERS, Form, FormCheck, FormField, Publishes
from qingmiao.content.kept_out import asks_heredity
from qingmiao.content.pack import Pack
from qingmiao.content.person_words import PERSON
from qingmiao.content.roles import all_roles
from qingmiao.kernel.errors import Fault

Path = tuple[str | int, ...]
PERSONAL = ("person", "child", "photo", "signature", "place")
"""Types of fields whose answers are personal data."""


def check_forms(pack: Pack) -> Iterator[Fault]:
    """Every form's fields, columns, codes and expressions."""
    for form in pack.forms.values():
        yield from check_form(pack, form)


def check_form(pack: Pack, form: Form, known: Mapping[str, Type] = MappingProxyType({})) -> Iterator[Fault]:
    """What is wrong with one form. `known`: what its expressions may read beside its own fields."""
    yield from _FormChecker(pack, form, {FILLED_ON: "date", **known}).faults()


@dataclass
class _FormChecker:
    """One walk from top to bottom; `seen` and `fields` grow with it."""

    pack: Pack
    form: Form
    seen: dict[str, Type] = field(default_factory=lambda: {FILLED_ON: "date"})
    fields: dict[str, FormField] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    """Fields whose type cannot be known here (their column or table has a fault of its own)."""

    def faults(self) -> Iterator[Fault]:
        for n, one in enumerate(self.form.fields):
            yield from self._field(one, ("fields", n))
            for inner in (one, *one.fields):
                if asks_heredity(inner.id, resolved(inner, self.pack.facts, self.pack.codes).label):
                    message = f"「{inner.id}」会收集 DNA 数据：除公安机关以外任何组织和个人不得收集，本系统不记"
                    yield self._fault("wrong_value", message, "删去这个字段", ("fields", n), inner.id)
        if self.form.pass_score is not None:
            best = sum(f.score for f in self.form.all_fields())
            if self.form.pass_score > best:
                message = f"及格分 {self.form.pass_score:g} 高于满分 {best:g}"
                yield self._fault("wrong_value", message, "检查 pass_score 和各题的 score", ("pass_score",))
        for n, check in enumerate(self.form.checks):
            yield from self._check(check, ("checks", n))
        known = all_roles(self.pack)
        for n, role in enumerate(self.form.roles if self.pack.roles else ()):
            if role not in known:
                message = f"角色「{role}」不存在"
                yield self._fault("dangling_id", message, near(role, known), ("roles", n), subject=f"roles/{role}")
        yield from self._open()
        if self.form.publishes is not None:
            yield from self._publishes(self.form.publishes)

    def _open(self) -> Iterator[Fault]:
        """A form that anybody answers asks for no personal data, unless it says why."""
        if not self.form.open or self.form.personal:
            return
        for one in self.form.all_fields():
            whole = resolved(one, self.pack.facts, self.pack.codes)
            if whole.type in PERSONAL or (whole.sensitivity or LEVELS[0]) in LEVELS[2:]:
                message = f"不登录就能填的表单（open: true）里，「{one.id}」会问到个人信息"
                yield self._fault(
                    "wrong_value", message, "删去这个字段，或在表单写 personal（为什么、依据什么）", ("open",), one.id
                )

    def _publishes(self, publishes: Publishes) -> Iterator[Fault]:
        """Every required column of the table is filled once, by a column that can hold it."""
        fact = self.pack.facts.get(self.form.fact or "")
        if fact is None:
            if self.form.fact is None:
                yield self._fault("wrong_value", "写了 publishes 就要写 fact（事实表）", "加 fact", ("publishes",))
            return
        for key, wanted in (("score", "number"), ("passed", "boolean"), ("weight", "number")):
            name = getattr(publishes, key)
            column = fact.columns.get(name) if name is not None else None
            if name is not None and (column is None or column.type != wanted):
                message = f"publishes.{key}：事实表 {fact.id} 没有类型是 {wanted} 的列「{name}」"
                yield self._fault("unknown_column", message, near(name, fact.columns), ("publishes", key))
        for name, value in publishes.constants.items():
            column, at = fact.columns.get(name), ("publishes", "constants", name)
            if column is None:
                message = f"事实表 {fact.id} 没有列「{name}」"
                yield self._fault("unknown_column", message, near(name, fact.columns), at)
            elif column.codes in self.pack.codes and value not in self.pack.codes[column.codes].codes:
                message = f"列「{name}」的代码表 {column.codes} 没有「{value}」"
                yield self._fault("dangling_id", message, near(value, self.pack.codes[column.codes].codes), at)
        own = [c.partition(".")[2] for f in self.form.all_fields() if (c := f.column or "").startswith(f"{fact.id}.")]
        whole = [*own, *publishes.columns, *own_columns(fact)]
        for name in sorted({n for n in whole if whole.count(n) > 1}):
            yield self._fault("wrong_value", f"列「{name}」填了两次", "只留一处", ("publishes",))
        for name, column in fact.columns.items():
            if column.required and name not in whole:
                message = f"事实表 {fact.id} 的必填列「{name}」没有东西来填"
                yield self._fault("missing_value", message, "加一个写 column 的字段，或写进 publishes", ("publishes",))

    def _field(self, given: FormField, at: Path) -> Iterator[Fault]:
        whole = resolved(given, self.pack.facts, self.pack.codes)
        yield from self._column(given, whole, at)
        yield from self._codes(given, whole, at)
        yield from self._given(given, whole, at)
        for key in ("show_if", "required_if"):
            text = getattr(given, key)
            if text is not None:
                yield from self._expression(text, "boolean", (*at, key), given.id)
        if given.fields:
            yield from self._group(whole, given, at)
            return
        kind = expression_type(whole)
        if given.compute is not None:
            kind = None
            yield from self._expression(given.compute, None, (*at, "compute"), given.id)
            try:
                kind = check_types(parse(given.compute), self.seen, norms=True)
            except ExpressionError:
                self.away.add(given.id)
            column = column_of(given, self.pack.facts)
            if kind is not None and column is not None and EXPRESSION_TYPES[column.type] not in (kind, "null"):
                words = TYPE_WORDS[EXPRESSION_TYPES[column.type]]
                message = f"compute 的结果是{TYPE_WORDS[kind]}，列「{given.column}」是{words}"
                yield self._fault("wrong_type", message, "改 compute 或 column", (*at, "compute"), given.id)
            if given.decimals is not None and kind not in ("number", None):
                message = "decimals 只用于结果是数的计算值"
                yield self._fault("wrong_type", message, "删去 decimals", (*at, "decimals"), given.id)
        if kind is not None:
            self.seen[given.id] = kind
            self.fields[given.id] = whole
        elif whole.type not in ("note", None):
            self.away.add(given.id)
        for n, check in enumerate(given.every_check):
            where = ("checks", n) if n < len(given.checks) else ("usual",)
            yield from self._check(check, (*at, *where), given.id)

    def _given(self, given: FormField, whole: FormField, at: Path) -> Iterator[Fault]:
        """What the house fills in is a word that it knows, of the field's type."""
        if given.given is None:
            return
        kind, wanted = expression_type(whole), PERSON.get(given.given)
        if wanted is None:
            message = f"given 里的「{given.given}」不是系统知道的"
            yield self._fault("dangling_id", message, near(given.given, PERSON), (*at, "given"), given.id)
        elif kind not in (wanted, None):
            message = f"given 的「{given.given}」是{TYPE_WORDS[wanted]}，字段是{TYPE_WORDS[kind]}"
            yield self._fault("wrong_type", message, "改 type", (*at, "given"), given.id)

    def _group(self, whole: FormField, given: FormField, at: Path) -> Iterator[Fault]:
        outside = (dict(self.seen), dict(self.fields)) if given.repeat else None
        for n, inner in enumerate(given.fields):
            yield from self._field(inner, (*at, "fields", n))
        if outside is not None:  # what stands in a repeated row is read in that row only
            self.seen, self.fields = outside
            self.seen[given.id] = "list"
            self.fields[given.id] = whole

    def _column(self, given: FormField, whole: FormField, at: Path) -> Iterator[Fault]:
        if given.column is None:
            return
        table, _, name = given.column.partition(".")
        at = (*at, "column")
        if table not in self.pack.facts:
            if unknown(self.pack, self.pack.facts, table):
                hint = near(table, self.pack.facts)
                yield self._fault("dangling_id", f"事实表「{table}」不存在", hint, at, given.id, f"facts/{table}")
            return
        column = self.pack.facts[table].columns.get(name)
        if column is None:
            message = f"事实表 {table} 没有列「{name}」"
            yield self._fault("unknown_column", message, near(name, self.pack.facts[table].columns), at, given.id)
            return
        if whole.type not in FITTING[column.type]:
            message = f"列「{given.column}」是 {column.type}，字段不能是 {whole.type}"
            yield self._fault("wrong_type", message, "可用：" + "、".join(FITTING[column.type]), at, given.id)
        if given.codes is not None and given.codes != column.codes:
            message = f"codes「{given.codes}」与列「{given.column}」的代码表「{column.codes}」不同"
            yield self._fault("wrong_value", message, "删去 codes；要少几项写 only", at, given.id)
        if given.multiple:
            message = f"列「{given.column}」只能存一个代码，字段不能多选"
            yield self._fault("wrong_type", message, "删去 multiple", at, given.id)
        may_be_empty = "required: false" if given.required is False else "required_if" if given.required_if else ""
        if column.required and may_be_empty:
            message = f"列「{given.column}」必填，字段不能写 {may_be_empty}"
            yield self._fault("wrong_value", message, f"删去 {may_be_empty}", at, given.id)
        if given.sensitivity is not None and LEVELS.index(given.sensitivity) < LEVELS.index(column.sensitivity):
            message = f"密级「{given.sensitivity}」低于列「{given.column}」的「{column.sensitivity}」"
            yield self._fault("wrong_value", message, "删去 sensitivity，或写得更高", at, given.id)
        coded = [k for k in ("codes", "only", "correct") if getattr(given, k)]
        ranged = [k for k in ("min", "max") if getattr(given, k) is not None]
        stray = (coded if column.type != "code" else []) + (ranged if column.type not in NUMBERS else [])
        if stray:
            message = f"列「{given.column}」是 {column.type}，字段不写 {'、'.join(stray)}"
            yield self._fault("wrong_type", message, "删去它", at, given.id)
            return
        if given.min is not None and column.min is not None and given.min < column.min:
            yield self._fault("wrong_value", f"min 小于列允许的 {column.min:g}", "改 min", at, given.id)
        if given.max is not None and column.max is not None and given.max > column.max:
            yield self._fault("wrong_value", f"max 大于列允许的 {column.max:g}", "改 max", at, given.id)

    def _codes(self, given: FormField, whole: FormField, at: Path) -> Iterator[Fault]:
        if given.codes is not None and unknown(self.pack, self.pack.codes, given.codes):
            message, hint = f"代码表「{given.codes}」不存在", near(given.codes, self.pack.codes)
            yield self._fault("dangling_id", message, hint, (*at, "codes"), given.id, f"codes/{given.codes}")
        listed = self.pack.codes.get(whole.codes) if whole.codes is not None else None
        known = listed.codes if listed is not None else tuple(o.code for o in whole.options)
        if not known:
            return
        for key, of in (("only", known), ("correct", tuple(o.code for o in whole.options))):
            for code in getattr(given, key):
                if code not in of and not (key == "correct" and code not in known and not whole.options):
                    message = f"{key} 里的「{code}」不是它的选项"
                    yield self._fault("dangling_id", message, near(code, of), (*at, key), given.id)

    def _check(self, check: FormCheck, at: Path, of: str = "") -> Iterator[Fault]:
        yield from self._expression(check.check, "boolean", (*at, "check"), of or check.id)

    def _expression(self, text: str, wanted: Type | None, at: Path, of: str) -> Iterator[Fault]:
        try:
            tree = parse(text)
            names = columns_of(tree)
            if self.away & set(names):
                return
            self._only_above(names, of)
            kind = check_types(tree, self.seen, norms=True)
            if wanted is not None and kind not in (wanted, "null"):
                raise ExpressionError(f"「{text}」的结果是{TYPE_WORDS[kind]}，应为{TYPE_WORDS[wanted]}")
            known_codes(tree, self.fields)
        except ExpressionError as e:
            yield self._fault("expression", e.message, e.hint, at, of)

    def _only_above(self, names: tuple[str, ...], of: str) -> None:
        """One pass fills a form, so an expression reads what stands above; a circle is named as one."""
        every = {f.id: f for f in self.form.all_fields()}
        for name in names:
            if name in self.seen or name not in every:
                continue
            if ring := circle_of(of, every):
                raise ExpressionError(f"字段成环：{ring}", "改其中一个 compute 或 show_if")
            if name == of:
                raise ExpressionError(f"字段「{of}」的条件不能读它自己", "审核写在 checks")
            repeated = next((g for g in self.form.fields if g.repeat and every[name] in g.fields), None)
            if repeated is not None and repeated.id in self.seen:
                raise ExpressionError(
                    f"「{name}」在重复组「{repeated.id}」里，每行一个值", f"写 how_many({repeated.id})"
                )
            if every[name].type in ("note", "group"):
                raise ExpressionError(f"「{name}」没有值，不能写在表达式里")
            raise ExpressionError(f"「{name}」在「{of}」后面，还没有填", "把它移到前面")

    def _fault(self, code: str, message: str, hint: str, at: Path, of: str = "", subject: str = "") -> Fault:
        fault = fault_at(self.pack, "forms", self.form.id, code, message, hint, at=at, subject=subject)
        place = f"{self.form.id}.{of}" if of else self.form.id
        return Fault(fault.file, fault.line, code, message, place=place, hint=hint, subject=subject)


def reads(one: FormField) -> tuple[str, ...]:
    """The names that a field's condition and computed value read; empty where they cannot be parsed."""
    found: list[str] = []
    for text in (one.show_if, one.required_if, one.compute):
        try:
            found += columns_of(parse(text)) if text is not None else ()
        except ExpressionError:
            continue
    return tuple(dict.fromkeys(found))


def circle_of(start: str, fields: Mapping[str, FormField]) -> str:
    """ "a → b → a" where what `start` reads comes back to it over other fields; empty otherwise."""
    todo = [(start, name) for name in reads(fields[start])] if start in fields else []
    came: dict[str, str | None] = {}
    while todo:
        before, name = todo.pop()
        if name == start and before != start:
            came[start] = before
            return circle(start, came)
        if name in came or name not in fields or name == start:
            continue
        came[name] = before
        todo += [(name, further) for further in reads(fields[name])]
    return ""
