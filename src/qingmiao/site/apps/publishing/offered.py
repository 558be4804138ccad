"""Which reports the pack offers, and what each is called on pages."""

from __future__ import annotations

from dataclasses import dataclass

from qingmiao.content.base import Label
from qingmiao.report.languages import CHINESE, LANGUAGES
from qingmiao.report.layouts import ANNUAL, layouts
from qingmiao.site.apps.monitoring import api as monitoring

PRESELECTED, LANGUAGE = ANNUAL, CHINESE
"""What is chosen before anybody chooses."""


@dataclass(frozen=True)
class Choice:
    """Something to choose by its label; `id` is what is sent."""

    id: str
    label: Label


@dataclass(frozen=True)
class OfferedReports:
    """The reports to choose from: `reports` by their label, `of_a_field` those that want a field,
    `fields` the plan's; `languages` those that each can be written in."""

    reports: tuple[Choice, ...]
    of_a_field: tuple[Label, ...]
    fields: tuple[Choice, ...]
    languages: tuple[Choice, ...]


def offered() -> OfferedReports:
    """The reports that a new edition can be: the pack's layouts and the fields of its plan, in the pack's order."""
    pack = monitoring.pack()
    found = layouts(pack)
    return OfferedReports(
        tuple(Choice(id_, layout.label) for id_, layout in found.items()),
        tuple(layout.label for layout in found.values() if layout.about == "field"),
        tuple(Choice(f.id, f.label) for f in pack.fields),
        tuple(Choice(id_, label) for id_, label in LANGUAGES.items()),
    )


def named(layout: str, field: str, language: str = CHINESE) -> Label:
    """What a report is called: its label, the field where it is about one, its language where that is not Chinese.

    What the pack no longer has is called by its id, so that an edition once released is still found.
    """
    pack = monitoring.pack()
    known = layouts(pack).get(layout)
    report = known.label if known else Label(zh=layout)
    more = [next((f.label for f in pack.fields if f.id == field), Label(zh=field))] if field else []
    more += [LANGUAGES.get(language, Label(zh=language))] if language != CHINESE else []
    for about in more:
        report = Label(zh=f"{report.zh}（{about.zh}）", en=f"{report.en or report.zh} ({about.en or about.zh})")
    return report
