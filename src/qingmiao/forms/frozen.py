"""A form as it was when it was given to people: kept with everything that it names, so that its answers are shown and
judged by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qingmiao.content.codes import CodeList
from qingmiao.content.facts import Fact
from qingmiao.content.forms import Form
from qingmiao.content.pack import Pack
from qingmiao.forms.ready import Places, ReadyForm, ready_form


def freeze(pack: Pack, form_id: str) -> dict[str, Any]:
    """The form of a pack as JSON, with the fact tables and code lists that it names. Raises KeyError for an unknown
    form."""
    return freeze_form(pack, pack.forms[form_id])


def freeze_form(pack: Pack, form: Form) -> dict[str, Any]:
    """The same for a form that is made from other content (a checklist)."""
    tables = {f.column.partition(".")[0] for f in form.all_fields() if f.column is not None} | {form.fact}
    facts = {t: pack.facts[t] for t in sorted(t for t in tables if t is not None) if t in pack.facts}
    named = {f.codes for f in form.all_fields()} | {c.codes for t in facts.values() for c in t.columns.values()}
    codes = {c: pack.codes[c] for c in sorted(c for c in named if c is not None) if c in pack.codes}
    return {
        "form": _plain(form),
        "facts": {k: _plain(v) for k, v in facts.items()},
        "codes": {k: _plain(v) for k, v in codes.items()},
    }


def thaw(kept: Mapping[str, Any], places: Places) -> ReadyForm:
    """The kept form, ready; `places` are the areas and units of today."""
    facts = {k: Fact.model_validate(v) for k, v in kept["facts"].items()}
    codes = {k: CodeList.model_validate(v) for k, v in kept["codes"].items()}
    return ready_form(Form.model_validate(kept["form"]), facts, codes, places)


def fact_of(kept: Mapping[str, Any]) -> Fact | None:
    """The fact table that the kept form's answers go to; None where they go to none."""
    table = kept["form"].get("fact")
    return Fact.model_validate(kept["facts"][table]) if table is not None else None


def _plain(model: Form | Fact | CodeList) -> dict[str, Any]:
    return model.model_dump(mode="json", exclude_defaults=True, by_alias=True)
