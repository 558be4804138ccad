"""What pages show of editions, to whoever may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.clocks import ClockStanding
from qingmiao.flow import Step
from qingmiao.kernel.decisions import Decision
from qingmiao.report.languages import ENGLISH, LANGUAGES
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.clocks import standings
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.publishing import policies
from qingmiao.site.apps.publishing.models import Edition
from qingmiao.site.apps.publishing.offered import named
from qingmiao.site.apps.publishing.permissions import may_see, may_write
from qingmiao.site.apps.publishing.public_tables import KIND as PUBLIC
from qingmiao.site.apps.publishing.public_tables import PublicOutline, outline
from qingmiao.site.apps.publishing.workflow import FLOW, EditionState
from qingmiao.site.apps.publishing.writing import ANNEX, KINDS, file
from qingmiao.site.apps.publishing.yearbooks import KINDS as YEARBOOK
from qingmiao.site.narrowing import EVERYTHING, Narrowed
from qingmiao.site.paging import page_of

PAGE = 50
"""Editions on one page."""


@dataclass(frozen=True)
class EditionView:
    """One edition as pages show it. `report` is what it is called, `language` what its language is; people by their
    names; `files` by format; `approval`: may this person approve it; `public`: what goes to the public beside the
    numbers, for those who write and approve."""

    pk: int
    year: int
    report: Label
    language: Label
    number: int
    state: EditionState
    version: int
    note: str
    progress: str
    done: int
    of: int
    run_id: int
    snapshot: str
    started_by: str
    started_at: datetime
    submitted_by: str
    approved_by: str
    released_at: datetime | None
    changed: int
    editors: tuple[str, ...]
    files: tuple[tuple[str, Mapping[str, Any]], ...]
    steps: tuple[Step, ...] = ()
    approval: Decision | None = None
    can_edit: Decision | None = None
    deadlines: tuple[ClockStanding, ...] = ()
    public: PublicOutline | None = None

    @property
    def busy(self) -> bool:
        """A job is at work on it."""
        return self.state in (EditionState.MAKING, EditionState.PREPARING)


def _view(edition: Edition, **more: Any) -> EditionView:
    def name(person: Person | None) -> str:
        return person.name if person is not None else ""

    return EditionView(
        edition.pk, edition.year, named(edition.layout, edition.field, edition.language),
        LANGUAGES.get(edition.language, Label(zh=edition.language)), edition.number, EditionState(edition.state),
        edition.version, edition.note, edition.progress, edition.done, edition.of, edition.run_id, edition.run.snapshot,
        name(edition.started_by), edition.started_at, name(edition.submitted_by), name(edition.approved_by),
        edition.released_at, len(edition.edits), **{"editors": (), **more},
        files=tuple((f, edition.files[f] | _kind(f)) for f in KINDS if f in edition.files),
    )  # fmt: skip


def _kind(name: str) -> dict[str, Any]:
    """The format of a file, and whether it is the annex's or the public's."""
    return {
        "format": name.removeprefix(f"{ANNEX}.").removeprefix("public.").removeprefix("yearbook."),
        "annex": name.startswith(ANNEX),
        "public": name == PUBLIC,
        "yearbook": name in YEARBOOK,
    }


_PEOPLE = ("run", "started_by", "submitted_by", "approved_by")


def listed(
    reach: Reach, *, year: int = 0, narrowed: Narrowed = EVERYTHING, after: str = "", size: int = PAGE
) -> tuple[list[EditionView], str]:
    """The editions that a person may see (of a year, or all; narrowed), the latest begun first, and the mark of the
    next page. Raises ValueError for an `after` that no page has given.
    """
    states = [s.value for s in EditionState if may_see(reach, s.value)]
    found = Edition.objects.select_related(*_PEOPLE).filter(state__in=states)
    found = found.filter(year=year) if year else found
    pairs = found.order_by().values_list("layout", "field", "language").distinct() if narrowed.words else ()
    for word in narrowed.words:
        fitting = [p for p in pairs if Narrowed(word).fits(named(*p).zh, named(*p).en or "")]
        names = Q(started_by__name__icontains=word) | Q(approved_by__name__icontains=word)
        found = found.filter(reduce(or_, (Q(layout=x, field=f, language=y) for x, f, y in fitting), names))
    found = found.filter(**{k: v for k, v in {"state": "", **narrowed.more}.items() if v})
    if narrowed.field:
        found = found.filter(field=narrowed.field)
    rows, following = page_of(found, "started_at", after=after, size=size, newest_first=True)
    return [_view(e) for e in rows], following


def shown(reach: Reach, number: int) -> EditionView:
    """One edition with what this person can do about it. Raises AbsentError where it is not there or not to be seen."""
    edition = _seen(reach, number)
    editors = Person.objects.filter(pk__in=edition.editors).order_by("pk").values_list("name", flat=True)
    approval = policies.can_approve(edition, reach.person.username)
    deadlines = monitoring.pack().deadlines_of(f"flow:{FLOW.name}", timezone.localdate())
    path = file(edition, PUBLIC) if may_write(reach) else None
    return _view(
        edition, editors=tuple(editors) if edition.editors else (), approval=approval,
        public=None if path is None else outline(path.read_bytes()),
        can_edit=policies.can_edit(edition),
        steps=tuple(s for s in access.steps(reach, edition) if s.name != "edit" and (s.name != "approve" or approval)),
        deadlines=tuple(s for s in standings(edition, deadlines, timezone.now()) if s.state not in ("met", "met_late")),
    )  # fmt: skip


def _seen(reach: Reach, number: int) -> Edition:
    edition = Edition.objects.select_related(*_PEOPLE).filter(pk=number).first()
    if edition is None or not may_see(reach, edition.state):
        raise access.AbsentError("没有这份报告")
    return edition


def download(reach: Reach, number: int, suffix: str) -> tuple[Path, str]:
    """The path of a file of an edition and the name to give it; the reading is audited. AbsentError where it is not
    whole."""
    edition = _seen(reach, number)
    path = file(edition, suffix)
    if path is None:
        raise access.AbsentError("没有这个文件")
    about = {"format": suffix}
    audit.seen(reach.person, "publishing.download", object_type="edition", object_id=edition.pk, detail=about)
    return path, f"{_file_title(edition, path.stem)}{path.suffix}"


def _file_title(edition: Edition, stem: str) -> str:
    """What a file is called where it is saved: year, report, edition and state, in the language of the edition."""
    state = EditionState(edition.state)
    if edition.language == ENGLISH:
        return f"{stem} {edition.year} - edition {edition.number} - {state.label_en}"
    return f"{edition.year}年{stem}-第{edition.number}版-{state.label}"


def years() -> list[int]:
    """The years that a report can be made for."""
    state = monitoring.current()
    return [] if state is None else [y for y in state.years if y <= state.run.year]


def released_in(year: int) -> int:
    """How many reports were released in a calendar year."""
    return Edition.objects.filter(released_at__year=year, state=EditionState.RELEASED).count()
