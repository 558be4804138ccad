"""The door of benefits: make a run, release it, hand it to the bank, book the answer; what pages show of runs."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from qingmiao.benefits.bank import payment_file, read_answers, yuan_text
from qingmiao.benefits.runs import KIND_WORDS
from qingmiao.content.base import Label
from qingmiao.content.benefits import Benefit, PaymentFile
from qingmiao.flow import Step
from qingmiao.flow.table import State
from qingmiao.kernel.errors import UserError
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.benefits import doors, keeping
from qingmiao.site.apps.benefits.models import BenefitClaim, BenefitPayment, BenefitRun
from qingmiao.site.apps.benefits.workflow import BENEFIT_RUN
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, ConflictError, NotAllowedError, Seen
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach

__all__ = [
    "MAX_BYTES", "AbsentError", "BenefitOffer", "ConflictError", "NotAllowedError", "PaymentShown", "RunPage", "RunRow",
    "bank_file", "book", "make", "move", "offered", "runs", "settle", "shown", "working_roles",
]  # fmt: skip
MAX_BYTES = 4 << 20
"""The size of a bank's answer at most."""
CHANGES = {"new": Label(zh="新增", en="new"), "stopped": Label(zh="停发", en="stopped"),
           "changed": Label(zh="变化", en="changed")}  # fmt: skip


@dataclass(frozen=True)
class BenefitOffer:
    """A benefit of which this person may make a run for the unit."""

    id: str
    label: Label
    unit: str
    unit_label: str


@dataclass(frozen=True)
class RunRow:
    """A run as lists show it."""

    number: int
    label: Label
    month: date
    unit: str
    state: State
    children: int
    yuan: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True)
class PaymentShown:
    """A payment as pages show it: the account by its last digits."""

    case: int
    name: str
    month: date
    yuan: str
    kind: str
    holder: str
    account: str
    state: str
    reason: str


@dataclass(frozen=True)
class RunPage:
    """One run. `changes`, `held`, `claims`, `ending` (for whom it is the last month): rows with the child's name;
    `kinds`: of each kind of payment its words, how many there are and the sum; `steps`: what this person may do."""

    row: RunRow
    version: int
    released_by: str
    steps: tuple[Step, ...]
    changes: tuple[Mapping[str, Any], ...]
    held: tuple[Mapping[str, Any], ...]
    claims: tuple[Mapping[str, Any], ...]
    ending: tuple[Mapping[str, Any], ...]
    kinds: tuple[tuple[str, int, str], ...]
    payments: tuple[PaymentShown, ...]
    bounced: tuple[PaymentShown, ...]
    formats: tuple[tuple[str, Label], ...]


def working_roles() -> frozenset[str]:
    """The roles that make or release runs."""
    return frozenset(r for kind in keeping.every().values() for r in (*kind.pays, *kind.releases))


def _over(reach: Reach) -> dict[str, Organisation]:
    """The units over which this person holds a role at the very unit."""
    found = Organisation.objects.filter(pk__in=reach.own(working_roles())).order_by("pk")
    return {u.pk: u for u in found}


def offered(reach: Reach) -> tuple[BenefitOffer, ...]:
    """The benefits of which this person may make a run, by unit."""
    return tuple(
        BenefitOffer(kind.id, kind.label, unit.pk, unit.label)
        for unit in _over(reach).values()
        for kind in keeping.every().values()
        if reach.roles_over(unit) & set(kind.pays)
    )


def _visible(reach: Reach) -> list[tuple[str, str]]:
    """(unit, benefit) of the runs that this person sees."""
    return [
        (unit.pk, kind.id)
        for unit in _over(reach).values()
        for kind in keeping.every().values()
        if reach.roles_over(unit) & {*kind.pays, *kind.releases}
    ]  # fmt: skip


def runs(reach: Reach, size: int = 100) -> tuple[RunRow, ...]:
    """The runs that this person sees, the newest first."""
    seen = set(_visible(reach))
    found = BenefitRun.objects.filter(unit__in={u for u, _ in seen}).select_related("unit", "made_by").order_by("-id")
    return tuple(_row(run) for run in found[:size] if (run.unit_id, run.benefit) in seen)


def make(reach: Reach, benefit: str, unit: str, month: date) -> int:
    """Work out the run of a benefit for a month (a day of it) and keep it; its number.

    AbsentError where this person may not; NotAllowedError for a month that has not begun, or where there is nothing to
    pay; ConflictError while another run of the benefit is under way.
    """
    offer = next((o for o in offered(reach) if (o.id, o.unit) == (benefit, unit)), None)
    if offer is None:
        raise AbsentError("没有这种待遇")
    first = month.replace(day=1)
    if first > timezone.localdate():
        raise NotAllowedError("这个月还没有到，不能发放")
    with transaction.atomic():
        keeping.one_at_a_time()
        mark = f"{first:%Y%m}-{BenefitRun.objects.count() + 1}-"
        found, names = keeping.worked_out(reach, benefit, first, mark)
        run = BenefitRun(
            benefit=benefit, unit_id=unit, month=first, children=found.children, fen=found.fen, made_by=reach.person,
            made_at=timezone.now(),
        )  # fmt: skip
        access.create(reach, run, "make", {doors.DRAFT: found, doors.NAMES: names})
    return run.pk


def _get(reach: Reach, number: int) -> BenefitRun:
    run = BenefitRun.objects.select_related("unit", "made_by", "released_by").filter(pk=number).first()
    if run is None or (run.unit_id, run.benefit) not in set(_visible(reach)):
        raise AbsentError("没有这一批")
    return run


def _row(run: BenefitRun) -> RunRow:
    kind = keeping.every().get(run.benefit)
    label = kind.label if kind is not None else Label(zh=run.benefit, en=run.benefit)
    state = next(s for s in BENEFIT_RUN.states if s.name == run.state)
    return RunRow(
        run.pk, label, run.month, run.unit.label, state, run.children, yuan_text(run.fen), run.made_by.name, run.made_at
    )  # fmt: skip


def shown(reach: Reach, number: int) -> RunPage:
    """One run. Raises AbsentError where there is none to see."""
    run = _get(reach, number)
    kind, told = keeping.every().get(run.benefit), keeping.told(run)
    words = {"open": "等回盘" if run.state == "sent" else "", "paid": "已入账", "bounced": "退回"}
    payments = []
    for p in BenefitPayment.objects.filter(run=run).order_by("pk"):
        to = keeping.opened(p)
        payments.append(
            PaymentShown(
                p.case_id, to.get("name", ""), p.month, yuan_text(p.fen), KIND_WORDS[p.kind], to.get("holder", ""),
                f"…{to.get('account', '')[-4:]}", words[p.state], p.reason,
            )
        )  # fmt: skip
    names = {p.case: p.name for p in payments} | {c["case"]: c["name"] for c in told["changes"]}
    ends = {"open": "追回中", "recovered": "已追回", "written_off": "已核销"}
    claims = [
        {"number": c.pk, "case": c.case_id, "name": names.get(c.case_id, ""), "month": c.month,
         "yuan": yuan_text(c.fen), "state": ends[c.state], "open": c.state == "open"}
        for c in BenefitClaim.objects.filter(run=run).order_by("pk")
    ]  # fmt: skip
    return RunPage(
        _row(run), run.version, run.released_by.name if run.released_by is not None else "",
        tuple(s for s in access.steps(reach, run) if s.name != "release" or run.made_by_id != reach.person.pk),
        tuple(_change(kind, c) for c in told["changes"]), tuple(told["held"]), tuple(claims),
        tuple(told["ending"]), _kinds(run),
        tuple(payments), tuple(p for p in payments if p.state == words["bounced"]),
        tuple((f.id, f.label) for f in _files().values()),
    )  # fmt: skip


def _kinds(run: BenefitRun) -> tuple[tuple[str, int, str], ...]:
    rows = BenefitPayment.objects.filter(run=run).values("kind").annotate(n=Count("pk"), fen=Sum("fen"))
    found = {r["kind"]: r for r in rows}
    return tuple((words, found[k]["n"], yuan_text(found[k]["fen"])) for k, words in KIND_WORDS.items() if k in found)


def _change(kind: Benefit | None, one: Mapping[str, Any]) -> dict[str, Any]:
    def side(of: Mapping[str, Any] | None) -> str:
        if of is None:
            return ""
        care = kind.care[of["care"]].label.zh if kind is not None and of["care"] in kind.care else ""
        amount = f"{yuan_text(of['fen'])} 元" if of["fen"] is not None else "待补"
        return "，".join(x for x in (amount, care, f"账号尾号 {of['account']}" if of["account"] else "") if x)

    ended = (one["before"] or {}).get("ends", "") if one["now"] is None else ""
    told = {"label": CHANGES[one["kind"]], "before": side(one["before"]), "now": side(one["now"]) or ended}
    return {"case": one["case"], "name": one["name"], **told}


def move(reach: Reach, number: int, step: str, *, version: int, reason: str = "") -> None:
    """Release, drop or hand over a run. Raises as `access.perform`."""
    run = _get(reach, number)
    with transaction.atomic():
        answers: dict[str, Any] = {"reason": reason}
        if step == "release":
            keeping.one_at_a_time()
            answers[doors.DRAFT], _ = keeping.worked_out(reach, run.benefit, run.month, "-", beside=run.pk)
        access.perform(reach, run, step, Seen(version=version), answers)


def settle(reach: Reach, number: int, claim: int, result: str, *, version: int) -> None:
    """Book how a claim ended: `recovered` or `written_off`."""
    run = _get(reach, number)
    if result not in ("recovered", "written_off") or not BenefitClaim.objects.filter(run=run, pk=claim).exists():
        raise NotAllowedError("请选择追回的一笔和结果")
    access.perform(reach, run, "settle", Seen(version=version), {doors.CLAIM: claim, doors.RESULT: result})


def _files() -> Mapping[str, PaymentFile]:
    return site_pack.pack().entries("payment_files", PaymentFile)


def bank_file(reach: Reach, number: int, layout: str) -> tuple[str, bytes]:
    """The payment file of a run that was released, its name and bytes; who took it stands in the trail."""
    run, file = _get(reach, number), _files().get(layout)
    if file is None or run.state not in ("released", "sent") or not _pays(reach, run):
        raise AbsentError("没有这个文件")
    rows = BenefitPayment.objects.filter(run=run).order_by("pk")
    payments = [keeping.payment_of(p, run.benefit, keeping.opened(p)) for p in rows]
    data = payment_file(file, payments, keeping.every())
    with transaction.atomic():
        audit.append(
            reach.person, "benefits.file", object_type="benefit_run", object_id=run.pk, detail={"layout": layout}
        )
    return f"代发-{run.month:%Y-%m}-{run.pk}.{file.format}", data


def _pays(reach: Reach, run: BenefitRun) -> bool:
    return "pays" in doors.relations(run, reach.person)


def book(reach: Reach, number: int, layout: str, *, name: str, data: bytes, version: int) -> None:
    """Book the bank's answer to a run, the whole of it or nothing. Raises UserError with every line that does not
    fit."""
    run, file = _get(reach, number), _files().get(layout)
    if file is None or not _pays(reach, run):
        raise AbsentError("没有这一批")
    access.require(reach, run, "book")
    suffix = Path(name).suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise UserError("请选择 .xlsx 或 .csv 的回盘文件")
    if len(data) > MAX_BYTES:
        raise UserError(f"文件超过 {MAX_BYTES >> 20} MB")
    rows = BenefitPayment.objects.filter(run=run).order_by("pk")
    payments = [keeping.payment_of(p, run.benefit, {}) for p in rows]
    with tempfile.TemporaryDirectory(prefix="qm-answer-") as folder:
        path = Path(folder) / f"回盘{suffix}"
        path.write_bytes(data)
        answers = read_answers(file, path, payments)
    access.perform(reach, run, "book", Seen(version=version), {doors.ANSWERS: answers})
