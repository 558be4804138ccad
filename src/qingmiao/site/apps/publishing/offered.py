"""Which reports the pack offers, and what each is called on pages."""

from __future__ import annotations

from dataclasses import dataclass

from qingmiao.content.base import Label
from qingmiao.report.layouts import ANNUAL, layouts
from qingmiao.site.apps.monitoring import api as monitoring

PRESELECTED = ANNUAL


@dataclass(frozen=True)
class Choice:
    """Something to choose by its label; `id` is what is sent."""

    id: str
    label: Label


@dataclass(frozen=True)
class OfferedReports:
    """The reports to choose from: `reports` by their label, `of_a_field` those that want a field,
    `fields` the plan's."""

    reports: tuple[Choice, ...]
    of_a_field: tuple[Label, ...]
    fields: tuple[Choice, ...]


def offered() -> OfferedReports:
    """The reports that a new edition can be: the pack's layouts and the fields of its plan, in the pack's order."""
    pack = monitoring.pack()
    found = layouts(pack)
    return OfferedReports(
        tuple(Choice(id_, layout.label) for id_, layout in found.items()),
        tuple(layout.label for layout in found.values() if layout.about == "field"),
        tuple(Choice(f.id, f.label) for f in pack.fields),
    )


def named(layout: str, field: str) -> Label:
    """What a report is called: its label, and the field where it is about one. What the pack no longer has is called by
    its id, so that an edition once released is still found."""
    pack = monitoring.pack()
    known = layouts(pack).get(layout)
    report = known.label if known else Label(zh=layout)
    if not field:
        return report
    about = next((f.label for f in pack.fields if f.id == field), Label(zh=field))
    return Label(zh=f"{report.zh}（{about.zh}）", en=f"{report.en or report.zh} ({about.en or about.zh})")
