"""The checklist of a visit as it was when the visit was planned: what was answered is shown and judged by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from qingmiao.content.checklist_forms import form_of
from qingmiao.content.checklists import Checklist
from qingmiao.content.pack import Pack
from qingmiao.forms import Filled, ReadyForm, fill
from qingmiao.forms.frozen import freeze_form, thaw
from qingmiao.forms.ready import places
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.inspections.models import Inspection


def freeze(pack: Pack, checklist: Checklist) -> dict[str, Any]:
    """The checklist and the form made from it, as JSON."""
    said = checklist.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    return {"checklist": said, **freeze_form(pack, form_of(checklist))}


def checklist_of(inspection: Inspection) -> Checklist:
    """The checklist that a visit goes by."""
    return Checklist.model_validate(inspection.frozen["checklist"])


def ready_of(inspection: Inspection) -> ReadyForm:
    """Its form, ready to be filled in."""
    return thaw(inspection.frozen, places(site_pack.pack()))


def filled_of(inspection: Inspection, answers: Mapping[str, Any] | None = None, *, on: date | None = None) -> Filled:
    """The answers kept (or given), judged as of a day: the one on which they were filled in, else of the visit."""
    day = on or inspection.filled_date or inspection.planned_date
    return fill(ready_of(inspection), inspection.answers if answers is None else answers, on=day)
