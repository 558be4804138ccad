"""Documents as pages show them: a kind's list of a year, one document with what may be done with it, what it
decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from qingmiao.content.clocks import ClockStanding
from qingmiao.content.documents import PROVE, REWRITE, DocumentKind
from qingmiao.flow import State, Step
from qingmiao.forms import ReadyForm
from qingmiao.site.apps.acting import filling, goal_figures, policies
from qingmiao.site.apps.acting.apart import Apart, compared, is_open, open_to
from qingmiao.site.apps.acting.documents import proofs, standings_of
from qingmiao.site.apps.acting.goal_figures import GoalFigures, figures_of
from qingmiao.site.apps.acting.kinds import kind_of, kinds, state_of
from qingmiao.site.apps.acting.models import Activity
from qingmiao.site.apps.acting.permissions import may_office, may_record, may_see, units_to_record
from qingmiao.site.apps.acting.quoting import QuotedPart, told
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.files import api as files
from qingmiao.site.narrowing import EVERYTHING, Narrowed
from qingmiao.site.paging import page_of


@dataclass(frozen=True)
class DocumentRow:
    """One document of a list."""

    number: int
    on_date: date
    title: str
    unit: str
    score: Decimal | None
    state: State
    by: str


@dataclass(frozen=True)
class DocumentList:
    """A page of a kind's documents in a year, newest first. `units`: (id, label) of whose a new one may be."""

    rows: tuple[DocumentRow, ...]
    following: str
    units: tuple[tuple[str, str], ...]
    may_record: bool
    figures: GoalFigures | None = None
    """Of the one unit for which this person may record, where the kind keeps figures."""


@dataclass(frozen=True)
class DocumentShown:
    """One document as its page shows it to a person, and what the person may do with it now.

    `form`: the one that it was recorded by (None: there was none), filled with `answers`. `steps`: buttons, beside
    rewriting it and adding a file.
    """

    number: int
    kind: DocumentKind
    year: int
    on_date: date
    unit: str
    title: str
    text: str
    score: Decimal | None
    opinion: str
    decided: tuple[str, ...]
    state: State
    version: int
    made_by: str
    made_at: datetime
    signed_by: str
    signed_at: datetime | None
    reviewed_by: str
    lines: tuple[tuple[str, str], ...]
    form: ReadyForm | None
    answers: Mapping[str, Any]
    explanations: Mapping[str, str]
    filled_on: date | None
    proofs: tuple[files.KeptProof, ...]
    deadlines: tuple[ClockStanding, ...]
    steps: tuple[Step, ...]
    may_rewrite: bool
    may_prove: bool
    may_task: bool
    figures: GoalFigures | None
    told: tuple[QuotedPart, ...]
    """Its text with the numbers that it quotes; the text alone where its kind quotes none."""
    apart: Apart | None
    """What others scored of the same unit and year, beside this one."""


@dataclass(frozen=True)
class DocumentDecisions:
    """What a task may be made of: a document's title, its unit and what it decided."""

    number: int
    title: str
    unit_id: str
    decided: tuple[str, ...]


@dataclass(frozen=True)
class FoundDocument:
    """A document that was looked for: its kind by id and in words, and what its line says."""

    number: int
    kind: str
    kind_label: str
    title: str
    unit: str
    on_date: date


TEXTS = ("title", "text", "decisions", "unit__label", "unit__short", "made_by__name")
"""Where the words of a document are looked for."""


def find_documents(
    reach: Reach, *, narrowed: Narrowed, after: str = "", size: int = 30
) -> tuple[list[FoundDocument], str]:
    """The documents of every kind in a person's reach that fit, the latest day first, and the mark of the next page.
    Raises ValueError for an `after` that no page has given.
    """
    known = kinds()
    found = Activity.objects.filter(open_to(reach), unit__in=reach.unit_ids, kind__in=list(known)).select_related(
        "unit"
    )
    rows, following = page_of(narrowed.rows(found, texts=TEXTS), "on_date", after=after, size=size, newest_first=True)
    return [
        FoundDocument(a.pk, a.kind, known[a.kind].label.zh, a.title, a.unit.short or a.unit.label, a.on_date)
        for a in rows
    ], following


def listed(
    reach: Reach, kind: DocumentKind, year: int, *, after: str, size: int, narrowed: Narrowed = EVERYTHING
) -> DocumentList:
    """The documents of a kind in a year that the person sees (narrowed). Raises ValueError for a mark that no page has
    given.
    """
    found = Activity.objects.filter(open_to(reach), kind=kind.id, year=year, unit__in=reach.unit_ids)
    found = narrowed.rows(found, texts=TEXTS)
    rows, following = page_of(
        found.select_related("unit", "made_by"), "on_date", after=after, size=size, newest_first=True
    )
    units = Organisation.objects.filter(pk__in=units_to_record(reach, kind), is_active=True).order_by("path")
    return DocumentList(
        tuple(DocumentRow(a.pk, a.on_date, a.title, a.unit.short, a.score, state_of(a), a.made_by.name) for a in rows),
        following,
        tuple((u.pk, u.label) for u in units),
        bool(may_record(reach, kind)),
        figures_of(units[0].pk, year) if kind.figures == "goals" and len(units) == 1 else None,
    )


def shown(reach: Reach, kind: str, number: int) -> DocumentShown | None:
    """One document of a kind; None where there is none that the person sees."""
    found = Activity.objects.select_related("unit", "made_by", "signed_by", "reviewed_by")
    a = found.filter(pk=number, kind=kind).first()
    if a is None or not may_see(reach, a.unit_id) or not is_open(reach, a):
        return None
    steps, figures = access.steps(reach, a), goal_figures.read(a.figures)
    names = {s.name for s in steps}
    return DocumentShown(
        a.pk, kind_of(kind), a.year, a.on_date, a.unit.short or a.unit.label, a.title, a.text, a.score, a.opinion,
        a.decided, state_of(a), a.version, a.made_by.name, a.made_at, _name(a.signed_by), a.signed_at,
        _name(a.reviewed_by), tuple(filling.lines_of(a)), filling.ready_of(a), a.answers, a.explanations,
        a.filled_date, proofs(a),
        standings_of(a), tuple(s for s in steps if s.name not in (REWRITE, PROVE)), REWRITE in names,
        PROVE in names and bool(policies.can_prove_activity(a)), bool(may_office(reach, over=a.unit)),
        figures if kind_of(kind).package is None else None,
        told(a.text, figures.quoted if figures is not None else ()), compared(a) if kind_of(kind).apart else None,
    )  # fmt: skip


def decisions_of(reach: Reach, number: int) -> DocumentDecisions | None:
    """What a document that the person sees decided; None where there is none."""
    a = Activity.objects.filter(open_to(reach), pk=number, unit__in=reach.unit_ids).first()
    return DocumentDecisions(a.pk, a.title, str(a.unit_id), a.decided) if a is not None else None


def differs(document: DocumentShown, answers: Mapping[str, Any]) -> bool:
    """Whether what is typed says something else than what the document's form holds."""
    if document.form is None or document.filled_on is None:
        return False
    return filling.differ(document.form, answers, document.answers, document.filled_on)


def _name(person: Person | None) -> str:
    return person.name if person is not None else ""
