"""The door of casework: open a case, take its steps, answer referrals; what pages show of cases.

Every write goes through `access.create` or `access.perform` and carries an operation id: the same one arriving twice is
done once. Pages get dataclasses and name cases by their numbers. What somebody may not see is not there (AbsentError).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.cases import keeping, programmes, queue, showing, standing
from qingmiao.site.apps.cases.alike import AlikeCase, alike
from qingmiao.site.apps.cases.beside import (
    CaseFileRow,
    NoteShown,
    ToDoShown,
    add_document,
    add_note,
    document,
    documents,
    notes,
    to_do_done,
    to_dos,
    to_dos_of,
)
from qingmiao.site.apps.cases.by_programme import WorkedProgramme, by_programme
from qingmiao.site.apps.cases.finding import open_of_unit
from qingmiao.site.apps.cases.funnels import FunnelShown, FunnelsPage, LinkShown, funnels
from qingmiao.site.apps.cases.giving import CaseOnFile, files_of
from qingmiao.site.apps.cases.listing import (
    CaseList,
    ListedCase,
    ListOffered,
    judge_cases,
    list_offered,
    list_template,
    open_listed,
    read_case_list,
)
from qingmiao.site.apps.cases.opening import (
    LikelyChild,
    OfferedProgramme,
    likely_children,
    link_child,
    offered,
    open_case,
    opening,
)
from qingmiao.site.apps.cases.overview import (
    CasesOverview,
    ChainCount,
    ChainLinkCount,
    PlaceCount,
    ProgrammeCount,
    UnitCount,
    may_overview,
    overview,
    unit_names,
)
from qingmiao.site.apps.cases.printing import printed
from qingmiao.site.apps.cases.programmes import ready, working_roles
from qingmiao.site.apps.cases.queue import MOST_COUNTED, QUEUES, Queue, QueueCounts, QueueFilters, QueuePage, QueueRow
from qingmiao.site.apps.cases.rounds import (
    RoundList,
    RoundPage,
    RoundPerson,
    RoundShown,
    RoundUnit,
    round_list,
    round_page,
    rounds,
    state_staff,
)
from qingmiao.site.apps.cases.showing import (
    CaseFieldShown,
    CaseOrigin,
    CasePage,
    ClockShown,
    LinkedCase,
    ProposalShown,
    ReferralShown,
    StepOffered,
    TimelineRow,
)
from qingmiao.site.apps.cases.stepping import StepDone, answer_referral, confirm_step, refuse_proposal, take_step
from qingmiao.site.apps.cases.unsealing import UnsealingRow, agree_unsealing, ask_unsealing, unsealings
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, ConflictError, NotAllowedError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records.api import about

__all__ = [
    "MOST_COUNTED",
    "QUEUES",
    "AbsentError",
    "AlikeCase",
    "CaseFieldShown",
    "CaseFileRow",
    "CaseList",
    "CaseOnFile",
    "CaseOrigin",
    "CasePage",
    "CasesOverview",
    "ChainCount",
    "ChainLinkCount",
    "ClockShown",
    "ConflictError",
    "FamilyBrief",
    "FunnelShown",
    "FunnelsPage",
    "LikelyChild",
    "LinkShown",
    "LinkedCase",
    "ListOffered",
    "ListedCase",
    "NotAllowedError",
    "NoteShown",
    "OfferedProgramme",
    "PlaceCount",
    "ProgrammeCount",
    "ProposalShown",
    "Queue",
    "QueueCounts",
    "QueueFilters",
    "QueuePage",
    "QueueRow",
    "ReferralShown",
    "RoundList",
    "RoundPage",
    "RoundPerson",
    "RoundShown",
    "RoundUnit",
    "StepDone",
    "StepOffered",
    "TimelineRow",
    "ToDoShown",
    "UnitCount",
    "UnsealingRow",
    "WorkedProgramme",
    "add_document",
    "add_note",
    "agree_unsealing",
    "alike",
    "answer_referral",
    "ask_unsealing",
    "by_programme",
    "case",
    "cases_of_child",
    "confirm_step",
    "counts",
    "document",
    "documents",
    "family",
    "files_of",
    "first_waiting",
    "funnels",
    "judge_cases",
    "likely_children",
    "link_child",
    "list_cases",
    "list_offered",
    "list_template",
    "may_overview",
    "notes",
    "offered",
    "open_case",
    "open_listed",
    "open_of_unit",
    "opening",
    "overview",
    "printed",
    "read_case_list",
    "ready",
    "refuse_proposal",
    "reveal",
    "round_list",
    "round_page",
    "rounds",
    "state_staff",
    "take_step",
    "to_do_done",
    "to_dos",
    "to_dos_of",
    "unit_names",
    "unsealings",
    "working_roles",
]  # fmt: skip
FamilyBrief = about.FamilyBrief
SEE, REVEAL = "cases.see", "cases.reveal"


def case(reach: Reach, number: int, as_of: datetime | None = None) -> CasePage:
    """A case as this person sees it, as of a moment; the sight is written down. AbsentError for every other."""
    found, sight = standing.get(reach, number)
    if as_of is not None and as_of < found.opened_at:
        raise AbsentError("那时还没有这个个案")
    page = showing.page(standing.sights(reach), found, sight, as_of)
    audit.seen(reach.person, SEE, object_type="case", object_id=number, detail={"sight": sight.sight})
    return page


def reveal(reach: Reach, number: int, group: str, *, purpose: str) -> tuple[CaseFieldShown, ...]:
    """The fields of a restricted group, for whoever may read it and says why; the reading is written down."""
    found, sight = standing.get(reach, number)
    shown = showing.ShownCase(programmes.ready(found.programme), sight)
    if not shown.may_read(group):
        raise AbsentError("没有这组栏目")
    if len(purpose.strip()) < access.LEAST_WORDS:
        raise UserError(f"请写明查看的用途（不少于 {access.LEAST_WORDS} 个字）")
    file = keeping.file_of(found)
    audit.seen(
        reach.person, REVEAL, object_type="case", object_id=number,
        detail={"group": group, "purpose": purpose.strip()[:200]},
    )  # fmt: skip
    fields = shown.ready.fields
    return tuple(
        shown.field(k, file.values[k], opened=True) for k in fields if fields[k].group == group and k in file.values
    )


def family(reach: Reach, page: CasePage) -> about.FamilyBrief | None:
    """The family of the child of a case, as the child's file has it now; None for who does not see case and file
    whole, and where the case has no file."""
    if page.sight != "full" or page.as_of is not None or page.child is None:
        return None
    return about.family_of(reach, page.child.number)


def list_cases(reach: Reach, filters: QueueFilters | None = None, *, after: str = "") -> QueuePage:
    """A page of a queue (`QUEUES`): danger first, then what ends first."""
    return queue.queue(reach, filters or QueueFilters(), after=after)


def counts(reach: Reach) -> dict[Queue, QueueCounts]:
    """Of every queue how many open cases there are, late ones, those in danger."""
    return queue.counts(reach)


def first_waiting(reach: Reach, names: Sequence[Queue]) -> tuple[Queue, QueueCounts]:
    """The first of some queues in which something stands (else the last of them): how many open cases there are, late
    ones, those in danger."""
    return queue.first_waiting(reach, names)


def cases_of_child(reach: Reach, child: int) -> tuple[QueueRow, ...]:
    """The cases of a child that this person sees."""
    return queue.of_child(reach, child)
